// Reads what a field holds, including editable content, in a form that can be compared.

/**
 * What a field holds now, for comparison. Editable content counts as a field.
 *
 * @param {Element} field
 */
export function current(field) {
  if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) return field.checked;
  if (field instanceof HTMLSelectElement) return chosen(field).join("\n");
  if (field instanceof HTMLElement && field.isContentEditable) return field.innerHTML;
  return /** @type {Partial<HTMLInputElement>} */ (field).value;
}

/**
 * Reports whether a field certainly holds what its markup says. This is quicker than comparing the current value with the
 * initial one, and settles most cases.
 *
 * @param {Element} field
 */
export function isAsWritten(field) {
  const { checked, defaultChecked, value, defaultValue } = /** @type {HTMLInputElement} */ (field);
  return checked === defaultChecked && value === defaultValue && !(field instanceof HTMLSelectElement);
}

/** @param {HTMLSelectElement} select */
export function chosen(select) {
  return [...select.selectedOptions].map((option) => option.value);
}
