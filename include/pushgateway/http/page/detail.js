// One group: when it was pushed, its families, their samples.

import { ask, askIfChanged, askJson, base, groupPath, pushUrl, query } from "./api.js";
import { eraseAfterAsking } from "./actions.js";
import { arrange, byId, copy, h, toast } from "./dom.js";
import { count, number, plural, quoted, short, visible } from "./format.js";
import { isPermitted, when } from "./groups.js";
import { histogram, summary } from "./plot.js";
import { onShow, show, view } from "./view.js";

const familiesAtOnce = 100;
const samplesAtOnce = 100;
const openIfAtMost = 5;
const heredocMost = 100000;

let shownPath = "";
let group = null;
let familyLimit = familiesAtOnce;
let filter = "";
const openFamilies = new Map(); // name → true or false, as chosen by the reader
const loaded = new Map(); // name → samples asked for beyond the first ones

/** Asks for the open group, and shows it if it changed. */
export async function refreshDetail() {
  if (!view.open || view.view !== "groups") return;
  const path = view.open;
  try {
    const answer = await askIfChanged(`${groupPath(path)}${query({ limit: familyLimit, samples: 10 })}`, shownPath !== path || !group);
    if (view.open !== path || !answer) return;
    if (shownPath !== path) reset(path);
    group = answer;
    await loadAgain(path);
    if (view.open !== path) return;
    render();
  } catch (error) {
    if (view.open !== path) return;
    if (error.status === 404) {
      group = null;
      shownPath = path;
      renderGone();
    } else if (error.status === 400) {
      show({ open: "" });
    }
  }
}

async function loadAgain(path) {
  for (const [name, samples] of [...loaded]) {
    try {
      loaded.set(name, await samplesOf(path, name, samples.length));
    } catch (error) {
      // The group is there, but pushed without this family by now.
      if (error.status !== 404) throw error;
      loaded.delete(name);
    }
  }
}

function reset(path) {
  shownPath = path;
  group = null;
  filter = "";
  familyLimit = familiesAtOnce;
  openFamilies.clear();
  loaded.clear();
  byId("detail").replaceChildren();
}

async function samplesOf(path, family, limit) {
  const samples = [];
  while (samples.length < limit) {
    const part = await askJson(`${groupPath(path)}${query({ family, offset: samples.length, limit: Math.min(1000, limit - samples.length) })}`);
    const got = part.families[0].metrics;
    samples.push(...got);
    if (got.length === 0 || samples.length >= part.families[0].metric_count) break;
  }
  return samples;
}

function labelText(labels) {
  const pairs = Object.entries(labels);
  if (!pairs.length) return [h("span.none", {}, "no labels")];
  return pairs.map(([name, value]) => h("span.label", {}, h("i", {}, visible(name, 200)), h("bdi", {}, visible(value) || "\u00a0")));
}

// Unix times of this age, of families that say so.
const mayBeTime = (name, value) => /_(time|timestamp|seconds)/.test(name) && value > 1e9 && value < 4e9;

function valueText(text, name) {
  const value = number(text);
  const exact = h("data", { value: text }, text);
  const brief = short(value);
  if (!Number.isFinite(value) || Math.abs(value) < 1e5 || brief === text) return [exact];
  return [exact, h("small", {}, mayBeTime(name, value) ? new Date(value * 1000).toLocaleString() : brief)];
}

