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
 * What an element asks for with its attributes.
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
    handler: sender.getAttribute("wx-send") ?? "",
    target: sender.getAttribute("wx-target") || "body",
    // The whole attribute: handlers written for the original tell "input throttle:500ms" from other triggers.
    trigger: sender.getAttribute("wx-trigger") || event,
    data,
    swap: sender.getAttribute("wx-swap") || "innerHTML",
  };
}
