// Predicts what a browser does by itself with a click or a submit.

import { closest } from "../shared/inherited.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * The elements that an event passes, innermost first.
 *
 * @param {Event} event
 */
export function pathOf(event) {
  return /** @type {Element[]} */ (event.composedPath().filter((at) => at instanceof Element));
}

/**
 * Reports whether the browser would leave the page because of an event that a sender handles. A button that the sender only
 * listens to keeps its function, because its form may be a sender too.
 *
 * @param {Event} event
 * @param {Element} at the sender, or what it listens to
 * @param {boolean} isSender
 */
export function leadsAway(event, at, isSender) {
  if (event.type === "submit") return !staysHere(event);
  if (event.type !== "click") return false;
  const acting = closest(at, isSender ? "button, input, a[href]" : "a[href]");
  if (acting instanceof HTMLButtonElement || acting instanceof HTMLInputElement) {
    return /^(submit|image)$/.test(acting.type) && acting.form !== null;
  }
  return acting !== undefined;
}

/**
 * Reports whether a submit only closes the dialog around its form.
 *
 * @param {Event} event
 */
export function staysHere(event) {
  const { target, submitter } = /** @type {Partial<SubmitEvent>} */ (event);
  const method = submitter?.getAttribute("formmethod") ?? (target instanceof HTMLFormElement && unclobbered(target, "getAttribute")("method"));
  return Boolean(method) && String(method).toLowerCase() === "dialog";
}

/**
 * Reports whether the visitor pressed a button that closes the dialog, in a form that does more. That cancels, so
 * nothing is sent.
 *
 * @param {Event} event
 */
export function cancels(event) {
  const { submitter } = /** @type {Partial<SubmitEvent>} */ (event);
  return submitter?.getAttribute("formmethod")?.toLowerCase() === "dialog";
}

/**
 * Reports whether a click on a link opens another tab or saves the link, because a modifier key is held.
 *
 * @param {Event} event
 */
export function opensElsewhere(event) {
  const { ctrlKey, metaKey, shiftKey } = /** @type {Partial<MouseEvent>} */ (event);
  if (event.type !== "click" || !(ctrlKey || metaKey || shiftKey)) return false;
  return pathOf(event).some((element) => unclobbered(element, "matches")("a[href]"));
}

/**
 * Reports whether the browser follows a click on a label with one on its field inside `at`. Only the second one counts.
 *
 * @param {Event} event
 * @param {Element} at
 */
export function isRepeated(event, at) {
  if (event.type !== "click" || event.defaultPrevented) return false;
  const [inner] = pathOf(event);
  const label = inner && unclobbered(inner, "closest")("label, button, input, select, textarea, a[href]");
  const field = label instanceof HTMLLabelElement ? label.control : null;
  return field !== null && !field.matches(":disabled") && unclobbered(at, "contains")(field);
}
