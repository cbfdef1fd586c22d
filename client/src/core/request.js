import { inherited } from "../shared/inherited.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * The keys are sent in this order and all of them, as the original client does.
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
 * What an element asks for with its attributes. Where the answer goes, and how, may be said by an ancestor for all inside it.
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
    // The whole attribute: handlers written for the original tell "input throttle:500ms" from other triggers.
    trigger: unclobbered(sender, "getAttribute")("wx-trigger") || event,
    data,
    swap: inherited(sender, "wx-swap") || "innerHTML",
  };
}
