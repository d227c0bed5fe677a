// Elements made by the DOM alone: what was pushed only ever becomes text or the value of a harmless attribute.

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
