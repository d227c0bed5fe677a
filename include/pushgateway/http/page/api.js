// Questions to the gateway, all relative to where its files are: any prefix, any name, the browser's own credentials.

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
