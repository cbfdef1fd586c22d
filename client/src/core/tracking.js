import { dirty, isDirty, isRadio } from "../shared/dirty.js";
import { current, isAsWritten } from "../shared/field-value.js";
import { initial } from "./initial-value.js";
import { unclobbered } from "../shared/unclobbered.js";

/** What each field was when it was changed last. @type {WeakMap<Element, unknown>} */
const seen = new WeakMap();

let isWatching = false;

/**
 * Starts to listen; more calls add nothing. Clients on a page share it, so it never stops. What is not as it was written by now
 * was changed before the script ran, or kept by the browser when the page was loaded again.
 */
export function watchFields() {
  if (isWatching) return;
  isWatching = true;
  const look = () => {
    for (const field of document.querySelectorAll("input,textarea,select")) {
      if (!seen.has(field) && !isAsWritten(field) && current(field) !== initial(field)) dirty.add(field);
    }
  };
  look();
  // Chromium fills the fields only now.
  if (document.readyState !== "complete") window.addEventListener("pageshow", look, { once: true });
  for (const event of ["input", "change"]) document.addEventListener(event, changed, true);
  window.addEventListener("reset", reset);
}

/**
 * Notes what a request carries.
 *
 * @param {Element} sender
 * @returns {() => void} to be called when the request has succeeded: what was not changed since then is the server's again
 */
export function carriedBy(sender) {
  const fields = sender instanceof HTMLFormElement ? fieldsOf(sender).filter((field) => isSent(field)) : [sender];
  const sent = fields.filter(isDirty).map((field) => /** @type {const} */ ([field, current(field)]));
  return () => {
    for (const [field, state] of sent) if (current(field) === state) dirty.delete(field);
  };
}

/** @param {Event} event */
function changed({ target, type }) {
  if (!(target instanceof Element)) return;
  const state = current(target);
  // A field that loses the focus tells once more what it has told.
  if (type === "change" && seen.get(target) === state) return;
  seen.set(target, state);
  // To choose one radio button is to unchoose the others.
  for (const field of isRadio(target) ? groupOf(target) : [target]) dirty.add(field);
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
 * Also what visitors write into without it being a field.
 *
 * @param {HTMLFormElement} form
 */
function fieldsOf(form) {
  return [...unclobbered(form, "elements"), ...unclobbered(form, "querySelectorAll")("[contenteditable]")];
}

/**
 * A form does not send fields that have no name or are disabled.
 *
 * @param {Element} field
 */
function isSent(field) {
  return field.hasAttribute("contenteditable") || (field.hasAttribute("name") && !field.matches(":disabled"));
}
