// Finds the rows that a list has to drop: wx-limit.

import { unclobbered } from "../shared/unclobbered.js";

/**
 * Returns the end of a list where children were added; undefined if they are in the middle or all are new.
 *
 * @param {MutationRecord[]} records about the children of the list; the last one counts
 * @returns {"start" | "end" | undefined}
 */
export function sideOf(records) {
  for (const { addedNodes, previousSibling, nextSibling } of [...records].reverse()) {
    if (![...addedNodes].some((node) => node instanceof Element)) continue;
    const [before, after] = [hasElement(previousSibling, "previousElementSibling"), hasElement(nextSibling, "nextElementSibling")];
    if (before !== after) return before ? "end" : "start";
  }
  return undefined;
}

/**
 * Returns the list that a swap inserts into, and at which end. Other swaps give an empty result.
 *
 * @param {Element} target
 * @param {string} style
 * @returns {[list?: Element | null, side?: "start" | "end"]}
 */
export function insertOf(target, style) {
  if (style === "beforeend") return [target, "end"];
  if (style === "afterbegin") return [target, "start"];
  const parent = unclobbered(target, "parentElement");
  if (style === "afterend" && !unclobbered(target, "nextElementSibling")) return [parent, "end"];
  if (style === "beforebegin" && !unclobbered(target, "previousElementSibling")) return [parent, "start"];
  return [];
}

/**
 * @param {Node | null} node
 * @param {"previousElementSibling" | "nextElementSibling"} next
 */
function hasElement(node, next) {
  return node instanceof Element || (node instanceof CharacterData && node[next] !== null);
}

/**
 * Returns the children that exceed wx-limit, taken from the end opposite to the new ones. A child that contains the focus
 * stays.
 *
 * @param {Element} list
 * @param {"start" | "end"} side
 * @returns {Element[]}
 */
export function tooMany(list, side) {
  const limit = Number(unclobbered(list, "getAttribute")("wx-limit"));
  const most = limit > 0 ? limit : Infinity;
  const children = unclobbered(list, "children");
  const excess = children.length - most;
  /** @type {Element[]} */
  const found = [];
  for (let i = 0; i < children.length && found.length < excess; i++) {
    const row = children[side === "end" ? i : children.length - 1 - i];
    if (!unclobbered(row, "contains")(document.activeElement)) found.push(row);
  }
  return found;
}
