/**
 * What visitors changed, until a request that carried it has succeeded or their form is reset. It is the page's, because the file
 * of the morphs has this one, too.
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
