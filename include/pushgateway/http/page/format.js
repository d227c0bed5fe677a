// Numbers, times and texts as people read them.

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
