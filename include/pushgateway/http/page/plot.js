// Small drawings.

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
