// What changes something: asked once more, then done, with what became of it.

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
