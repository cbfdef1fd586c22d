// Reads attributes that apply to a whole part of a page, and the selectors in them.

import { bearer } from "../shared/inherited.js";
import { near } from "./near.js";
import { relative } from "../shared/relative.js";
import { split } from "../shared/split.js";
import { related } from "./targets.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * Returns an inherited attribute and the element that has it. The nearest one wins.
 *
 * @param {Element | Document} element
 * @param {string} name
 * @returns {{ value: string, bearer: Element } | undefined} undefined if no element has it
 */
export function setting(element, name) {
  const at = element instanceof Element ? bearer(element, name) : undefined;
  return at && { value: unclobbered(at, "getAttribute")(name) ?? "", bearer: at };
}

/**
 * Returns the elements that a list of selectors matches. Besides CSS selectors there are `this`, the element that has the
 * attribute, and `closest`, `find`, `next` and `previous`, which start at the sender.
 *
 * @param {string} text
 * @param {Element} sender
 * @param {Element} bearer what `this` means
 * @returns {Element[]} invalid selectors match nothing
 */
export function elementsOf(text, sender, bearer) {
  return [...new Set(split(text, ",").flatMap((part) => elementsOfOne(part, sender, bearer)))];
}

/** @type {(part: string, sender: Element, bearer: Element) => Element[]} */
function elementsOfOne(part, sender, bearer) {
  try {
    return relative.test(part) ? related(part, sender, bearer) : near(part, bearer);
  } catch {
    console.warn(`wsx: invalid selector, ignored: ${part}`);
    return [];
  }
}
