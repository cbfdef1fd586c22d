import { unclobbered } from "./unclobbered.js";

/**
 * Tells the page. An element that has left the document could not be heard, so the document speaks for it.
 *
 * @param {Element | Document} at
 * @param {string} name
 * @param {object} detail
 * @param {boolean} [cancelable]
 * @returns {boolean} false if a listener has called preventDefault
 */
export function emit(at, name, detail, cancelable = false) {
  const event = new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable });
  return unclobbered(unclobbered(at, "isConnected") ? at : document, "dispatchEvent")(event);
}
