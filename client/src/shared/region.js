// Describes regions, the parts of a page that show rooms.

import { emit } from "./events.js";
import { unclobbered } from "./unclobbered.js";

/** @typedef {{ rooms: string[], element: Element }} Region an element, and the rooms that it shows */

/**
 * Fires wsx:reset for a region that could not be refetched.
 *
 * @param {Region} region
 */
export function fail(region) {
  emit(region.element, "wsx:reset", { ...region, failed: true });
}

/** @param {Element} element */
export function idOf(element) {
  return unclobbered(element, "getAttribute")("id") ?? "";
}
