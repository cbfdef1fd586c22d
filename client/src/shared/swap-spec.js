// Parses wx-swap and the swap of an update: a style and its modifiers.

import { duration } from "./duration.js";

/**
 * @typedef {object} SwapSpec
 * @property {string} style
 * @property {number} delay before the swap, in ms; later updates wait too
 * @property {number} settle from the swap to wsx:afterSwap, in ms
 * @property {string} [show] where to bring the target into view
 * @property {string} [scroll] where to scroll the content of the target
 */

// A slip such as swap:50s must not freeze the updates of the page.
const longestDelay = 5000;

/**
 * Parses "beforeend swap:100ms settle:0 scroll:bottom". The first token is the style unless it is a modifier.
 *
 * @param {unknown} text
 * @returns {SwapSpec}
 */
export function parseSwap(text) {
  /** @type {SwapSpec} */
  const spec = { style: "innerHTML", delay: 0, settle: 20 };
  const tokens = typeof text === "string" ? text.split(/\s+/).filter(Boolean) : [];
  if (tokens.length > 0 && !tokens[0].includes(":")) spec.style = /** @type {string} */ (tokens.shift());
  if (spec.style === "morph") spec.style = "outerMorph";
  for (const token of tokens) {
    const [name, value = ""] = token.split(/:(.*)/);
    if (name === "swap") spec.delay = Math.min(duration(value) ?? 0, longestDelay);
    else if (name === "settle") spec.settle = duration(value) ?? spec.settle;
    else if (name === "show" || name === "scroll") spec[name] = value;
  }
  return spec;
}
