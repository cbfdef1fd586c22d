// Scrolls after a swap.

import { unclobbered } from "../shared/unclobbered.js";

/**
 * Applies the modifiers show: and scroll: of a swap. The style sheet decides whether it is smooth (scroll-behavior).
 *
 * @param {Element} element
 * @param {import("../shared/swap-spec.js").SwapSpec} spec
 */
export function scrollAfterSwap(element, { style, show, scroll }) {
  if (style === "delete" || !unclobbered(element, "isConnected")) return;
  if (scroll !== undefined && !scrollContent(element, scroll)) reveal(element, scroll);
  if (show !== undefined) reveal(element, show);
}

/**
 * @param {Element} element
 * @param {string} to
 * @returns {boolean} false if the element cannot scroll or the value means something else
 */
function scrollContent(element, to) {
  if ((to !== "top" && to !== "bottom") || getComputedStyle(element).overflowY === "visible") return false;
  element.scrollTop = to === "top" ? 0 : element.scrollHeight;
  return true;
}

/** @type {Record<string, ScrollLogicalPosition>} */
const blocks = { top: "start", center: "center", bottom: "end" };

/**
 * @param {Element} element
 * @param {string} where
 */
function reveal(element, where) {
  if (where === "window") window.scrollTo(0, 0);
  else element.scrollIntoView({ block: blocks[where] ?? "nearest" });
}
