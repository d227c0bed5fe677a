#pragma once

/// \file
/// The files of the web page, as script/page has copied them: change those, not this.

#include <array>
#include <string_view>

namespace pushgateway::http::page {

/// A file: its name, its Content-Type, its text.
struct asset {
    std::string_view name;
    std::string_view type;
    std::string_view text;
};

/// Another one for other files.
inline constexpr std::string_view version = "06be938a419e5d82";

inline constexpr std::array assets{
    asset{"actions.js", "text/javascript; charset=utf-8",
R"page(// What changes something: asked once more, then done, with what became of it.

import { erase, wipe, askJson, query } from "./api.js";
import { byId, h, toast } from "./dom.js";
import { count, groupName, plural, visible } from "./format.js";

const shownInList = 200;
const atOnce = 6;

const listeners = [];
/** Calls `listener()` after groups were deleted. */
export const onDeleted = (listener) => listeners.push(listener);
const tellDeleted = () => listeners.forEach((listener) => listener());

const dialog = () => byId("dialog");

let opened = 0;

/** Shows something to be answered in place of what was there; its number for `isShown`. */
function open(title, ...content) {
  const element = dialog();
  element.replaceChildren(h("h2", { id: "dialog-title" }, title), ...content);
  if (!element.open) element.showModal();
  opened += 1;
  return opened;
}

// What takes its time must not put itself in the place of what the reader has opened since.
const isShown = (number) => dialog().open && number === opened;
const close = () => dialog().close();

function listOf(groups) {
  const items = groups.slice(0, shownInList).map(({ labels }) => h("li", {}, h("bdi", {}, groupName(labels))));
  if (groups.length > shownInList) items.push(h("li.more", {}, `and ${count(groups.length - shownInList)} more`));
  return h("ul.doomed", { tabindex: "0", "aria-label": "Groups to delete" }, items);
}

/** Asks, then deletes these groups: [{labels, path}]. `done(paths)` is told which are gone. */
export function eraseAfterAsking(groups, done = () => {}) {
  if (!groups.length) return;
  const one = groups.length === 1;
  const go = h("button.danger", { type: "button", onclick: () => eraseAll(groups, done) }, `Delete ${plural(groups.length, "group")}`);
  open(one ? "Delete this group?" : `Delete ${plural(groups.length, "group")}?`,
    h("p", {}, "Their metrics disappear from the next scrape. Jobs that push again bring them back."),
    listOf(groups),
    h("div.buttons", {}, h("button", { type: "button", onclick: close, autofocus: true }, "Cancel"), go));
}

async function eraseAll(groups, done) {
  const bar = h("progress", { max: groups.length, "aria-label": "Deleted groups" });
  bar.value = 0;
  const said = h("p", { role: "status" }, "");
  let stopped = false;
  const stop = h("button", { type: "button", onclick: () => { stopped = true; } }, "Stop");
  const mine = open("Deleting…", bar, said, h("div.buttons", {}, stop));
  const element = dialog();
  const keep = (event) => { event.preventDefault(); stopped = true; };
  element.addEventListener("cancel", keep);
  const gone = [];
  const failures = [];
  const left = [...groups];
  const work = async () => {
    while (left.length && !stopped) {
      const group = left.shift();
      try {
        await erase(group.path);
        gone.push(group.path);
      } catch (error) {
        failures.push({ group, error });
        // What is not permitted, or not answered, will not be for the next ones.
        if ([0, 401, 403].includes(error.status)) stopped = true;
      }
      bar.value = gone.length + failures.length;
      said.textContent = `${count(gone.length)} of ${count(groups.length)}`;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  element.removeEventListener("cancel", keep);
  done(gone);
  tellDeleted();
  if (!failures.length) {
    if (isShown(mine)) close();
    toast(`Deleted ${plural(gone.length, "group")}`);
    return;
  }
  if (dialog().open && !isShown(mine)) {
    toast(`${plural(gone.length, "group")} deleted, ${count(failures.length)} refused`);
    return;
  }
  open("Not everything was deleted",
    h("p", { role: "alert" }, `${plural(gone.length, "group")} deleted, ${count(failures.length)} refused: `,
      h("q", {}, visible(failures[0].error.message, 300))),
    listOf(failures.map(({ group }) => group)),
    h("div.buttons", {}, h("button", { type: "button", onclick: close }, "Close")));
}

/** All groups that a query of the API matches: [{labels, path}]. */
async function allMatching(parameters, told, goesOn) {
  const groups = [];
  let cursor;
  do {
    const part = await askJson(`api/v1/groups${query({ ...parameters, limit: 1000, cursor })}`);
    groups.push(...part.groups.map(({ labels, path }) => ({ labels, path })));
    cursor = part.next_cursor;
    told(groups.length, part.counts.matched);
  } while (cursor && goesOn());
  return groups;
}

/** Lists what a query matches, asks, and deletes it. */
export async function eraseMatching(parameters, done) {
  const said = h("p", { role: "status" }, "");
  const mine = open("Looking for the groups…", said, h("div.buttons", {}, h("button", { type: "button", onclick: close }, "Cancel")));
  try {
    const groups = await allMatching(parameters, (n, all) => { said.textContent = `${count(n)} of ${count(all)}`; }, () => isShown(mine));
    if (!isShown(mine)) return;
    if (groups.length) eraseAfterAsking(groups, done);
    else close();
  } catch (error) {
    said.textContent = error.message;
  }
}

/** Asks, then drops everything. */
export function wipeAfterAsking(all, done) {
  const go = h("button.danger", {
    type: "button",
    onclick: async () => {
      go.disabled = true;
      try {
        await wipe();
        if (isShown(mine)) close();
        toast("Everything is deleted");
        done();
        tellDeleted();
      } catch (error) {
        open("Nothing was deleted", h("p", { role: "alert" }, h("q", {}, visible(error.message, 300))),
          h("div.buttons", {}, h("button", { type: "button", onclick: close }, "Close")));
      }
    },
  }, `Wipe ${plural(all, "group")}`);
  const mine = open("Wipe the whole gateway?",
    h("p", {}, `All ${plural(all, "group")} of all jobs are deleted at once, also those that no filter shows.`),
    h("div.buttons", {}, h("button", { type: "button", onclick: close, autofocus: true }, "Cancel"), go));
}
)page"},
    asset{"api.js", "text/javascript; charset=utf-8",
R"page(// Questions to the gateway, all relative to where its files are: any prefix, any name, the browser's own credentials.

/** Below which URL all of the gateway is: this file is at static/VERSION/api.js. A proxy may show the page without a slash
 * at the end. */
export const base = new URL("../../", import.meta.url);

const answerTime = 15000;

/** What went wrong: `status` is that of HTTP, 0 if there was no answer at all. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

let offset = 0;
/** The gateway's idea of the time, Unix time in seconds. */
export const now = () => Date.now() / 1000 + offset;

const watchers = [];
/** Calls `watch(refusal or null)` after every question. */
export const watchAnswers = (watch) => watchers.push(watch);

const send = (path, options) => fetch(new URL(path, base), {
  cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(answerTime), ...options,
});

const ahead = new Map(); // path → promise of the answer

/** Sends what `ask` will be asked for in a moment, which then gets this answer. */
export function askAhead(path) {
  const answer = send(path, {});
  // Who asks is told.
  answer.catch(() => {});
  ahead.set(path, answer);
}

export async function ask(path, options = {}) {
  let answer;
  const sent = options.headers ? undefined : ahead.get(path);
  ahead.delete(path);
  try {
    answer = await (sent ?? send(path, options));
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const refusal = new Refusal(0, "The gateway does not answer");
    for (const watch of watchers) watch(refusal);
    throw refusal;
  }
  const date = Date.parse(answer.headers.get("Date"));
  // The field has whole seconds: only a clock that is really off matters.
  if (date) offset = Math.abs(date - Date.now()) > 3000 ? (date - Date.now()) / 1000 : 0;
  if (answer.ok || answer.status === 304) {
    for (const watch of watchers) watch(null);
    return answer;
  }
  const text = (await answer.text().catch(() => "")).trim().slice(0, 500);
  const refusal = new Refusal(answer.status, text || answer.statusText);
  if (options.quiet !== true) for (const watch of watchers) watch(refusal);
  throw refusal;
}

const tags = new Map();
const mostTags = 50;

/** JSON from the API; null if it is what the last question for the same path was answered with. */
export async function askIfChanged(path, again = false) {
  const tag = again ? undefined : tags.get(path);
  const answer = await ask(path, tag ? { headers: { "If-None-Match": tag } } : {});
  if (answer.status === 304) return null;
  tags.delete(path);
  tags.set(path, answer.headers.get("ETag"));
  if (tags.size > mostTags) tags.delete(tags.keys().next().value);
  return (await answer.json()).data;
}

export const askJson = async (path) => (await (await ask(path)).json()).data;

/** "?a=1&b=2", without what is undefined or empty. */
export function query(parameters) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") out.append(name, value);
  }
  const text = out.toString();
  return text && `?${text}`;
}

// The path that pushes into a group is the API's `path`: the page spells none itself. It begins with a slash, and is relative
// to the prefix.
export const pushUrl = (path) => new URL(path.slice(1), base).href;
export const groupPath = (path) => `api/v1/groups${path.slice("/metrics".length)}`;

export const erase = (path) => ask(pushUrl(path), { method: "DELETE", quiet: true });
export const wipe = () => ask("api/v1/admin/wipe", { method: "PUT", quiet: true });
)page"},
    asset{"detail.js", "text/javascript; charset=utf-8",
R"page(// One group: when it was pushed, its families, their samples.

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
)page"
R"page(  arrange(list, found.map((family) => familyOf(family, known.get(family.name))));
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
)page"},
    asset{"dom.js", "text/javascript; charset=utf-8",
R"page(// Elements made by the DOM alone: what was pushed only ever becomes text or the value of a harmless attribute.

import { visible } from "./format.js";

const svgSpace = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in setters) setters[name](element, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// As properties: an attribute would only be the beginning (value, checked), or is barred by the policy (style).
const setters = {
  value: (element, value) => { element.value = value; },
  checked: (element, value) => { element.checked = value; },
  style: (element, value) => Object.assign(element.style, value),
};

/** h("div.card", {attributes}, children…): an element with classes. A name that begins with "on" is a listener. */
export function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return fill(element, attributes, children);
}

/** The same for SVG. */
export function s(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElementNS(svgSpace, tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return fill(element, attributes, children);
}

export const byId = (id) => document.getElementById(id);

/** Makes `children` the children of `parent`, in this order, and leaves alone what is there already: it keeps focus. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const child of children) {
    if (child === at) at = at.nextSibling;
    else parent.insertBefore(child, at);
  }
}

let toastTimer;
/** A short message that goes by itself. */
export function toast(text) {
  const element = byId("toast");
  element.textContent = text;
  element.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => element.classList.remove("shown"), 4000);
}

// Where the page is not in a secure context there is no other way.
function copyBySelection(text) {
  const focused = document.activeElement;
  const area = h("textarea", { value: text, readonly: true, class: "hidden", "aria-hidden": "true" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

/** Puts a text, or what will be one, into the clipboard, and tells. */
export async function copy(text, what) {
  try {
    try {
      // Some browsers let a page do this only at once, before the text is there.
      const blob = Promise.resolve(text).then((known) => new Blob([known], { type: "text/plain" }));
      blob.catch(() => {});
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } catch {
      if (!copyBySelection(await text)) {
        toast("The browser does not let this page copy");
        return;
      }
    }
    toast(`Copied ${what}`);
  } catch (error) {
    toast(`Nothing was copied: ${visible(error.message, 200)}`);
  }
}
)page"},
    asset{"first.js", "text/javascript; charset=utf-8",
R"page(// Asks for the first screen while the rest of the program is still on its way.

import { askAhead } from "./api.js";
import { listPath } from "./list.js";
import { view } from "./view.js";

if (view.view === "groups" && !document.hidden) askAhead(listPath(0));
)page"},
    asset{"format.js", "text/javascript; charset=utf-8",
R"page(// Numbers, times and texts as people read them.

const steps = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [86400 * 14, "day", 86400],
  [86400 * 60, "week", 86400 * 7], [86400 * 730, "month", 86400 * 30.44], [Infinity, "year", 86400 * 365.25]];

/** "3 minutes ago", from seconds. */
export function ago(seconds) {
  if (seconds < 1.5) return "just now";
  const [, unit, size] = steps.find(([below]) => seconds < below);
  const count = Math.max(1, Math.floor(seconds / size));
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** "2 hours", from seconds. */
export const span = (seconds) => ago(Math.max(2, seconds)).replace(" ago", "");

// To make one takes longer than to use it for a whole screen.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const grouped = new Intl.NumberFormat("en-US");

/** A moment, exactly: here and in UTC. */
export function exact(unixTime) {
  const date = new Date(unixTime * 1000);
  return `${local.format(date)}\n${date.toISOString()}`;
}

export const count = (number) => grouped.format(Number(number));

export const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

/** A number in few characters: 1.25k, 3.4M, 0.0012. */
export function short(number) {
  if (!Number.isFinite(number)) return String(number).replace("Infinity", "Inf");
  const size = Math.abs(number);
  if (size >= 1e15 || (size !== 0 && size < 1e-4)) return number.toExponential(2);
  for (const [factor, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= factor) return `${Number((number / factor).toPrecision(3))}${unit}`;
  }
  return String(Number(number.toPrecision(3)));
}

export function bytes(number) {
  for (const [factor, unit] of [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]]) {
    if (number >= factor) return `${Number((number / factor).toPrecision(3))} ${unit}`;
  }
  return `${Math.round(number)} B`;
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "none yet";
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 1e-3) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Number((seconds * 1e6).toPrecision(3))} µs`;
}

/** A number of the API, which is a text such as "NaN" or "+Inf". */
export const number = (text) => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text));

// Controls, marks of direction and joining, separators of lines, and letters that are blank.
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0]/gu;

/** Text without characters that would not be seen or would turn others around, and not longer than `most`. */
export function visible(text, most = 2000) {
  const shown = text.slice(0, most).replace(unseen,
    (c) => (c === "\n" ? "\\n" : c === "\t" ? "\\t" : `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`));
  return text.length > most ? `${shown}…` : shown;
}

/** A group in one line: job first. */
export function groupName(labels) {
  const { job, ...others } = labels;
  const rest = Object.entries(others).map(([name, value]) => `${visible(name, 100)}="${visible(value, 100)}"`);
  return [visible(job, 100), ...rest].join(" ");
}

/** Text as one word of a shell. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
)page"},
    asset{"groups.js", "text/javascript; charset=utf-8",
R"page(// The table of groups: only the rows that can be seen exist, only the parts of the list around them are asked for.

import { askIfChanged, base, now } from "./api.js";
import { eraseAfterAsking, eraseMatching, wipeAfterAsking } from "./actions.js";
import { arrange, byId, h } from "./dom.js";
import { ago, count, exact, groupName, plural, visible } from "./format.js";
import { listPath, listQuery, partSize } from "./list.js";
import { link, onShow, show, staleSeconds, view } from "./view.js";

const beyond = 12;
// More rows than that make a list higher than browsers can draw.
const mostRows = 250000;
const shownLabels = 6;

const columns = [
  { name: "Job", sort: "job", first: "job" },
  { name: "Labels" },
  { name: "Last push", sort: "pushed", first: "-pushed" },
  { name: "Result", sort: "failed", first: "-failed" },
  { name: "Series", sort: "series", first: "-series", class: "number" },
];

let parts = new Map(); // number → groups of that part of the list
let counts = null;
let permitted = {};
let rowsByPath = new Map();
const chosen = new Map(); // path → group
let asking = false;
let again = false;
let problem = null;
let spacers;

const rowHeight = () => Number.parseFloat(getComputedStyle(byId("list")).getPropertyValue("--row")) || 46;
const rowCount = () => Math.min(counts?.matched ?? 0, mostRows);

function visibleRange() {
  const list = byId("list");
  const height = rowHeight();
  const head = byId("head").offsetHeight;
  const first = Math.max(0, Math.floor((list.scrollTop - head) / height) - beyond);
  const last = Math.min(rowCount(), Math.ceil((list.scrollTop + list.clientHeight) / height) + beyond);
  return [Math.min(first, last), last];
}

/** Asks for the parts that can be seen, and shows what is new. */
export async function refresh() {
  if (view.view !== "groups") return;
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    do {
      again = false;
      await askForVisible();
    } while (again);
  } finally {
    asking = false;
  }
}

async function askForVisible() {
  const parameters = listQuery();
  const wanted = JSON.stringify(parameters);
  const [first, last] = visibleRange();
  const from = Math.floor(first / partSize);
  const to = Math.max(from, Math.floor(Math.max(0, last - 1) / partSize));
  let changed = false;
  try {
    for (let part = from; part <= to; ++part) {
      const answer = await askIfChanged(listPath(part, parameters), !parts.has(part));
      if (wanted !== JSON.stringify(listQuery())) {
        again = true;
        return;
      }
      if (!answer) continue;
      // What was asked for before may have moved.
      if (!changed) parts = new Map([...parts].filter(([known]) => known >= from && known <= to));
      changed = true;
      parts.set(part, answer.groups);
      ({ counts, permitted } = answer);
    }
    changed ||= problem !== null;
    problem = null;
  } catch (error) {
    if (error.status === 400) {
      problem = error.message;
      parts.clear();
      counts = { all: 0, found: 0, failed: 0, stale: 0, ...counts, matched: 0 };
      changed = true;
    }
  }
  if (changed) render();
}

/** The group at a place of the list, if it is known. */
const groupAt = (index) => parts.get(Math.floor(index / partSize))?.[index % partSize];

function labelChips(labels) {
  const others = Object.entries(labels).filter(([name]) => name !== "job");
  const chips = others.slice(0, shownLabels).map(([name, value]) =>
    h("span.label", { title: visible(`${name}="${value}"`, 1000) }, h("i", {}, visible(name, 80)), h("bdi", {}, visible(value, 80) || "\u00a0")));
  if (others.length > shownLabels) chips.push(h("span.label.more", {}, `+${others.length - shownLabels}`));
  return chips;
}

function ageClass(age) {
  const stale = staleSeconds();
  return age > 7 * stale ? "old" : age > stale ? "stale" : age > stale / 10 ? "aging" : "fresh";
}

/** When, in words with a colour; exactly on hover. */
export function when(time) {
  if (!time) return h("span.age.never", {}, "never");
  const element = h("time.age", { datetime: new Date(time * 1000).toISOString(), title: exact(time) }, h("span.dot", { "aria-hidden": "true" }), h("span", {}));
  element.dataset.at = time;
  tellAge(element);
  return element;
}

function tellAge(element) {
  const age = Math.max(0, now() - Number(element.dataset.at));
  const text = ago(age);
  if (element.lastChild.textContent !== text) element.lastChild.textContent = text;
  const kind = ageClass(age);
  if (!element.classList.contains(kind)) {
    element.classList.remove("fresh", "aging", "stale", "old");
    element.classList.add(kind);
  }
}

/** Brings all ages on the page up to date. */
export const tellAges = () => document.querySelectorAll("time.age").forEach(tellAge);

function result(group) {
  if (group.last_push_successful) return [h("span.ok", {}, "OK")];
  const reason = group.failure ?? "refused; the reason is no longer known";
  return [h("strong.failed", {}, "Failed"), " ", h("span.reason", { title: `${exact(group.push_failure_time)}\n\n${visible(reason)}` },
    h("bdi", {}, visible(reason.replace(/^pushed metrics are invalid or inconsistent with existing metrics: /, ""), 300)))];
}

function rowOf(group, index) {
  const signature = JSON.stringify(group);
  let row = rowsByPath.get(group.path);
  if (!row) {
    row = h("tr", {}, ...["pick", "job", "labels", "pushed", "result", "number.count"].map((name) => h(`td.${name}`)));
    row.dataset.path = group.path;
    row.addEventListener("click", (event) => {
      if (event.target.closest("a, input, label, button") || getSelection().toString()) return;
      show({ open: view.open === group.path ? "" : group.path }, true);
    });
  }
  if (row.signature !== signature) {
    const [pick, job, labels, pushed, outcome, series] = row.children;
    const name = groupName(group.labels);
    pick.replaceChildren(h("label", {}, h("input", {
      type: "checkbox", "aria-label": `Select ${name}`,
      onchange: (event) => {
        if (event.target.checked) chosen.set(group.path, group);
        else chosen.delete(group.path);
        renderBulk();
      },
    })));
    const anchor = job.querySelector("a") ?? h("a", {
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        show({ open: view.open === group.path ? "" : group.path }, true);
      },
    });
    anchor.replaceChildren(h("bdi", {}, visible(group.labels.job, 120)));
    anchor.title = visible(name, 1000);
    if (!anchor.isConnected) job.replaceChildren(anchor);
    labels.replaceChildren(...labelChips(group.labels));
    pushed.replaceChildren(when(group.push_time));
    outcome.replaceChildren(...result(group));
    series.replaceChildren(count(group.series));
    series.title = `${count(group.series)} series of ${group.families} ${group.families === 1 ? "family" : "families"}`;
    row.classList.toggle("is-failed", !group.last_push_successful);
    row.signature = signature;
  }
  row.querySelector("a").href = link({ open: group.path });
  row.querySelector("input").checked = chosen.has(group.path);
  row.querySelector(".pick").hidden = !permitted.delete;
  row.setAttribute("aria-rowindex", index + 2);
  if (view.open === group.path) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
  return row;
}

function renderHead() {
  const head = byId("head");
  // Not while nothing changes: a click begins and ends on the same button.
  const signature = `${view.sort} ${Boolean(permitted.delete)}`;
  if (head.dataset.signature === signature) return;
  head.dataset.signature = signature;
  const cells = [h("th.pick", { scope: "col", hidden: !permitted.delete }, h("span.hidden", {}, "Select"))];
  for (const column of columns) {
    if (!column.sort) {
      cells.push(h("th", { scope: "col" }, column.name));
      continue;
    }
    const active = view.sort.replace("-", "") === column.sort;
    const down = view.sort.startsWith("-");
    const next = !active ? column.first : down ? column.sort : `-${column.sort}`;
    cells.push(h("th", { scope: "col", class: column.class, "aria-sort": active ? (down ? "descending" : "ascending") : "none" },
      h("button", { type: "button", onclick: () => show({ sort: next }) }, column.name,
        h("span.arrow", { "aria-hidden": "true" }, active ? (down ? "↓" : "↑") : ""))));
  }
  const focused = document.activeElement?.closest?.("#head button")?.textContent.replace(/[↓↑]/, "");
  head.replaceChildren(...cells);
  if (focused) [...head.querySelectorAll("button")].find((b) => b.textContent.startsWith(focused))?.focus();
}

function renderRows() {
  const [first, last] = visibleRange();
  const height = rowHeight();
  spacers ??= [0, 1].map(() => h("tr.spacer", { "aria-hidden": "true" }, h("td")));
  spacers[0].style.height = `${first * height}px`;
  spacers[1].style.height = `${Math.max(0, rowCount() - last) * height}px`;
  const rows = [];
  const kept = new Map();
  for (let i = first; i < last; ++i) {
    const group = groupAt(i);
    const row = group ? rowOf(group, i) : h("tr.loading", { "aria-hidden": "true" }, h("td"), h("td", {}, h("span", {})));
    // A group that moved between two answers may be in both.
    if (group && kept.has(group.path)) continue;
    if (group) kept.set(group.path, row);
    rows.push(row);
  }
  rowsByPath = kept;
  arrange(byId("rows"), [spacers[0], ...rows, spacers[1]]);
  byId("table").setAttribute("aria-rowcount", (counts?.matched ?? 0) + 1);
  return [first, last];
}

function renderEmpty() {
  const empty = byId("empty");
  empty.hidden = !counts || counts.matched > 0;
  byId("table").hidden = !empty.hidden;
  if (empty.hidden) return;
  if (problem) {
    empty.replaceChildren(h("h2", {}, "That search is not understood"), h("p", {}, visible(problem, 500)),
      h("button", { type: "button", onclick: () => { byId("search").value = ""; show({ q: "", is: "any", sort: "job", stale: "24h" }); } }, "Show all groups"));
  } else if (counts.all === 0) {
    empty.replaceChildren(h("h2", {}, "Nothing was pushed yet"), h("p", {}, "Push something from a shell:"),
      h("pre", { tabindex: "0" }, `echo 'backup_bytes 4.2e9' | curl -sS --data-binary @- ${new URL("metrics/job/backup", base).href}`));
  } else {
    empty.replaceChildren(h("h2", {}, "No group matches"),
      h("p", {}, view.is === "failed" ? "No last push failed." : view.is === "stale" ? "Every group pushed in time." : "No label and no family is like that."),
      h("button", { type: "button", onclick: () => { byId("search").value = ""; show({ q: "", is: "any" }); } }, "Show all groups"));
  }
}

function renderBulk() {
  const buttons = [];
  if (permitted.delete && chosen.size) {
    buttons.push(h("button.danger", { type: "button", onclick: () => eraseAfterAsking([...chosen.values()], forget) }, `Delete ${count(chosen.size)} selected…`),
      h("button.quiet", { type: "button", onclick: () => { chosen.clear(); render(); } }, "Clear"));
  } else if (permitted.delete && counts?.matched && (view.q.trim() || view.is !== "any")) {
    buttons.push(h("button", { type: "button", onclick: () => eraseMatching(listQuery(), forget) },
      counts.matched === 1 ? "Delete the one that matches…" : `Delete all ${count(counts.matched)} that match…`));
  }
  if (permitted.wipe && counts?.all && !chosen.size) {
    buttons.push(h("button.quiet", { type: "button", onclick: () => wipeAfterAsking(counts.all, () => chosen.clear()) }, "Wipe…"));
  }
  const bulk = byId("bulk");
  const signature = buttons.map((button) => button.textContent).join();
  if (bulk.dataset.signature === signature) return;
  bulk.dataset.signature = signature;
  bulk.replaceChildren(...buttons);
}

function forget(paths) {
  for (const path of paths) chosen.delete(path);
  if (paths.includes(view.open)) show({ open: "" });
  parts.clear();
  refresh();
}

function renderCounts() {
  if (!counts) return;
)page"
R"page(  byId("count-any").textContent = count(counts.found ?? 0);
  byId("count-failed").textContent = count(counts.failed ?? 0);
  byId("count-stale").textContent = count(counts.stale ?? 0);
  byId("condition").querySelector(".bad").classList.toggle("some", counts.failed > 0);
  byId("condition").querySelector(".warn").classList.toggle("some", counts.stale > 0);
  const text = `${plural(counts.matched, "group")} of ${count(counts.all)} shown`;
  if (byId("found").textContent !== text) byId("found").textContent = text;
  document.title = counts.failed ? `(${counts.failed} failed) Pushgateway` : "Pushgateway";
}

function render() {
  if (!counts) return;
  renderHead();
  renderCounts();
  renderBulk();
  renderEmpty();
  const [first, last] = renderRows();
  for (let i = first; i < last; i += 1) if (!groupAt(i)) { again = true; break; }
  if (again && !asking) refresh();
}

function moveFocus(event) {
  const anchors = [...byId("rows").querySelectorAll("td.job a")];
  const at = anchors.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (step && at >= 0) {
    event.preventDefault();
    const next = anchors[at + step];
    next?.focus({ preventScroll: true });
    next?.closest("tr").scrollIntoView({ block: "nearest" });
  } else if (step && event.target === byId("list")) {
    event.preventDefault();
    anchors.find((a) => a.getBoundingClientRect().top > byId("head").getBoundingClientRect().bottom - 4)?.focus();
  } else if (event.key === "x" && at >= 0 && permitted.delete) {
    document.activeElement.closest("tr").querySelector("input").click();
  } else if (event.key === "Delete" && at >= 0 && permitted.delete) {
    const group = [...parts.values()].flat().find(({ path }) => path === document.activeElement.closest("tr").dataset.path);
    if (group) eraseAfterAsking([group], forget);
  }
}

export const isPermitted = () => permitted;

export function startGroups() {
  const list = byId("list");
  let drawing = false;
  const redraw = () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      if (!counts || view.view !== "groups") return;
      const [first, last] = renderRows();
      for (let i = first; i < last; i += 1) {
        if (!groupAt(i)) {
          refresh();
          break;
        }
      }
    });
  };
  list.addEventListener("scroll", redraw, { passive: true });
  new ResizeObserver(redraw).observe(list);
  list.addEventListener("keydown", moveFocus);

  const search = byId("search");
  search.value = view.q;
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => show({ q: search.value }), 120);
  });
  for (const input of document.querySelectorAll("#condition input")) {
    input.checked = input.value === view.is;
    input.addEventListener("change", () => show({ is: input.value }));
  }
  const stale = byId("stale");
  stale.value = view.stale;
  stale.addEventListener("change", () => show({ stale: stale.value }));

  onShow((before) => {
    // Not while somebody types: what is in the field comes here in a moment.
    if (before.q !== view.q && document.activeElement !== search) search.value = view.q;
    for (const input of document.querySelectorAll("#condition input")) input.checked = input.value === view.is;
    stale.value = view.stale;
    if (["q", "is", "stale", "sort"].some((name) => before[name] !== view[name])) {
      parts.clear();
      list.scrollTop = 0;
      refresh();
      tellAges();
    } else if (before.view !== view.view) {
      refresh();
    }
    render();
  });
}
)page"},
    asset{"icon.svg", "image/svg+xml",
R"page(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><path d="M9 21v2.5h14V21M16 8v10.5M11.5 12.5 16 8l4.5 4.5" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>
)page"},
    asset{"list.js", "text/javascript; charset=utf-8",
R"page(// What the list of groups is asked for.

import { query } from "./api.js";
import { view } from "./view.js";

/** The list is asked for in parts of so many groups. */
export const partSize = 100;

/** The parameters that narrow and sort it, as the reader has chosen. */
export const listQuery = () => ({
  ...(view.q.trim().startsWith("{") ? { "match[]": view.q } : { search: view.q }),
  condition: view.is === "any" ? "" : view.is, stale_after: view.stale, sort: view.sort,
});

export const listPath = (part, parameters = listQuery()) =>
  `api/v1/groups${query({ ...parameters, limit: partSize, offset: part * partSize })}`;
)page"},
    asset{"main.js", "text/javascript; charset=utf-8",
R"page(// Starts the page and keeps it live.

import "./first.js";
import { watchAnswers } from "./api.js";
import { onDeleted } from "./actions.js";
import { byId } from "./dom.js";
import { exact } from "./format.js";
import { refreshDetail, startDetail } from "./detail.js";
import { refresh, startGroups, tellAges } from "./groups.js";
import { collect, refreshStatus, startStatus } from "./status.js";
import { onShow, show, view } from "./view.js";

const groupsEvery = 3000;
const figuresEvery = 5000;
// What is told by the second needs two looks.
const figuresFirstAfter = 1000;
const agesEvery = 1000;

let goneSince = 0;

function showLive(state, text) {
  byId("live").dataset.state = state;
  if (byId("live-text").textContent !== text) byId("live-text").textContent = text;
}

function banner(text) {
  const element = byId("banner");
  element.hidden = !text;
  if (element.textContent !== text) element.textContent = text;
  document.body.classList.toggle("gone", Boolean(text));
}

watchAnswers((refusal) => {
  if (!refusal) {
    goneSince = 0;
    showLive("live", "live");
    banner("");
    return;
  }
  if (refusal.status === 401) {
    showLive("gone", "not signed in");
    banner("The gateway wants to know who you are: sign in by loading this page again.");
  } else if (refusal.status === 403) {
    showLive("gone", "not permitted");
    banner(`You may not see this: ${refusal.message}`);
  } else if (refusal.status === 0 || refusal.status >= 500 || refusal.status === 429) {
    goneSince ||= Date.now();
    showLive("gone", refusal.status === 0 ? "gateway gone" : `answers ${refusal.status}`);
    const since = new Date(goneSince).toLocaleTimeString();
    byId("banner").title = exact(goneSince / 1000);
    banner(refusal.status === 0
      ? `The gateway has not answered since ${since}. What you see is from before; this page keeps trying.`
      : `The gateway answers ${refusal.status} since ${since}: ${refusal.message}`);
  }
});

// One round after the other, none while nobody looks.
function every(period, work, firstPeriod = period) {
  let timer;
  let latest = 0;
  const round = async () => {
    clearTimeout(timer);
    latest += 1;
    const mine = latest;
    if (document.hidden) return;
    await work().catch(() => {});
    if (mine === latest) timer = setTimeout(round, latest === 1 ? firstPeriod : period);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) showLive("paused", "paused");
    else round();
  });
  return round();
}

function showView() {
  byId("groups").hidden = view.view !== "groups";
  byId("status").hidden = view.view !== "status";
  for (const name of ["groups", "status"]) {
    if (view.view === name) byId(`to-${name}`).setAttribute("aria-current", "page");
    else byId(`to-${name}`).removeAttribute("aria-current");
  }
}

for (const name of ["groups", "status"]) {
  byId(`to-${name}`).addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show({ view: name }, true);
  });
}

addEventListener("keydown", (event) => {
  const writing = event.target.matches?.("input[type=search], textarea, select");
  if (event.key === "/" && !writing && view.view === "groups" && !byId("dialog").open) {
    event.preventDefault();
    byId("search").focus();
    byId("search").select();
  } else if (event.key === "Escape" && !byId("dialog").open && view.open && !(writing && event.target.value)) {
    show({ open: "" });
  }
});

onShow(showView);
showView();
startGroups();
startDetail();
startStatus();
onDeleted(() => { refresh(); refreshDetail(); });
every(groupsEvery, async () => { await refresh(); await refreshDetail(); });
every(figuresEvery, async () => { await Promise.all([collect(), refreshStatus()]); }, figuresFirstAfter);
setInterval(() => { if (!document.hidden) tellAges(); }, agesEvery);
)page"},
    asset{"page.css", "text/css; charset=utf-8",
R"page(:root {
  --ground: #f6f7f9; --surface: #fff; --raised: #fff; --sunk: #eef0f4; --line: #e2e5eb; --strong-line: #8a94a6;
  --ink: #1b2230; --muted: #576174; --accent: #3450c8; --accent-soft: #e8ecff; --on-accent: #fff;
  --ok: #146c4a; --warn: #8a5a00; --warn-soft: #fdf1d8; --bad: #b3261e; --bad-soft: #fdeceb;
  --fresh: #1f9d6b; --aging: #7fae3c; --stale: #d99a1c; --old: #c2571a; --bar: #5b74e6; --bar-2: #ad4a10;
  --shadow: 0 1px 2px rgb(20 28 45 / 6%), 0 8px 28px rgb(20 28 45 / 9%);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --radius: 10px;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11141a; --surface: #181c24; --raised: #1e232d; --sunk: #222834; --line: #2b323f; --strong-line: #6b7789;
    --ink: #e7eaf0; --muted: #a0aabb; --accent: #9db0ff; --accent-soft: #232c4d; --on-accent: #10131a;
    --ok: #63cf9e; --warn: #e9b949; --warn-soft: #3a2f16; --bad: #ff9089; --bad-soft: #3d2122;
    --fresh: #45c08c; --aging: #9cc75a; --stale: #e0ab3f; --old: #f0854c; --bar: #7d93f5; --bar-2: #f0854c;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 10px 32px rgb(0 0 0 / 45%);
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; }
body {
  margin: 0; display: flex; flex-direction: column; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3, p, ul, dl, dd, figure, fieldset { margin: 0; padding: 0; border: 0; }
button, input, select { font: inherit; color: inherit; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; z-index: 9; top: 8px; left: 8px; padding: 8px 14px; background: var(--surface); border-radius: 8px; box-shadow: var(--shadow); }
bdi { unicode-bidi: isolate; }
.number { text-align: right; font-variant-numeric: tabular-nums; }

/* the bar at the top */
.top { display: flex; align-items: center; gap: 28px; padding: 0 24px; height: 56px; flex: none; background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: 10px; }
.brand h1 { font-size: 17px; font-weight: 650; letter-spacing: -.01em; }
.top nav { display: flex; gap: 4px; align-self: stretch; }
.top nav a { display: flex; align-items: center; padding: 0 12px; color: var(--muted); text-decoration: none; border-bottom: 2px solid transparent; border-top: 2px solid transparent; }
.top nav a:hover { color: var(--ink); }
.top nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--accent); }
.live { margin-left: auto; display: flex; align-items: center; gap: 8px; color: var(--muted); font-size: 13px; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--strong-line); flex: none; display: inline-block; }
.live[data-state=live] .dot { background: var(--fresh); box-shadow: 0 0 0 3px color-mix(in srgb, var(--fresh) 22%, transparent); }
.live[data-state=gone] { color: var(--bad); font-weight: 600; }
.live[data-state=gone] .dot { background: var(--bad); }
.banner { padding: 10px 24px; background: var(--bad-soft); color: var(--bad); border-bottom: 1px solid var(--line); font-weight: 500; overflow-wrap: anywhere; }
body.gone main { opacity: .6; }

main { flex: 1; min-height: 0; display: flex; flex-direction: column; }
main:focus { outline: none; }
#groups { flex: 1; min-height: 0; display: flex; flex-direction: column; padding: 16px 24px 24px; gap: 14px; }

/* what narrows the list */
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 16px; }
.search { position: relative; flex: 1 1 260px; max-width: 420px; }
.search svg { position: absolute; left: 11px; top: 50%; width: 17px; margin-top: -8.5px; fill: none; stroke: var(--muted); stroke-width: 1.8; stroke-linecap: round; pointer-events: none; }
input[type=search] { width: 100%; height: 36px; padding: 0 12px; background: var(--surface); border: 1px solid var(--strong-line); border-radius: 8px; }
.search input { padding-left: 36px; }
input::placeholder { color: var(--muted); opacity: 1; }
.chips { display: flex; background: var(--sunk); border-radius: 9px; padding: 3px; }
.chips label { position: relative; cursor: pointer; }
.chips input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.chips span { display: block; padding: 4px 12px; border-radius: 7px; color: var(--muted); }
.chips b { font-weight: 600; font-variant-numeric: tabular-nums; color: var(--ink); margin-left: 2px; }
.chips .bad.some b { color: var(--bad); }
.chips .warn.some b { color: var(--warn); }
.chips input:checked + span { background: var(--raised); color: var(--ink); font-weight: 550; box-shadow: 0 1px 2px rgb(20 28 45 / 14%); }
.chips input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 1px; }
.select { display: flex; align-items: center; gap: 8px; color: var(--muted); font-size: 14px; }
select { height: 34px; padding: 0 8px; background: var(--surface); color: var(--ink); border: 1px solid var(--line); border-radius: 8px; }
.bulk { margin-left: auto; display: flex; gap: 8px; }
button { height: 34px; padding: 0 13px; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--strong-line); }
button:disabled { opacity: .55; cursor: default; }
button.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 35%, var(--line)); }
button.danger:hover { background: var(--bad-soft); border-color: var(--bad); }
button.quiet { background: none; border-color: transparent; color: var(--muted); }
button.quiet:hover { background: var(--sunk); color: var(--ink); }

/* the list */
.split { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
.split.opened { grid-template-columns: minmax(0, 1fr) minmax(380px, 44%); }
.list { --row: 44px; overflow: auto; overflow-anchor: none; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); position: relative; }
.list:focus-visible { outline-offset: -2px; border-radius: var(--radius); }
table { border-collapse: collapse; width: 100%; }
#table { table-layout: fixed; }
#head th { position: sticky; top: 0; z-index: 1; height: 40px; padding: 0 12px; text-align: left; font-size: 13px; font-weight: 550; color: var(--muted); background: var(--surface); box-shadow: inset 0 -1px var(--line); white-space: nowrap; }
#head th:nth-child(1) { width: 44px; padding: 0; }
#head th:nth-child(2) { width: 22%; }
#head th:nth-child(4) { width: 160px; }
#head th:nth-child(5) { width: 26%; }
#head th:nth-child(6) { width: 100px; }
.opened #head th:nth-child(2) { width: 26%; }
.opened #head th:nth-child(4) { width: 172px; }
.opened #head th:nth-child(5) { width: 90px; }
.opened td.result .reason, .opened #head th:nth-child(6), .opened td.number.count { display: none; }
#head button { height: 28px; padding: 0 6px; margin-left: -6px; border: 0; background: none; font-weight: inherit; color: inherit; }
#head th.number button { margin: 0 -6px 0 0; }
#head th.number .arrow { min-width: 0; }
#head button:hover, #head [aria-sort$=ending] button { color: var(--ink); }
.arrow { display: inline-block; min-width: 1em; text-align: center; color: var(--accent); }
#head th.number { text-align: right; }
#rows tr { height: var(--row); cursor: pointer; }
#rows tr.spacer { height: 0; cursor: default; }
#rows tr.spacer td { padding: 0; height: 0; box-shadow: none; }
#rows td { padding: 0 12px; height: var(--row); overflow: clip; text-overflow: ellipsis; white-space: nowrap; box-shadow: inset 0 -1px color-mix(in srgb, var(--line) 65%, transparent); }
#rows tr:hover td { background: color-mix(in srgb, var(--sunk) 55%, transparent); }
#rows tr[aria-current] td { background: var(--accent-soft); }
#rows tr.is-failed td:first-child { box-shadow: inset 3px 0 var(--bad), inset 0 -1px color-mix(in srgb, var(--line) 65%, transparent); }
#rows td.pick { padding: 0; }
#rows td.pick label { display: flex; width: 44px; height: var(--row); align-items: center; justify-content: center; cursor: pointer; }
input[type=checkbox] { width: 16px; height: 16px; accent-color: var(--accent); margin: 0; }
td.job a { display: block; overflow: clip; text-overflow: ellipsis; color: var(--ink); font-weight: 600; text-decoration: none; }
td.job a:hover { text-decoration: underline; text-underline-offset: 3px; }
.loading span { display: block; height: 10px; width: 40%; border-radius: 5px; background: var(--sunk); }
.label { display: inline-flex; max-width: calc(100% - 6px); margin: 2px 6px 2px 0; border-radius: 6px; background: var(--sunk); font: 12.5px/1.6 var(--mono); vertical-align: middle; }
.label i { font-style: normal; color: var(--muted); padding: 0 0 0 7px; flex: none; max-width: 22ch; overflow: hidden; text-overflow: ellipsis; }
.label i::after { content: "="; }
.label bdi { padding-right: 7px; overflow: hidden; text-overflow: ellipsis; }
.label.more { padding: 0 7px; color: var(--muted); }
.age { display: inline-flex; align-items: center; gap: 8px; font-variant-numeric: tabular-nums; }
.age.fresh .dot { background: var(--fresh); } .age.aging .dot { background: var(--aging); }
.age.stale .dot { background: var(--stale); } .age.old .dot { background: var(--old); }
.age.stale, .age.old { color: var(--warn); }
.age.never { color: var(--muted); }
.ok { color: var(--ok); }
.failed { color: var(--bad); }
td.result .failed { display: inline-block; padding: 0 8px; border-radius: 6px; background: var(--bad-soft); font-size: 13px; font-weight: 600; line-height: 22px; margin-right: 4px; }
.reason { color: var(--muted); font-size: 13px; }
.empty { padding: 56px 24px; text-align: center; color: var(--muted); }
.empty h2 { font-size: 18px; color: var(--ink); margin-bottom: 6px; }
.empty p { margin-bottom: 16px; overflow-wrap: anywhere; }
pre, code, data, .name { font-family: var(--mono); font-size: 13px; }
.empty pre { display: inline-block; max-width: 100%; overflow: auto; margin: 0; padding: 12px 16px; text-align: left; background: var(--sunk); border-radius: 8px; color: var(--ink); }

/* an open group */
.detail { overflow: auto; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 18px 20px 24px; }
.title { display: flex; align-items: flex-start; gap: 12px; margin-bottom: 6px; }
.title h2 { font-size: 20px; line-height: 1.3; letter-spacing: -.01em; overflow-wrap: anywhere; flex: 1; max-height: 6em; overflow: auto; }
.title h2:focus { outline: none; }
.close { width: 34px; padding: 0; flex: none; }
.detail .labels { white-space: normal; max-height: 14em; overflow: auto; }
.detail .label bdi, .detail .label i { white-space: normal; overflow-wrap: anywhere; max-width: none; }
.times { margin: 10px 0 14px; color: var(--muted); font-size: 14px; }
.times .age { gap: 6px; color: var(--ink); }
.times .age::before { content: none; }
.times .age.stale, .times .age.old { color: var(--warn); }
.sizes { float: right; }
.callout { margin: 0 0 14px; padding: 10px 14px; border-radius: 8px; background: var(--bad-soft); overflow-wrap: anywhere; border-left: 3px solid var(--bad); font-size: 14px; }
.callout strong { color: var(--bad); }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
.head > .buttons { margin-bottom: 18px; }
.head .buttons button { padding: 0 11px; font-size: 14px; }
.head .danger { margin-left: auto; }
.family-filter { margin-bottom: 10px; }
.family { border-top: 1px solid var(--line); }
.family > summary { display: flex; align-items: center; gap: 10px; min-height: 42px; padding: 6px 4px; cursor: pointer; list-style: none; }
)page"
R"page(summary::-webkit-details-marker { display: none; }
.family > summary::before { content: ""; width: 6px; height: 6px; border: solid var(--muted); border-width: 0 1.6px 1.6px 0; transform: rotate(-45deg); margin: 0 4px 0 2px; flex: none; transition: transform .12s; }
.family[open] > summary::before { transform: rotate(45deg); }
.family .name { font-weight: 600; overflow-wrap: anywhere; }
.type { font-size: 12px; color: var(--muted); border: 1px solid var(--line); border-radius: 5px; padding: 0 6px; }
.brief { margin-left: auto; color: var(--muted); white-space: nowrap; font-size: 13.5px; padding-left: 8px; }
.brief data { color: var(--ink); font-weight: 550; font-size: 13.5px; }
.content { padding: 0 4px 14px 22px; }
.help { color: var(--muted); margin-bottom: 8px; overflow-wrap: anywhere; max-height: 9em; overflow: auto; }
.samples th { text-align: left; font-size: 12.5px; font-weight: 550; color: var(--muted); padding: 2px 0 4px; }
.samples th.number { text-align: right; }
.samples td { padding: 3px 0; border-top: 1px solid color-mix(in srgb, var(--line) 65%, transparent); vertical-align: top; }
.samples td.number { padding-left: 14px; white-space: nowrap; }
.samples small, .pairs small { display: block; color: var(--muted); font-size: 12.5px; }
.none { color: var(--muted); font-size: 13px; }
.complex { padding: 8px 0 4px; }
.complex + .complex { border-top: 1px solid var(--line); margin-top: 10px; padding-top: 12px; }
.plot { display: block; width: 100%; max-width: 460px; margin: 8px 0; overflow: visible; }
.plot text { font: 11px system-ui, sans-serif; fill: var(--muted); font-variant-numeric: tabular-nums; }
.plot .bar { fill: var(--bar); }
.plot .catch { fill: transparent; }
.plot g:hover .bar { fill: var(--accent); }
.plot .axis { stroke: var(--line); }
.facts { display: flex; flex-wrap: wrap; gap: 4px 22px; font-size: 13.5px; }
.facts div { display: flex; gap: 6px; }
.facts dt { color: var(--muted); }
.facts dd { font-family: var(--mono); font-size: 13px; }
.numbers { margin-top: 6px; font-size: 13px; }
.numbers summary { color: var(--muted); cursor: pointer; list-style: revert; }
.numbers table { width: auto; min-width: 240px; margin: 6px 0 0 14px; font-family: var(--mono); }
.numbers th { font-weight: 400; text-align: left; padding-right: 30px; color: var(--muted); }

/* status */
#status { overflow: auto; padding: 20px 24px 40px; }
.cards { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; max-width: 1120px; margin: 0 auto; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 18px 20px; min-width: 0; }
.wide { grid-column: 1 / -1; }
.card h2 { font-size: 15px; font-weight: 650; margin-bottom: 10px; }
.pairs th { text-align: left; font-weight: 400; color: var(--muted); padding: 5px 20px 5px 0; vertical-align: top; white-space: nowrap; width: 1%; }
.pairs td { padding: 5px 0; overflow-wrap: anywhere; }
.pairs tr + tr > * { border-top: 1px solid color-mix(in srgb, var(--line) 65%, transparent); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 22px 34px; }
.chart figcaption { display: flex; justify-content: space-between; gap: 12px; font-size: 14px; color: var(--muted); }
.most { float: left; font-size: 11.5px; color: var(--muted); font-variant-numeric: tabular-nums; height: 0; }
.now { white-space: nowrap; color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; display: flex; gap: 12px; }
.now i { font-style: normal; font-weight: 400; color: var(--muted); margin-right: 5px; }
.now small { font-weight: 400; color: var(--muted); }
.now .line-1 { color: var(--bar-2); }
.plot.chart { height: 76px; max-width: none; margin: 4px 0 0; }
.line { fill: none; stroke: var(--bar); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.last { fill: none; stroke: var(--bar); stroke-width: 6; stroke-linecap: round; vector-effect: non-scaling-stroke; }
path.line-1 { stroke: var(--bar-2); }
.plot.chart .axis { vector-effect: non-scaling-stroke; }
.limits { display: grid; gap: 9px; }
.limit { display: grid; grid-template-columns: 170px minmax(60px, 1fr) minmax(180px, auto); gap: 16px; align-items: center; font-size: 14px; }
.limit .name { font-family: inherit; font-size: 14px; }
.limit .of { color: var(--muted); font-variant-numeric: tabular-nums; text-align: right; }
.meter { height: 8px; border-radius: 4px; background: var(--sunk); overflow: hidden; }
.meter span { display: block; height: 100%; min-width: 2px; border-radius: 4px; background: var(--bar); }
.meter .near { background: var(--stale); } .meter .full { background: var(--bad); }
.meter.none { background: none; }

/* what lies above */
dialog { width: min(560px, calc(100vw - 32px)); padding: 22px 24px; border: 1px solid var(--line); border-radius: 14px; background: var(--raised); color: var(--ink); box-shadow: var(--shadow); }
dialog::backdrop { background: rgb(12 16 24 / 45%); }
dialog h2 { font-size: 18px; margin-bottom: 8px; }
dialog p { color: var(--muted); overflow-wrap: anywhere; }
dialog .buttons { justify-content: flex-end; margin-top: 18px; }
dialog progress { width: 100%; accent-color: var(--accent); }
dialog button.danger { background: var(--bad); border-color: var(--bad); color: var(--raised); font-weight: 600; }
dialog button.danger:hover { filter: brightness(1.08); }
.doomed { margin-top: 12px; max-height: 240px; overflow: auto; list-style: none; background: var(--sunk); border-radius: 8px; padding: 8px 12px; font: 13px/1.7 var(--mono); }
.doomed li { overflow-wrap: anywhere; }
.doomed .more { color: var(--muted); }
.toast { position: fixed; left: 50%; bottom: 28px; transform: translate(-50%, 20px); padding: 10px 18px; border-radius: 10px; background: var(--ink); color: var(--ground); opacity: 0; pointer-events: none; transition: opacity .16s, transform .16s; box-shadow: var(--shadow); z-index: 9; }
.toast.shown { opacity: 1; transform: translate(-50%, 0); }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }

/* less room: an open group takes the place of the list */
@media (max-width: 1150px) { .opened #head th:nth-child(5), .opened td.result { display: none; } }
@media (max-width: 900px) {
  .split.opened { grid-template-columns: minmax(0, 1fr); }
  .opened .list, #groups:has(.opened) .tools { display: none; }
}
@media (max-width: 640px) {
  .top { padding: 0 14px; gap: 14px; height: 50px; }
  .brand h1 { font-size: 15px; }
  .top nav a { padding: 0 8px; }
  #groups { padding: 12px; gap: 10px; }
  .search { flex-basis: 100%; max-width: none; }
  .tools { gap: 8px; }
  .select { font-size: 13px; }
  .bulk:empty { display: none; }
  .list { --row: 74px; }
  #table, #table thead, #table tbody { display: block; }
  #table[hidden] { display: none; }
  #head { display: flex; gap: 2px; position: sticky; top: 0; z-index: 1; background: var(--surface); box-shadow: inset 0 -1px var(--line); padding-left: 6px; overflow-x: auto; }
  #head th { background: none; position: static; width: auto !important; padding: 0 4px; display: flex; align-items: center; box-shadow: none; }
  #head th:nth-child(1), #head th:nth-child(3) { display: none; }
  #head th.number button { margin: 0; }
  #rows tr { display: grid; grid-template: "pick job pushed pushed" 38px "pick labels labels result" 36px / 40px minmax(0, 1fr) auto auto; }
  #rows tr.spacer { display: block; }
  #rows td { height: auto; padding: 0 12px 0 0; box-shadow: none; align-self: center; }
  #rows tr:not(.spacer) { box-shadow: inset 0 -1px var(--line); }
  #rows tr.is-failed { box-shadow: inset 3px 0 var(--bad), inset 0 -1px var(--line); }
  #rows tr.is-failed td:first-child { box-shadow: none; }
  #rows td.pick { grid-area: pick; } #rows td.pick label { width: 40px; }
  #rows td.job { grid-area: job; } #rows td.labels { grid-area: labels; } #rows td.pushed { grid-area: pushed; font-size: 13.5px; }
  #rows td.result { grid-area: result; width: auto; } #rows td.number, td.result .reason { display: none !important; }
  td.pick[hidden] + td.job, td.pick[hidden] ~ td.labels { padding-left: 12px !important; }
  .detail { padding: 14px; }
  .head .danger { margin-left: 0; }
  #status { padding: 12px; }
  .cards { grid-template-columns: minmax(0, 1fr); }
  .card { padding: 14px; }
  .limit { grid-template-columns: 1fr auto; gap: 4px 10px; }
  .limit .meter { grid-column: 1 / -1; grid-row: 2; }
}
)page"},
    asset{"page.html", "text/html; charset=utf-8",
R"page(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex,nofollow">
<meta name="color-scheme" content="light dark">
<title>Pushgateway</title>
<link rel="icon" type="image/svg+xml" href="{{root}}static/{{version}}/icon.svg">
<link rel="stylesheet" href="{{root}}static/{{version}}/page.css">
<link rel="modulepreload" href="{{root}}static/{{version}}/api.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/view.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/list.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/first.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/main.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/groups.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/dom.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/format.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/actions.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/detail.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/plot.js">
<link rel="modulepreload" href="{{root}}static/{{version}}/status.js">
<script type="module" async src="{{root}}static/{{version}}/first.js"></script>
<script type="module" src="{{root}}static/{{version}}/main.js"></script>
</head>
<body data-telemetry="{{telemetry}}" data-own="{{own}}">
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <div class="brand"><img src="{{root}}static/{{version}}/icon.svg" alt="" width="24" height="24"><h1>Pushgateway</h1></div>
  <nav aria-label="Views">
    <a href="?" id="to-groups">Groups</a>
    <a href="?view=status" id="to-status">Status</a>
  </nav>
  <p class="live" id="live" role="status"><span class="dot" aria-hidden="true"></span><span id="live-text">connecting</span></p>
</header>
<div class="banner" id="banner" role="alert" hidden></div>
<noscript><p class="banner">This page needs JavaScript. The same is at <a href="{{telemetry}}">the exposition</a>,
<a href="{{root}}api/v1/groups">groups as JSON</a> and <a href="{{root}}api/v1/status">status as JSON</a>.</p></noscript>
<main id="main" tabindex="-1">
  <section id="groups" aria-label="Groups" hidden>
    <div class="tools">
      <label class="search"><span class="hidden">Search labels and families</span>
        <svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="9" cy="9" r="5.5"></circle><path d="M13.2 13.2 17 17"></path></svg>
        <input type="search" id="search" placeholder="Search labels and families" title="Words of labels (host=db1) and of names of families, or a selector such as {job=~&quot;back.*&quot;}" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
      </label>
      <fieldset class="chips" id="condition">
        <legend class="hidden">Show</legend>
        <label><input type="radio" name="condition" value="any"><span>All <b id="count-any"></b></span></label>
        <label><input type="radio" name="condition" value="failed"><span class="bad">Failed <b id="count-failed"></b></span></label>
        <label><input type="radio" name="condition" value="stale"><span class="warn">Stale <b id="count-stale"></b></span></label>
      </fieldset>
      <label class="select"><span>stale after</span>
        <select id="stale">
          <option value="5m">5 minutes</option><option value="15m">15 minutes</option><option value="1h">1 hour</option>
          <option value="6h">6 hours</option><option value="24h">1 day</option><option value="168h">1 week</option>
        </select>
      </label>
      <div class="bulk" id="bulk"></div>
    </div>
    <p class="hidden" id="found" role="status"></p>
    <div class="split" id="split">
      <div class="list" id="list" tabindex="0" role="region" aria-label="List of groups">
        <table id="table">
          <thead><tr id="head"></tr></thead>
          <tbody id="rows"></tbody>
        </table>
        <div class="empty" id="empty" hidden></div>
      </div>
      <aside class="detail" id="detail" aria-label="Open group" hidden></aside>
    </div>
  </section>
  <section id="status" aria-label="Status" tabindex="0" hidden></section>
</main>
<dialog id="dialog" aria-labelledby="dialog-title"></dialog>
<div class="toast" id="toast" role="status" aria-live="polite"></div>
</body>
</html>
)page"},
    asset{"plot.js", "text/javascript; charset=utf-8",
R"page(// Small drawings.

import { s } from "./dom.js";
import { number, short, plural } from "./format.js";

const title = (text) => s("title", {}, text);
const percent = (part, whole) => `${Number(((100 * part) / whole).toPrecision(2))} %`;

/** How many observations each bucket of a histogram has by itself: [{low, high, count}], from low to high. */
export function cellsOf(sample) {
  if (sample.cells?.length) {
    return sample.cells.map(([low, high, count]) => ({ low: number(low), high: number(high), count: number(count) }));
  }
  const buckets = (sample.buckets ?? []).map(([bound, count]) => ({ bound: number(bound), count: number(count) }));
  buckets.sort((a, b) => a.bound - b.bound);
  const total = number(sample.count ?? "0");
  if (buckets.length && buckets.at(-1).bound !== Infinity) buckets.push({ bound: Infinity, count: total });
  let low = -Infinity;
  let before = 0;
  const cells = [];
  for (const { bound, count } of buckets) {
    cells.push({ low, high: bound, count: Math.max(0, count - before) });
    before = Math.max(before, count);
    low = bound;
  }
  // The first bucket of what cannot be negative begins at 0.
  if (cells.length && cells[0].high >= 0) cells[0].low = 0;
  return cells;
}

const mostCells = 160;

function merged(cells) {
  if (cells.length <= mostCells) return cells;
  const each = Math.ceil(cells.length / mostCells);
  const out = [];
  for (let i = 0; i < cells.length; i += each) {
    const part = cells.slice(i, i + each);
    out.push({ low: part[0].low, high: part.at(-1).high, count: part.reduce((sum, cell) => sum + cell.count, 0) });
  }
  return out;
}

const range = ({ low, high }) =>
  (high === Infinity ? `above ${short(low)}` : low === -Infinity ? `up to ${short(high)}` : `${short(low)} to ${short(high)}`);

/** A histogram as bars of equal width, one for each bucket. */
export function histogram(sample) {
  const cells = merged(cellsOf(sample));
  const total = cells.reduce((sum, cell) => sum + cell.count, 0);
  if (!cells.length || !(total > 0)) return null;
  const [width, height, foot] = [420, 96, 18];
  const most = Math.max(...cells.map((cell) => cell.count));
  const fullest = cells.find((cell) => cell.count === most);
  const step = width / cells.length;
  const gap = step > 6 ? 2 : step > 3 ? 1 : 0;
  const bars = cells.map((cell, i) => {
    const size = cell.count > 0 ? Math.max(2, (height * cell.count) / most) : 0;
    return s("g", {},
      s("rect.catch", { x: i * step, y: 0, width: step, height }),
      s("rect.bar", { x: i * step + gap / 2, y: height - size, width: Math.max(1, step - gap), height: size, rx: gap ? 1.5 : 0 }),
      title(`${range(cell)}: ${plural(cell.count, "observation")}, ${percent(cell.count, total)}`));
  });
  const marks = [];
  const every = Math.max(1, Math.ceil(cells.length / 7));
  for (let i = 0; i + 1 < cells.length; i += every) {
    marks.push(s("text", { x: (i + 1) * step, y: height + foot - 4, "text-anchor": "middle" }, short(cells[i].high)));
  }
  return s("svg.plot.histogram", {
    viewBox: `0 0 ${width} ${height + foot}`, role: "img",
    "aria-label": `Histogram of ${plural(total, "observation")}, most of them, ${percent(most, total)}, ${range(fullest)}`,
  }, ...bars, s("line.axis", { x1: 0, x2: width, y1: height + 0.5, y2: height + 0.5 }), ...marks);
}

/** The quantiles of a summary as bars, one below the other. */
export function summary(sample) {
  const points = (sample.quantiles ?? []).map(([rank, value]) => ({ rank: number(rank), value: number(value) }));
  const values = points.map((point) => point.value).filter(Number.isFinite);
  if (!values.length) return null;
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const [left, width, line] = [44, 300, 20];
  const place = (value) => (high > low ? ((value - low) / (high - low)) * width : 0);
  const rows = points.map(({ rank, value }, i) => {
    const from = Math.min(place(0), place(Number.isFinite(value) ? value : 0));
    const size = Number.isFinite(value) ? Math.max(2, Math.abs(place(value) - place(0))) : 0;
    return s("g", {},
      s("text", { x: left - 8, y: i * line + 14, "text-anchor": "end" }, `p${Number((rank * 100).toPrecision(5))}`),
      s("rect.bar", { x: left + from, y: i * line + 4, width: size, height: line - 8, rx: 2 }),
      s("text", { x: left + from + size + 6, y: i * line + 14 }, short(value)),
      title(`quantile ${rank}: ${value}`));
  });
  return s("svg.plot.summary", {
    viewBox: `0 0 ${left + width + 76} ${points.length * line + 4}`, role: "img",
    "aria-label": `Quantiles: ${points.map(({ rank, value }) => `${rank} is ${short(value)}`).join(", ")}`,
  }, ...rows);
}

/**
 * Lines over time: `series` is [{name, values: [[time, value]]}]. Written into `svg`, which is made by `chart`.
 * What lies between two values further apart than `gap` seconds is left open.
 */
export function drawChart(svg, series, { from, to, text, gap = 20 }) {
  const [width, height] = [320, 80];
  const all = series.flatMap(({ values }) => values.map(([, value]) => value)).filter(Number.isFinite);
  const most = Math.max(...all, 0) || 1;
  const least = Math.min(...all, 0);
  const x = (time) => (width * (time - from)) / Math.max(1, to - from);
  const y = (value) => height - 4 - ((height - 10) * (value - least)) / (most - least || 1);
  const lines = series.map(({ values }, i) => {
    let path = "";
    let end = "";
    let last = -Infinity;
    for (const [time, value] of values) {
      if (!Number.isFinite(value) || time < from) continue;
      const at = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      path += time - last > gap ? `M${at}L${at}` : `L${at}`;
      last = time;
      end = at;
    }
    // A line of no length is a dot: the latest value is seen when it is alone, too.
    return [s(`path.line.line-${i}`, { d: path }), end && s(`path.last.line-${i}`, { d: `M${end}L${end}` })];
  });
  const lastOf = (values) => values.at(-1)?.[1];
  const told = series.map(({ name, values }) => `${name} ${values.length ? text(lastOf(values)) : "none yet"}`).join(", ");
  svg.setAttribute("aria-label", `Over ${Math.round((to - from) / 60)} minutes, at most ${text(most)}; now ${told}`);
  svg.replaceChildren(s("line.axis", { x1: 0, x2: width, y1: height - 3.5, y2: height - 3.5 }), ...lines.flat().filter(Boolean));
  return all.length ? text(most) : "";
}

export const chart = () => s("svg.plot.chart", { viewBox: "0 0 320 80", role: "img", preserveAspectRatio: "none" });
)page"},
    asset{"status.js", "text/javascript; charset=utf-8",
R"page(// The gateway itself: what it is, how it does.

import { ask, askJson, now } from "./api.js";
import { byId, h } from "./dom.js";
import { bytes, count, duration, exact, number, short, span, visible } from "./format.js";
import { chart, drawChart } from "./plot.js";
import { onShow, view } from "./view.js";

const mostPoints = 720;
const shownMinutes = [10, 60];

// Asked for by name, so that a scrape of these costs nothing of what is pushed.
const families = ["pushgateway_http_requests_total", "pushgateway_http_push_duration_seconds", "process_resident_memory_bytes",
  "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "pushgateway_limit", "pushgateway_limit_usage",
  "pushgateway_limit_rejections_total", "pushgateway_clashing_series"];

/** Reads samples of the text format: [{name, labels, value}]. */
export function readSamples(text) {
  const out = [];
  for (const line of text.split("\n")) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) continue;
    const labels = {};
    for (const [, name, value] of (found[2] ?? "").matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
    }
    out.push({ name: found[1], labels, value: number(found[3]) });
  }
  return out;
}

const sum = (samples, name, fits = () => true) =>
  samples.filter((sample) => sample.name === name && fits(sample.labels)).reduce((all, { value }) => all + value, 0);
const first = (samples, name, fits = () => true) => samples.find((sample) => sample.name === name && fits(sample.labels))?.value;
const greatest = (samples, name, fits) =>
  Math.max(...samples.filter((sample) => sample.name === name && fits(sample.labels)).map(({ value }) => value).filter(Number.isFinite));

const isPush = ({ handler }) => handler === "push";
const isTaken = ({ handler, code }) => handler === "push" && code.startsWith("2");
const isRefused = ({ handler, code }) => handler === "push" && !code.startsWith("2");

const perSecond = (value) => `${short(value)}/s`;

const charts = [
  { title: "Pushes", text: perSecond, lines: [{ name: "taken", rate: (s) => sum(s, "pushgateway_http_requests_total", isTaken) }] },
  { title: "Refused pushes", text: perSecond, lines: [{ name: "refused", rate: (s) => sum(s, "pushgateway_http_requests_total", isRefused) }] },
  { title: "Push duration", text: duration, lines: [
    { name: "median", value: (s) => greatest(s, "pushgateway_http_push_duration_seconds", ({ quantile }) => quantile === "0.5") },
    { name: "90 %", value: (s) => greatest(s, "pushgateway_http_push_duration_seconds", ({ quantile }) => quantile === "0.9") }] },
  { title: "Memory", text: bytes, lines: [{ name: "resident", value: (s) => first(s, "process_resident_memory_bytes") }] },
  { title: "Processor", text: (value) => `${short(100 * value)} %`, lines: [{ name: "used", rate: (s) => sum(s, "process_cpu_seconds_total") }] },
  { title: "Open files", text: short, lines: [{ name: "open", value: (s) => first(s, "process_open_fds") }] },
];

let build = null;
let samples = [];
let before = null; // {time, samples}
let readiness = null;
let ownMissing = !document.body.dataset.own;

/** Asks for the gateway's own metrics, and adds them to the plots. */
export async function collect() {
  if (ownMissing) return;
  try {
    const answer = await ask(`${document.body.dataset.own}?${families.map((name) => `name[]=${name}`).join("&")}`, { quiet: true });
    const time = now();
    // What was pushed has a job, and is not this gateway's own whatever its name is.
    samples = readSamples(await answer.text()).filter(({ labels }) => !("job" in labels));
    for (const { lines } of charts) {
      for (const line of lines) {
        line.values ??= [];
        let value = line.value?.(samples);
        if (line.rate && before) value = Math.max(0, line.rate(samples) - line.rate(before.samples)) / Math.max(0.1, time - before.time);
        if (value !== undefined && Number.isFinite(value)) line.values.push([time, value]);
        if (line.values.length > mostPoints) line.values.shift();
      }
    }
    before = { time, samples };
  } catch (error) {
    // Not for everybody's eyes: then there are no plots.
    if ([401, 403, 404].includes(error.status)) ownMissing = true;
  }
  if (view.view === "status") renderFigures();
}

export async function refreshStatus() {
  if (view.view !== "status") return;
  try {
    build = await askJson("api/v1/status");
  } catch {
    return;
  }
  try {
    await ask("-/ready", { quiet: true });
    readiness = { ready: true, text: "takes pushes and scrapes" };
  } catch (error) {
    readiness = { ready: false, text: error.message };
  }
  renderFacts();
}

const rows = (pairs) => h("table.pairs", {}, h("tbody", {}, pairs.map(([name, value]) =>
  h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));

function skeleton() {
  const root = byId("status");
  if (root.hasChildNodes()) return;
  const plots = charts.map((one) => {
    one.svg = chart();
    one.now = h("span.now", {});
    one.most = h("span.most", {});
    return h("figure.chart", {}, h("figcaption", {}, h("span", {}, one.title), one.now), one.most, one.svg);
  });
  root.replaceChildren(
    h("div.cards", {},
      h("section.card", { "aria-labelledby": "title-state" }, h("h2", { id: "title-state" }, "State"), h("div", { id: "status-state" })),
      h("section.card", { "aria-labelledby": "title-build" }, h("h2", { id: "title-build" }, "Build"), h("div", { id: "status-build" })),
      h("section.card.wide", { "aria-labelledby": "title-plots", id: "status-plots" }, h("h2", { id: "title-plots" }, "While this page is open"), h("div.charts", {}, plots)),
      h("section.card.wide", { "aria-labelledby": "title-limits", id: "status-limits", hidden: true }, h("h2", { id: "title-limits" }, "Use against limits"), h("div.limits", { id: "status-limit-list" })),
      h("section.card.wide", { "aria-labelledby": "title-flags" }, h("h2", { id: "title-flags" }, "Flags"), h("div", { id: "status-flags" }))));
}

function persistence(flags) {
  const file = flags["persistence.file"];
  if (!file) return "in memory only: a restart forgets everything";
  const sync = flags["persistence.sync"];
  return `in ${visible(file, 300)}${sync ? `, sync ${visible(sync, 50)}` : ""}`;
}

function renderFacts() {
  skeleton();
  const started = Date.parse(build.start_time) / 1000;
  byId("status-state").replaceChildren(rows([
    ["Ready", h("span", { class: readiness.ready ? "ok" : "failed" }, readiness.ready ? "yes" : "no", h("small", {}, visible(readiness.text, 500)))],
    ["Started", h("time", { datetime: build.start_time, title: exact(started) }, `${span(now() - started)} ago`, h("small", {}, new Date(started * 1000).toLocaleString()))],
    ["Kept", persistence(build.flags)],
  ]));
  const names = { version: "Version", revision: "Revision", branch: "Branch", buildUser: "Built by", buildDate: "Built on", goVersion: "Compiler" };
  byId("status-build").replaceChildren(rows(Object.entries(names).map(([name, title]) =>
    [title, h("bdi", {}, visible(build.build_information[name] || "—", 200))])));
  byId("status-flags").replaceChildren(rows(Object.entries(build.flags).map(([name, value]) =>
    [h("code", {}, `--${name}`), h("code", {}, visible(value, 500) || "\u00a0")])));
  renderFigures();
}

function renderFigures() {
  skeleton();
  byId("status-plots").hidden = ownMissing;
  const to = now();
  const oldest = Math.min(...charts.flatMap(({ lines }) => lines.map((line) => line.values?.[0]?.[0] ?? to)));
  const minutes = shownMinutes.find((m) => to - oldest <= m * 60) ?? shownMinutes.at(-1);
  const from = Math.max(oldest, to - minutes * 60);
  for (const { svg, most, now: element, lines, text } of charts) {
    most.textContent = drawChart(svg, lines.map(({ name, values = [] }) => ({ name, values })), { from: Math.min(from, to - 30), to, text });
    element.replaceChildren(...lines.map(({ name, values = [] }, i) =>
      h(`span.line-${i}`, {}, lines.length > 1 ? h("i", {}, name) : null, values.length ? text(values.at(-1)[1]) : h("small", {}, "collecting…"))));
  }
  renderLimits();
}

function renderLimits() {
  const limits = samples.filter(({ name }) => name === "pushgateway_limit").map(({ labels, value }) => {
    const same = (other) => (other.limit ?? other.name) === (labels.limit ?? labels.name);
    return { name: labels.limit ?? labels.name ?? "", value, usage: first(samples, "pushgateway_limit_usage", same), rejected: first(samples, "pushgateway_limit_rejections_total", same) };
  }).filter(({ name }) => name);
  const files = first(samples, "process_max_fds");
  if (files) limits.push({ name: "open files", value: files, usage: first(samples, "process_open_fds") });
  byId("status-limits").hidden = !limits.length;
  const text = (name, value) => (/bytes|bod(y|ies)|header/.test(name) ? bytes(value) : count(value));
  byId("status-limit-list").replaceChildren(...limits.map(({ name, value, usage, rejected }) => {
    const part = usage === undefined ? undefined : usage / value;
    const title = name.replaceAll(/[_-]/g, " ");
    return h("div.limit", {},
      h("span.name", {}, visible(title, 100)),
      part === undefined ? h("span.meter.none", {}) : h("span.meter", { role: "meter", "aria-label": title, "aria-valuemin": 0, "aria-valuemax": value, "aria-valuenow": usage },
        h("span", { class: part > 0.9 ? "full" : part > 0.7 ? "near" : "", style: { width: `${Math.min(100, 100 * part)}%` } })),
      h("span.of", {}, rejected ? [h("strong.failed", {}, `${count(rejected)} refused`), ", "] : null,
        usage === undefined ? text(name, value) : `${text(name, usage)} of ${text(name, value)}`));
  }));
}

export function startStatus() {
  if (view.view === "status") renderFigures();
  onShow((was) => {
    if (was.view !== view.view && view.view === "status") {
      skeleton();
      refreshStatus();
      renderFigures();
    }
  });
}
)page"},
    asset{"view.js", "text/javascript; charset=utf-8",
R"page(// What the page shows: kept in the URL, so that a link or a reload shows the same.

const defaults = { view: "groups", q: "", is: "any", stale: "24h", sort: "job", open: "" };
const listeners = [];

// A link may come from anybody: what it opens is a group, and nothing beside the list of groups.
const isGroup = (path) => /^\/metrics\/job(@base64)?\/[^?#\\]*$/.test(path) && !/\/(\.|%2e){1,2}(\/|$)/i.test(path);

function read() {
  const given = new URLSearchParams(location.search);
  const out = {};
  for (const [name, value] of Object.entries(defaults)) out[name] = given.get(name) ?? value;
  if (!isGroup(out.open)) out.open = "";
  if (!given.has("view") && location.pathname.endsWith("/status")) out.view = "status";
  return out;
}

export const view = read();

/** The URL of this page with some things changed. */
export function link(changes) {
  const all = { ...view, ...changes };
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(all)) {
    const atStatus = name === "view" && location.pathname.endsWith("/status");
    if (value !== defaults[name] || atStatus) out.set(name, value);
  }
  return `?${out}`;
}

/** Shows something else. `step`: the browser's back button comes back to what was shown before. */
export function show(changes, step = false) {
  const before = { ...view };
  const url = link(changes);
  Object.assign(view, changes);
  if (step) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  for (const listener of listeners) listener(before);
}

/** Calls `listener(what was shown before)` after every change. */
export const onShow = (listener) => listeners.push(listener);

addEventListener("popstate", () => {
  const before = { ...view };
  Object.assign(view, read());
  for (const listener of listeners) listener(before);
});

const seconds = { s: 1, m: 60, h: 3600 };
export const staleSeconds = () => Number(view.stale.slice(0, -1)) * (seconds[view.stale.slice(-1)] ?? 3600) || 86400;
)page"},
};

}  // namespace pushgateway::http::page
