// Starts the page and keeps it live.

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
