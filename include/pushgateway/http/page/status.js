// The gateway itself: what it is, how it does.

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
