// Looks up the names in conditions, without giving access to functions, documents or windows.

import { originOf } from "../shared/origin.js";
import { unclobbered } from "../shared/unclobbered.js";

// The properties of an event that describe what the visitor did. Others would lead too far or hide those of the element.
const ofEvent = new Set([
  ..."key code repeat ctrlKey shiftKey altKey metaKey button buttons pointerType deltaX deltaY".split(" "),
  ..."inputType data detail target submitter isTrusted".split(" "),
]);
// How close to an end a scroller counts as being there: positions on a zoomed page are fractions.
const nearly = 1.5;

/**
 * Returns the value of names joined by dots, looked up in the event and then in the element. Functions, documents and
 * windows count as undefined.
 *
 * @param {string[]} names
 * @param {import("./condition.js").Scope} scope
 * @returns {unknown} undefined if there is no such value
 */
export function value(names, { event, element }) {
  const [first, ...others] = names;
  if (others.length === 0) {
    if (first === "length") return of(of(element, "value"), "length");
    if (first === "top" || first === "bottom") return isAt(first, (event && originOf(event)) ?? element);
  }
  return others.reduce(of, root(first, element, event));
}

/**
 * @param {string} name
 * @param {Element} element
 * @param {Event} [event]
 */
function root(name, element, event) {
  if (name === "target") return tame((event && originOf(event)) ?? element);
  if (!event || !ofEvent.has(name) || !(name in event)) return of(element, name);
  // Keys that an input method consumes do not count.
  if (/** @type {Partial<KeyboardEvent>} */ (event).isComposing && (name === "key" || name === "code")) return undefined;
  return of(event, name);
}

/**
 * @param {unknown} owner
 * @param {string} name
 */
function of(owner, name) {
  if (typeof owner === "string") return name === "length" ? owner.length : undefined;
  if (typeof owner !== "object" || owner === null) return undefined;
  const found = owner instanceof Node ? unclobbered(owner, /** @type {any} */ (name)) : Reflect.get(owner, name);
  return tame(found);
}

/** @param {unknown} found */
function tame(found) {
  if (typeof found === "function") return undefined;
  const { nodeType, window } = Object(found);
  return nodeType === Node.DOCUMENT_NODE || (window && window === found) ? undefined : found;
}

/**
 * @param {"top" | "bottom"} end
 * @param {EventTarget} at
 */
function isAt(end, at) {
  const scroller = at instanceof Element ? at : document.scrollingElement;
  if (!scroller) return false;
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  return end === "top" ? scrollTop < nearly : scrollTop + clientHeight > scrollHeight - nearly;
}
