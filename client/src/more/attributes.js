import { bearer } from "../shared/inherited.js";
import { unclobbered } from "../shared/unclobbered.js";
import { relative } from "../shared/relative.js";
import { related } from "./targets.js";
import { split } from "../shared/split.js";

/**
 * An attribute that counts for an element and everything inside, with the element that has it: the nearest one wins.
 *
 * @param {Element | Document} element
 * @param {string} name
 * @returns {{ value: string, bearer: Element } | undefined} undefined if there is none
 */
export function setting(element, name) {
  const at = element instanceof Element ? bearer(element, name) : undefined;
  return at && { value: unclobbered(at, "getAttribute")(name) ?? "", bearer: at };
}

/**
 * The elements that a list of selectors means. Besides those of CSS there are `this`, the element that has the attribute, and
 * `closest`, `find`, `next` and `previous`, as seen from the sender.
 *
 * @param {string} text
 * @param {Element} sender
 * @param {Element} bearer what `this` means
 * @returns {Element[]} none of those that cannot be read
 */
export function elementsOf(text, sender, bearer) {
  return [...new Set(split(text, ",").flatMap((part) => elementsOfOne(part, sender, bearer)))];
}

/** @type {(part: string, sender: Element, bearer: Element) => Element[]} */
function elementsOfOne(part, sender, bearer) {
  try {
    return relative.test(part) ? related(part, sender, bearer) : [...document.querySelectorAll(part)];
  } catch {
    console.warn(`wsx: not a valid selector, so it is left out: ${part}`);
    return [];
  }
}
