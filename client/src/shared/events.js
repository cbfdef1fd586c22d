// Dispatches the events that the client fires in the page.

import { unclobbered } from "./unclobbered.js";

/**
 * Fires an event. If the element has left the document, where no listener would hear it, the event fires at the document.
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
