// Finds scrollers, and keeps the rows in view in place.

import { unclobbered } from "../shared/unclobbered.js";

// Less than a line. Fractions of pixels and imprecise fingers rarely stop exactly at the end.
const near = 24;
// The first row in view may be removed; the next ones then serve as well.
const rowsNoted = 10;

/**
 * Returns the element itself or its nearest ancestor that can be scrolled, or else the page.
 *
 * @param {Element} element
 * @returns {Element}
 */
export function scrollerOf(element) {
  /** @type {Element | null} */
  let at = element;
  while (at && !/auto|scroll/.test(getComputedStyle(at).overflowY)) at = unclobbered(at, "parentElement");
  const page = document.scrollingElement ?? document.documentElement;
  return !at || at === document.body ? page : at;
}

/** @param {Element} scroller */
export function isAtEnd({ scrollHeight, clientHeight, scrollTop }) {
  return scrollHeight - clientHeight - scrollTop <= near;
}

/**
 * Keeps the first row in view in place while the rows above it change.
 *
 * @param {Element} scroller
 * @param {Element} list its children are the rows
 * @returns {() => void} scrolls the row back
 */
export function holdRows(scroller, list) {
  const rows = [...unclobbered(list, "children")];
  const edge = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
  const first = rows.findIndex((row) => bottomOf(row) > edge);
  const noted = first < 0 ? [] : rows.slice(first, first + rowsNoted).map((row) => /** @type {const} */ ([row, topOf(row)]));
  return () => {
    for (const [row, before] of noted) {
      const now = unclobbered(row, "isConnected") ? row : document.getElementById(unclobbered(row, "getAttribute")("id") ?? "");
      if (!now) continue;
      const top = topOf(now) - before;
      if (top !== 0) scroller.scrollBy({ top, behavior: "instant" });
      return;
    }
  };
}

/** @param {Element} row */
function topOf(row) {
  return unclobbered(row, "getBoundingClientRect")().top;
}

/** @param {Element} row */
function bottomOf(row) {
  return unclobbered(row, "getBoundingClientRect")().bottom;
}
