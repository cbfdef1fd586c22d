// Finds where an event happened.

/**
 * Returns the innermost node of an event. Outside a shadow root, the target is only the element that hosts it.
 *
 * @param {Event} event
 */
export function originOf(event) {
  return event.composedPath()[0] ?? event.target;
}
