// The swaps: how HTML gets into the page.

import { contentOf } from "../shared/content.js";
import { parse } from "./html.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * A swap puts HTML into the page and returns the element that stands for the result, where wsx:afterSwap fires.
 *
 * @typedef {(target: Element, html: string) => Element | null | void} Swap
 */

/**
 * How swaps change content. Until morph.js is here, morphs replace; it also adds Rooms.
 *
 * @type {Pick<typeof import("../morph/morph.js"), "morphContent" | "morphElement"> & Partial<typeof import("../morph/morph.js")>}
 */
export const ways = {
  morphContent(parent, content) {
    unclobbered(parent, "replaceChildren")(content);
  },
  morphElement(target, content) {
    const first = content.firstElementChild ?? undefined;
    unclobbered(target, "replaceWith")(content);
    return first;
  },
};
const { morphContent: fill, morphElement: replace } = ways;

/** The swaps by name. Pages may add some, whose names begin with x-. @type {Record<string, Swap>} */
export const swaps = {
  innerHTML: replaceContent,
  outerHTML: replaceElement,
  innerMorph(target, html) {
    ways.morphContent(contentOf(target), parse(html, target));
    return target;
  },
  outerMorph(target, html) {
    if (isFixed(target)) return swaps.innerMorph(target, html);
    const parent = unclobbered(target, "parentElement");
    return ways.morphElement(target, parse(html.trim(), parent)) ?? parent;
  },
  // Parsed first, so that escaped text reads as it was typed.
  textContent(target, html) {
    unclobbered(target, "replaceChildren")(textOf(html));
    return target;
  },
  beforebegin: (target, html) => insertBeside(target, html, "before"),
  afterbegin: (target, html) => insertInto(target, html, "prepend"),
  beforeend: (target, html) => insertInto(target, html, "append"),
  afterend: (target, html) => insertBeside(target, html, "after"),
  delete(target) {
    if (isFixed(target)) return replaceContent(target, "");
    const parent = unclobbered(target, "parentElement");
    unclobbered(target, "remove")();
    return parent;
  },
  none: (target) => target,
};

/**
 * Reports whether a style must not fall back to innerHTML, which would wipe the target: "action" carries no HTML, and x- names
 * are for swaps of pages.
 *
 * @param {string} style
 */
export function isReserved(style) {
  return style === "action" || (style.startsWith("x-") && !Object.hasOwn(swaps, style));
}

/**
 * Reports whether an element must never be replaced. The document needs these two, and the parser drops their tags in a
 * fragment.
 *
 * @param {Element} element
 */
function isFixed(element) {
  return element === document.body || element === document.head;
}

/** @param {string} html */
function textOf(html) {
  const content = parse(html, null);
  content.replaceChildren(content.textContent ?? "");
  return content;
}

/** @type {Swap} */
function replaceContent(target, html) {
  fill(contentOf(target), parse(html, target));
  return target;
}

/** @type {Swap} */
function replaceElement(target, html) {
  if (isFixed(target)) return replaceContent(target, html);
  const parent = unclobbered(target, "parentElement");
  return replace(target, parse(html.trim(), parent)) ?? parent; // blanks around it would accumulate
}

/**
 * @param {Element} target
 * @param {string} html
 * @param {"before" | "after"} where
 */
function insertBeside(target, html, where) {
  const parent = unclobbered(target, "parentElement");
  if (parent) insert(parent, parse(html, parent), target, where);
  return target;
}

/**
 * @param {Element} target
 * @param {string} html
 * @param {"prepend" | "append"} where
 */
function insertInto(target, html, where) {
  const into = contentOf(target);
  insert(into, parse(html, target), into, where);
  return target;
}

/**
 * Inserts content. A fragment may arrive although the page contains it: the page was rendered with it, or the connection
 * resumed a little too early. So what has the id of a new element becomes it, at its place; elsewhere it is removed.
 *
 * @param {Element | DocumentFragment} parent
 * @param {DocumentFragment} content
 * @param {Element | DocumentFragment} at
 * @param {"before" | "after" | "prepend" | "append"} where
 */
function insert(parent, content, at, where) {
  const top = /** @type {Document | DocumentFragment | Element} */ (unclobbered(parent, "getRootNode")());
  const root = top instanceof Element ? document : top; // not the document in a shadow root, or for the content of a template
  for (const fresh of [...content.children]) {
    const id = unclobbered(fresh, "getAttribute")("id");
    const old = id ? root.getElementById(id) : null;
    if (!old || unclobbered(old, "contains")(parent)) continue;
    if (unclobbered(old, "parentNode") === parent) {
      const alone = new DocumentFragment();
      alone.append(fresh);
      const now = ways.morphElement(old, alone);
      if (old === at && now) at = now;
    } else unclobbered(old, "remove")();
  }
  unclobbered(/** @type {Element} */ (at), where)(content);
}
