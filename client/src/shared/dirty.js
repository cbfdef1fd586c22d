// Knows which fields are dirty: a visitor has changed them, and no request that carried the change has succeeded yet.

/**
 * The dirty fields. A field stays dirty until a request that carried it succeeds or its form is reset. The set belongs to
 * the page, because each bundle has its own copy of this module.
 *
 * @type {WeakSet<Element>}
 */
export const dirty = (/** @type {any} */ (globalThis)[Symbol.for("wsx dirty")] ??= new WeakSet());

/** @param {Element} field */
export function isDirty(field) {
  return dirty.has(field);
}

/**
 * @param {Element} field
 * @returns {field is HTMLInputElement}
 */
export function isRadio(field) {
  return field instanceof HTMLInputElement && field.type === "radio";
}
