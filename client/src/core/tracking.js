// Tracks which fields visitors change, and forgets what requests have carried to the server.

import { dirty, isDirty, isRadio } from "../shared/dirty.js";
import { current, isAsWritten } from "../shared/field-value.js";
import { initial } from "./initial-value.js";
import { unclobbered } from "../shared/unclobbered.js";

/** Fields that a request has carried: the server may know another value than the markup says. @type {WeakSet<Element>} */
const carried = new WeakSet();

/** The value of each field at its last change. @type {WeakMap<Element, unknown>} */
const seen = new WeakMap();

let isWatching = false;

/**
 * Starts listening, for all clients of a page; it never stops. A field that differs from its markup by now was changed
 * before the script ran, or restored by the browser on a reload.
 */
export function watchFields() {
  // Again for each client, because document.open removes all listeners; the same function is never added twice.
  for (const event of ["input", "change"]) document.addEventListener(event, changed, true);
  for (const event of ["click", "close"]) document.addEventListener(event, toggled, true);
  window.addEventListener("reset", reset);
  if (isWatching) return;
  isWatching = true;
  const look = () => {
    for (const field of document.querySelectorAll("input,textarea,select")) {
      if (!seen.has(field) && !isAsWritten(field) && current(field) !== initial(field)) dirty.add(field);
    }
  };
  look();
  // Chromium restores fields only now.
  if (document.readyState !== "complete") window.addEventListener("pageshow", look, { once: true });
}

/**
 * Notes the dirty fields that a request carries.
 *
 * @param {Element} sender
 * @param {boolean} [isDone] whether the visitor has sent them on purpose, and is not just typing
 * @returns {() => void} called when the request has succeeded: fields that have not changed since are no longer dirty
 */
export function carriedBy(sender, isDone = true) {
  const fields = sender instanceof HTMLFormElement ? fieldsOf(sender).filter((field) => isSent(field)) : [sender];
  const sent = fields.filter(isDirty).map((field) => /** @type {const} */ ([field, current(field)]));
  for (const [field] of sent) carried.add(field);
  return () => {
    for (const [field, state] of sent) {
      const forget = () => current(field) === state && dirty.delete(field);
      // While it has the focus, the visitor may go on.
      if (isDone || !unclobbered(field, "matches")(":focus")) forget();
      else field.addEventListener("blur", forget, { once: true });
    }
  };
}

/** @param {Event} event */
function changed(event) {
  const [target] = event.composedPath(); // the field itself, if a shadow root hides it
  if (!(target instanceof Element)) return;
  const state = current(target);
  // A field that loses the focus fires change for a value that input has announced.
  if (event.type === "change" && seen.get(target) === state) return;
  seen.set(target, state);
  // Choosing a radio button unchecks the others of its group.
  dirty.add(target);
  if (isRadio(target)) for (const field of groupOf(target)) dirty.add(field);
  // Put back to what it was.
  else if ("defaultValue" in target && isAsWritten(target) && !carried.has(target)) dirty.delete(target);
}

/**
 * Notes the details that a visitor opens or closes, and the dialogs that are closed.
 *
 * @param {Event} event
 */
function toggled({ type, target }) {
  const at = /** @type {Element | null | undefined} */ (type === "close" ? target : /** @type {Partial<Element>} */ (target).closest?.("summary")?.parentElement);
  if (at) dirty.add(at);
}

/** @param {Event} event */
function reset({ target, defaultPrevented }) {
  if (target instanceof HTMLFormElement && !defaultPrevented) for (const field of fieldsOf(target)) dirty.delete(field);
}

/** @param {HTMLInputElement} radio */
function groupOf({ name, form }) {
  return [...document.querySelectorAll("input")].filter((field) => isRadio(field) && field.name === name && field.form === form);
}

/**
 * The fields of a form, including editable content.
 *
 * @param {HTMLFormElement} form
 */
function fieldsOf(form) {
  return [...unclobbered(form, "elements"), ...unclobbered(form, "querySelectorAll")("[contenteditable]")];
}

/**
 * Reports whether a form sends a field. Fields that are disabled or have no name are not sent.
 *
 * @param {Element} field
 */
function isSent(field) {
  return field.hasAttribute("contenteditable") || (field.hasAttribute("name") && !field.matches(":disabled"));
}
