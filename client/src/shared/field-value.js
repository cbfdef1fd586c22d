/**
 * What a field holds, to be compared. Also of what visitors write into without it being a field.
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
 * Whether a field is surely what its markup says. Quicker than to compare the two above, and enough for most.
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
