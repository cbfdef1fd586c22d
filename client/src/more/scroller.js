import { unclobbered } from "../shared/unclobbered.js";

// Less than a line: with fractions of pixels, and with a thumb on the glass, nobody meets the end exactly.
const near = 24;
// The row that the reader looks at may go, the next one then tells as well where things were.
const rowsNoted = 10;

/**
 * What the reader scrolls to move the element: itself, the nearest one around it that can be scrolled, or the page.
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
 * Keeps the first row in view where it is, over a change of what is above it.
 *
 * @param {Element} scroller
 * @param {Element} list whose children are the rows
 * @returns {() => void} puts it back
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
