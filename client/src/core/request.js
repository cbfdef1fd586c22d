// Builds the frame of a request from the attributes of its sender.

import { inherited } from "../shared/inherited.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * A request as it is sent. All keys are sent, in this order, as the original client does.
 *
 * @typedef {object} Request
 * @property {string} id
 * @property {string} handler
 * @property {string} target
 * @property {string} trigger
 * @property {Record<string, unknown>} data
 * @property {string} swap
 */

/**
 * Builds the request that the attributes of an element describe. wx-target and wx-swap are inherited from ancestors.
 *
 * @param {Element} sender
 * @param {string} id
 * @param {string} event
 * @param {Record<string, unknown>} data
 * @returns {Request}
 */
export function requestOf(sender, id, event, data) {
  return {
    id,
    handler: unclobbered(sender, "getAttribute")("wx-send") ?? "",
    target: inherited(sender, "wx-target") || "body",
    // The whole attribute, because handlers written for the original tell triggers apart by it.
    trigger: unclobbered(sender, "getAttribute")("wx-trigger") || event,
    data,
    swap: inherited(sender, "wx-swap") || "innerHTML",
  };
}
