// What the page shows: kept in the URL, so that a link or a reload shows the same.

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
