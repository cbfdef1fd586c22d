// Shows that a request is under way: wx-indicator, wx-loading-class and wx-disable.

import { elementsOf, setting } from "./attributes.js";
import { hold, holdClass } from "./refcount.js";
import { unclobbered } from "../shared/unclobbered.js";

// A value that no server sends, which tells our disabling from one that a morph brings.
const ours = "wx-pending";

/**
 * Applies the three attributes until the request is over.
 *
 * @param {import("../core/requests.js").Entry} entry
 */
export function showProgress({ at, ends }) {
  if (!(at instanceof Element)) return;
  const indicator = setting(at, "wx-indicator") ?? setting(at, "wx-loading");
  const indicators = indicator ? elementsOf(indicator.value, at, indicator.bearer) : [];
  for (const each of indicators) ends.push(holdClass(each, "wx-pending"), hold(each, "hidden", () => reveal(each)));
  const names = setting(at, "wx-loading-class")?.value.split(/\s+/).filter(Boolean) ?? [];
  for (const name of names) ends.push(holdClass(at, name));
  const disabled = setting(at, "wx-disable");
  if (!disabled) return;
  const { value, bearer } = disabled;
  const focused = focusBeside(at);
  const targets = value.trim() ? elementsOf(value, at, bearer) : at instanceof HTMLFormElement ? submitsOf(at) : [at];
  for (const each of targets) ends.push(hold(each, "disabled", () => disable(each)));
  if (focused && targets.some((each) => unclobbered(each, "contains")(focused))) ends.push(() => refocus(focused));
}

/** @param {Element} element */
function reveal(element) {
  const hidden = unclobbered(element, "getAttribute")("hidden");
  unclobbered(element, "removeAttribute")("hidden");
  return () => {
    if (hidden !== null) unclobbered(element, "setAttribute")("hidden", hidden);
  };
}

/** @param {Element} element */
function disable(element) {
  if (!unclobbered(element, "hasAttribute")("disabled")) unclobbered(element, "setAttribute")("disabled", ours);
  return () => {
    if (isHeld(element)) unclobbered(element, "removeAttribute")("disabled");
  };
}

/**
 * Reports whether an element is disabled because a request is under way.
 *
 * @param {Element} element
 */
export function isHeld(element) {
  return unclobbered(element, "getAttribute")("disabled") === ours;
}

/**
 * @param {HTMLFormElement} form
 * @returns {Element[]}
 */
function submitsOf(form) {
  const submits = [...unclobbered(form, "elements")].filter((field) => /** @type {HTMLInputElement} */ (field).type === "submit");
  return [...submits, ...unclobbered(form, "querySelectorAll")("input[type=image]")]; // which form.elements omits
}

/**
 * Returns what has the focus in the document, or in the shadow root that the element is in.
 *
 * @param {Element} element
 */
function focusBeside(element) {
  const root = unclobbered(element, "getRootNode")();
  return (root instanceof ShadowRoot ? root : document).activeElement;
}

/**
 * Returns the focus to an element that lost it by being disabled, unless the visitor has moved it since.
 *
 * @param {Element} element
 */
function refocus(element) {
  const now = focusBeside(element);
  if (now && now !== document.body && now !== element) return;
  /** @type {HTMLElement} */ (element).focus({ preventScroll: true });
}
