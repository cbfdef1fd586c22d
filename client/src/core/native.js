import { unclobbered } from "../shared/unclobbered.js";

// What a browser does by itself with a click or a submit, as far as it gets in the way of senders.

/** @param {Event} event */
export function pathOf(event) {
  return /** @type {Element[]} */ (event.composedPath().filter((at) => at instanceof Element));
}

/**
 * Whether the browser would leave the page because of an event that a sender took. A button that a sender only listens to keeps
 * its work: its form may be a sender too.
 *
 * @param {Event} event
 * @param {Element} at the sender, or what it listens to
 * @param {boolean} isSender
 */
export function leadsAway(event, at, isSender) {
  if (event.type === "submit") return !staysHere(event);
  if (event.type !== "click") return false;
  const acting = unclobbered(at, "closest")(isSender ? "button, input, a[href]" : "a[href]");
  if (acting instanceof HTMLButtonElement || acting instanceof HTMLInputElement) {
    return /^(submit|image)$/.test(acting.type) && acting.form !== null;
  }
  return acting !== null;
}

/**
 * Whether a submit only closes the dialog around its form.
 *
 * @param {Event} event
 */
export function staysHere(event) {
  const { target, submitter } = /** @type {Partial<SubmitEvent>} */ (event);
  const method = submitter?.getAttribute("formmethod") ?? (target instanceof HTMLFormElement && unclobbered(target, "getAttribute")("method"));
  return Boolean(method) && String(method).toLowerCase() === "dialog";
}

/**
 * Whether the visitor pressed a button that closes the dialog although its form does more: a way out, nothing to send.
 *
 * @param {Event} event
 */
export function cancels(event) {
  const { submitter } = /** @type {Partial<SubmitEvent>} */ (event);
  return submitter?.getAttribute("formmethod")?.toLowerCase() === "dialog";
}

/**
 * With such a key held, a click on a link opens another tab or saves it: the visitor's wish.
 *
 * @param {Event} event
 */
export function opensElsewhere(event) {
  const { ctrlKey, metaKey, shiftKey } = /** @type {Partial<MouseEvent>} */ (event);
  if (event.type !== "click" || !(ctrlKey || metaKey || shiftKey)) return false;
  return pathOf(event).some((element) => unclobbered(element, "matches")("a[href]"));
}

/**
 * Whether the browser follows a click, on a label, with one on the label's field inside `at`: of the two the second counts.
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
