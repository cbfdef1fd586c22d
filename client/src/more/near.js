// Finds what is in the shadow root of a sender, where queries of the document find nothing.

import { relative } from "../shared/relative.js";
import { unclobbered } from "../shared/unclobbered.js";

/** @typedef {import("../shared/frame.js").Frame} Frame */

/**
 * Returns all matches in the shadow root that a node is in; if there are none, those in the document.
 *
 * @param {string} selector
 * @param {Node} node
 * @returns {Element[]}
 */
export function near(selector, node) {
  const root = unclobbered(node, "getRootNode")();
  const found = root instanceof ShadowRoot && root.isConnected ? root.querySelectorAll(selector) : [];
  return [...(found.length > 0 ? found : document.querySelectorAll(selector))];
}

/**
 * Has an answer look for its targets near the sender, if that is in a shadow root.
 *
 * @param {import("../core/requests.js").Entry} entry
 */
export function lookNear(entry) {
  const at = entry.base ?? entry.at;
  if (unclobbered(at, "getRootNode")() instanceof ShadowRoot) entry.read = withNear;
}

/**
 * Makes all targets in a frame relative.
 *
 * @param {Frame} frame
 * @returns {Frame}
 */
function withNear(frame) {
  const { target, oob, updates } = frame;
  const read = { ...frame };
  if (typeof target === "string" && !relative.test(target)) read.target = `near ${target}`;
  if (Array.isArray(oob)) read.oob = oob.map((one) => withNear(Object(one)));
  if (Array.isArray(updates)) read.updates = updates.map((one) => withNear(Object(one)));
  return read;
}
