// Writes the texts of the client itself, such as the state of the connection.

import { unclobbered } from "../shared/unclobbered.js";

/** What was written last. @type {WeakMap<Element, string>} */
const written = new WeakMap();

/**
 * Shows a text. A translator or an extension may wrap it in elements, which stay until the text is another one.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  const hasElements = unclobbered(element, "childElementCount") > 0;
  if (hasElements && written.get(element) === text) return;
  written.set(element, text);
  // What remains is text, so only text compares equal. Every change notifies observers, including our own.
  if (hasElements || unclobbered(element, "textContent") !== text) unclobbered(element, "replaceChildren")(text);
}

/**
 * Reports whether the page has put elements of its own into a place for a text, before anything was written. Translators wrap in
 * font, which pages no longer use.
 *
 * @param {Element} element
 */
export function isTaken(element) {
  return !written.has(element) && unclobbered(element, "querySelector")(":not(font)") !== null;
}
