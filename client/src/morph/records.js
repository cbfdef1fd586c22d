// Notices that a form or a row is about another record than before: what a visitor has typed is not for that one.

import { dirty } from "../shared/dirty.js";
import { unclobbered } from "../shared/unclobbered.js";

// Called once per element of a page, so without the detour through unclobbered.
const { getAttribute, getAttributeNames, hasAttribute } = Element.prototype;

const drafts = "input,textarea,select,[contenteditable]";
// Hidden fields that are new with each rendering, whatever the record.
const perPage = /csrf|xsrf|token|nonce|captcha/i;
// What says what a form or a sender is about.
const about = /^(action|formaction|wx-data)$/;

/** @param {Element} element whose fields follow the server from now on */
function forget(element) {
  for (const field of [element, ...unclobbered(element, "querySelectorAll")(drafts)]) dirty.delete(field);
}

/**
 * Drops the drafts that do not belong to what an element becomes.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
export function dropDrafts(old, fresh) {
  if (isLocked(fresh) && !isLocked(old)) dirty.delete(old);
  const isSender = old instanceof HTMLFormElement || ["wx-data", "wx-send", "formaction"].some((name) => hasAttribute.call(old, name));
  if (isSender && isAboutAnother(old, fresh)) forget(old instanceof HTMLFormElement ? old : recordOf(old));
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function isAboutAnother(old, fresh) {
  for (const name of getAttributeNames.call(old)) {
    // Scripts add attributes of their own, so those count only if both have them.
    if (!about.test(name) && !name.startsWith("data-")) continue;
    if (hasAttribute.call(fresh, name) && getAttribute.call(old, name) !== getAttribute.call(fresh, name)) return true;
  }
  return false;
}

/**
 * Drops the drafts beside a hidden field that gets another value.
 *
 * @param {Element} old
 * @param {Element} fresh the field with the same name, form and row
 */
export function dropBeside(old, fresh) {
  if (!(old instanceof HTMLInputElement) || old.type !== "hidden" || !old.name || perPage.test(old.name)) return;
  if (getAttribute.call(old, "value") !== getAttribute.call(fresh, "value")) forget(recordOf(old));
}

/**
 * The nearest element around that has fields for visitors: a row, or the form.
 *
 * @param {Element} element
 */
function recordOf(element) {
  let at = element;
  while (!(at instanceof HTMLFormElement) && !unclobbered(at, "querySelector")("input:not([type=hidden]),textarea,select,[contenteditable]")) {
    const parent = unclobbered(at, "parentElement");
    if (!parent || parent === document.body) break;
    at = parent;
  }
  return at;
}

/** @param {Element} field */
function isLocked(field) {
  return ["readonly", "disabled"].some((name) => hasAttribute.call(field, name)) || getAttribute.call(field, "contenteditable") === "false";
}
