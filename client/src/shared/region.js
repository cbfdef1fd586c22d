import { emit } from "./events.js";
import { unclobbered } from "./unclobbered.js";

/** @typedef {{ rooms: string[], element: Element }} Region a part of the page, and the rooms that it shows */

/**
 * Tells the page that a region could not be made whole.
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
