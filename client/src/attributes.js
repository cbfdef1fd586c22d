import { member } from "./member.js";
import { split } from "./trigger-spec.js";

/**
 * An attribute that counts for an element and everything inside: the nearest one wins.
 *
 * @param {Element | Document} element
 * @param {string} name
 * @returns {{ value: string, bearer: Element } | undefined} undefined if there is none
 */
export function inherited(element, name) {
  const bearer = element instanceof Element ? member(element, "closest")(`[${name}]`) : null;
  return bearer ? { value: member(bearer, "getAttribute")(name) ?? "", bearer } : undefined;
}

/**
 * The elements that a list of selectors means. Besides those of CSS there are `this`, the element that has the attribute, and
 * `closest`, `find`, `next` and `previous`, as seen from the sender.
 *
 * @param {string} text
 * @param {Element} sender
 * @param {Element} bearer
 * @returns {Element[]} none of those that cannot be read
 */
export function elementsOf(text, sender, bearer) {
  return [...new Set(split(text, ",").flatMap((part) => elementsOfOne(part, sender, bearer)))];
}

/** @type {(part: string, sender: Element, bearer: Element) => Element[]} */
function elementsOfOne(part, sender, bearer) {
  const [, way, selector = ""] = /^(this|closest|find|next|previous)(?:\s+(.+))?$/.exec(part) ?? ["", "", part];
  try {
    switch (way) {
      case "this":
        return [bearer];
      case "closest":
        return [member(sender, "closest")(selector)].filter((found) => found !== null);
      case "find":
        return [...member(sender, "querySelectorAll")(selector)];
      case "next":
      case "previous":
        return beside(sender, way === "next", selector);
      default:
        return [...document.querySelectorAll(selector)];
    }
  } catch {
    console.warn(`wsx: not a valid selector, so it is left out: ${part}`);
    return [];
  }
}

/**
 * @param {Element} sender
 * @param {boolean} after
 * @param {string} selector the nearest one in the document; none: the sibling
 * @returns {Element[]}
 */
function beside(sender, after, selector) {
  const side = after ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  /** @param {Element} found */
  const isThere = (found) => member(sender, "compareDocumentPosition")(found) === side; // neither around it nor inside
  const sibling = member(sender, after ? "nextElementSibling" : "previousElementSibling");
  const found = selector ? [...document.querySelectorAll(selector)].filter(isThere).at(after ? 0 : -1) : sibling;
  return found ? [found] : [];
}
