import { unclobbered } from "../shared/unclobbered.js";

// What an event says of what the visitor did. Its other properties lead far away or would hide the element's.
const ofEvent = new Set([
  ..."key code repeat ctrlKey shiftKey altKey metaKey button buttons pointerType deltaX deltaY".split(" "),
  ..."inputType data detail target submitter isTrusted".split(" "),
]);
// Where a scroller is said to be at its end: with a zoomed page positions are not whole.
const nearly = 1.5;

/**
 * What the names of a condition, joined by dots, stand for: looked up in the event, then in the element. It is never a function, a
 * document or a window, and nothing is found behind those.
 *
 * @param {string[]} names
 * @param {import("./condition.js").Scope} scope
 * @returns {unknown} undefined if there is no such thing
 */
export function value(names, { event, element }) {
  const [first, ...others] = names;
  if (others.length === 0) {
    if (first === "length") return of(of(element, "value"), "length");
    if (first === "top" || first === "bottom") return isAt(first, event?.target ?? element);
  }
  return others.reduce(of, root(first, element, event));
}

/**
 * @param {string} name
 * @param {Element} element
 * @param {Event} [event]
 */
function root(name, element, event) {
  if (name === "target") return tame(event?.target ?? element);
  if (!event || !ofEvent.has(name) || !(name in event)) return of(element, name);
  // The keys that choose a word of an input method are none.
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
