// The table of groups: only the rows that can be seen exist, only the parts of the list around them are asked for.

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
  byId("count-any").textContent = count(counts.found ?? 0);
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