function complex(sample) {
  const plot = sample.quantiles ? summary(sample) : histogram(sample);
  const total = number(sample.count);
  const facts = [["count", sample.count], ["sum", sample.sum]];
  if (total > 0) facts.push(["mean", short(number(sample.sum) / total)]);
  const rows = (sample.quantiles ?? sample.buckets ?? []).map(([bound, value]) =>
    h("tr", {}, h("th", { scope: "row" }, sample.quantiles ? bound : `≤ ${bound}`), h("td.number", {}, value)));
  return h("div.complex", {},
    h("div.labels", {}, labelText(sample.labels)), plot,
    h("dl.facts", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    rows.length ? h("details.numbers", {}, h("summary", {}, sample.quantiles ? "Quantiles" : "Buckets, cumulative"),
      h("table", {}, h("tbody", {}, rows))) : null);
}

// One sample without labels: its value stands beside the name already.
const alone = ({ metric_count: all, metrics: [first] }) => all === 1 && first && "value" in first && !Object.keys(first.labels).length;

function samplesTable(family) {
  const samples = loaded.get(family.name) ?? family.metrics;
  const simple = samples.filter((sample) => "value" in sample);
  const out = [];
  if (alone(family)) {
    const [, hint] = valueText(simple[0].value, family.name);
    return hint ? [h("p.none", {}, hint.textContent)] : family.help ? [] : [h("p.none", {}, "no labels, no help")];
  }
  if (simple.length) {
    out.push(h("table.samples", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Labels"), h("th.number", { scope: "col" }, "Value"))),
      h("tbody", {}, simple.map((sample) => h("tr", {}, h("td.labels", {}, labelText(sample.labels)), h("td.number", {}, valueText(sample.value, family.name)))))));
  }
  out.push(...samples.filter((sample) => !("value" in sample)).map(complex));
  const left = family.metric_count - samples.length;
  if (left > 0) {
    out.push(h("button.quiet", {
      type: "button",
      onclick: async (event) => {
        event.target.disabled = true;
        try {
          loaded.set(family.name, await samplesOf(shownPath, family.name, samples.length + samplesAtOnce));
          render();
        } catch (error) {
          event.target.disabled = false;
          toast(visible(error.message, 200));
        }
      },
    }, `Show ${count(Math.min(left, samplesAtOnce))} more of ${count(family.metric_count)}`));
  }
  return out;
}

/** Other content for `parent`. What the reader has unfolded there stays so, and what has the focus keeps it. */
function refill(parent, children) {
  const parts = () => [...parent.querySelectorAll("summary, button")];
  const unfolded = [...parent.querySelectorAll("details")].map((details) => details.open);
  const focused = parts().indexOf(document.activeElement);
  parent.replaceChildren(...children);
  parent.querySelectorAll("details").forEach((details, i) => { details.open = unfolded[i] ?? false; });
  if (focused >= 0) parts()[focused]?.focus({ preventScroll: true });
}

const isUnfolded = (name) => openFamilies.get(name) ?? group.family_count <= openIfAtMost;

function familyOf(family, known) {
  const element = known ?? h("details.family", {}, h("summary", {}), h("div.content", {}));
  const [summary, content] = element.children;
  const signature = JSON.stringify([family, loaded.get(family.name)]);
  const fillContent = () => {
    refill(content, [...(family.help ? [h("p.help", {}, h("bdi", {}, visible(family.help, 10000)))] : []), ...samplesTable(family)]);
    element.filled = signature;
  };
  if (element.signature !== signature) {
    element.signature = signature;
    element.dataset.name = family.name;
    const one = family.metrics.length === 1 && family.metric_count === 1 && "value" in family.metrics[0] && family.metrics[0];
    summary.replaceChildren(h("span.name", {}, h("bdi", {}, visible(family.name, 300))), h("span.type", {}, family.type),
      h("span.brief", {}, one ? h("data", { value: one.value }, one.value) : plural(family.metric_count, "metric")));
    element.ontoggle = () => {
      if (element.open !== isUnfolded(family.name)) openFamilies.set(family.name, element.open);
      if (element.open && element.filled !== signature) fillContent();
    };
  }
  element.open = isUnfolded(family.name);
  if (element.open && element.filled !== signature) fillContent();
  return element;
}

async function text() {
  return (await ask(`${groupPath(shownPath)}?format=text`)).text();
}

const hasNative = () => group.families.some(({ metrics }) => metrics.some(({ cells }) => cells));

async function pushCommand() {
  const body = await text();
  const url = quoted(pushUrl(group.path));
  // A terminal takes controls for keys that were pressed.
  if (body.length > heredocMost || /[^\P{Cc}\n]/u.test(body)) {
    const from = quoted(new URL(`${groupPath(shownPath)}?format=text`, base).href);
    return `curl -sS ${from} -o group.txt\ncurl -sS -X PUT --data-binary @group.txt ${url}\n`;
  }
  let end = "END";
  while (body.split("\n").includes(end)) end += "_";
  return `curl -sS -X PUT --data-binary @- ${url} <<'${end}'\n${body}${end}\n`;
}

function header() {
  const failed = !group.last_push_successful;
  const buttons = [
    h("button", { type: "button", onclick: () => copy(text(), "the metrics as text") }, "Copy text"),
    isPermitted().push ? h("button", { type: "button", onclick: () => copy(pushCommand(), `a command that pushes this${hasNative() ? ", without the native buckets, which text cannot tell" : ""}`) }, "Copy curl push") : null,
    isPermitted().delete ? h("button", { type: "button", onclick: () => copy(`curl -sS -X DELETE ${quoted(pushUrl(group.path))}\n`, "a command that deletes this") }, "Copy curl delete") : null,
    isPermitted().delete ? h("button.danger", { type: "button", onclick: () => eraseAfterAsking([{ labels: group.labels, path: group.path }], () => show({ open: "" })) }, "Delete…") : null,
  ];
  return [
    h("div.title", {},
      h("h2", { tabindex: "-1", id: "detail-title" }, h("bdi", {}, visible(group.labels.job, 500))),
      h("button.quiet.close", { type: "button", "aria-label": "Close this group", title: "Close (Escape)", onclick: () => show({ open: "" }) }, "✕")),
    h("div.labels", {}, Object.entries(group.labels).filter(([name]) => name !== "job").map(([name, value]) =>
      h("span.label", {}, h("i", {}, visible(name, 200)), h("bdi", {}, visible(value) || "\u00a0")))),
    h("p.times", {},
      h("span.sizes", {}, `${count(group.family_count)} ${group.family_count === 1 ? "family" : "families"}, ${count(group.series)} series`),
      "Pushed ", when(group.push_time), group.push_failure_time ? [", failed ", when(group.push_failure_time)] : null),
    failed ? h("div.callout", { role: "note" }, h("strong", {}, "The last push failed. "),
      h("span", {}, h("bdi", {}, visible(group.failure ?? "The reason is no longer known.")))) : null,
    h("div.buttons", {}, buttons),
  ].filter(Boolean);
}

function renderGone() {
  byId("detail").replaceChildren(
    h("div.title", {}, h("h2", {}, "This group is gone"),
      h("button.quiet.close", { type: "button", "aria-label": "Close this group", onclick: () => show({ open: "" }) }, "✕")),
    h("p", {}, "It was deleted, or never pushed: ", h("code", {}, visible(view.open, 300))));
}

function render() {
  if (!group || shownPath !== view.open) return;
  const detail = byId("detail");
  let head = detail.querySelector(".head");
  if (!head) {
    head = h("div.head", {});
    const input = h("input", { type: "search", placeholder: "Filter families", "aria-label": "Filter families", value: filter, oninput: () => { filter = input.value; render(); } });
    detail.replaceChildren(head, h("div.family-filter", {}, input), h("div.families", {}), h("div.after", {}));
  }
  const { families, ...rest } = group;
  const signature = JSON.stringify([rest, isPermitted()]);
  if (head.dataset.signature !== signature && !head.contains(document.activeElement)) {
    head.dataset.signature = signature;
    head.replaceChildren(...header());
  } else if (head.dataset.signature !== signature) {
    const times = header().find((element) => element.classList.contains("times"));
    head.querySelector(".times").replaceWith(times);
  }
  detail.querySelector(".family-filter").hidden = group.family_count < 8;
  const list = detail.querySelector(".families");
  const known = new Map([...list.children].map((element) => [element.dataset.name, element]));
  const wanted = filter.toLowerCase();
  const found = families.filter(({ name, help }) => `${name} ${help ?? ""}`.toLowerCase().includes(wanted));
  arrange(list, found.map((family) => familyOf(family, known.get(family.name))));
  const after = detail.querySelector(".after");
  const left = group.family_count - families.length;
  after.replaceChildren(...(left > 0 ? [h("button.quiet", {
    type: "button", onclick: () => { familyLimit = Math.min(1000, familyLimit * 3); refreshDetail(); },
  }, familyLimit < 1000 ? `Show more of ${count(group.family_count)} families` : `${count(left)} more families are not shown`)] : []),
  ...(families.length && !found.length ? [h("p.none", {}, "No family is like that.")] : []),
  ...(families.length ? [] : [h("p.none", {}, "The group holds no families.")]));
}

function place(before) {
  const detail = byId("detail");
  const isOpen = Boolean(view.open);
  detail.hidden = !isOpen;
  byId("split").classList.toggle("opened", isOpen);
  if (before && before.open && !isOpen) {
    reset("");
    // Back to where the reader came from.
    [...document.querySelectorAll("#rows tr")].find((row) => row.dataset.path === before.open)?.querySelector("a")?.focus({ preventScroll: true });
  }
}

export function startDetail() {
  place(null);
  onShow((before) => {
    if (before.open === view.open && before.view === view.view) return;
    place(before);
    refreshDetail();
  });
}
