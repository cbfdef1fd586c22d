// Keeps what visitors chose or typed in fields while a morph changes the markup around it.

import { isDirty, isRadio } from "../shared/dirty.js";
import { chosen } from "../shared/field-value.js";

/**
 * Remembers the radio buttons that visitors chose: inserting a checked button would uncheck the others in its group.
 *
 * @returns {() => void} checks them again
 */
export function holdRadios() {
  const held = [...document.querySelectorAll("input:checked")].filter((field) => isRadio(field) && isDirty(field));
  return () => {
    for (const radio of held) /** @type {HTMLInputElement} */ (radio).checked = true;
  };
}

/**
 * Remembers a field. If it is not dirty, or its choice is gone, it takes the value in the markup.
 *
 * @param {Element} field
 * @returns {() => void} to be called after the markup has changed
 */
export function holdField(field) {
  const keep = isDirty(field);
  if (field instanceof HTMLSelectElement) {
    const values = new Set(keep ? chosen(field) : []);
    return () => select(field, values);
  }
  return () => keep || restore(field);
}

/**
 * @param {HTMLSelectElement} field
 * @param {Set<string>} values if no option has one of them, the markup decides
 */
function select({ options }, values) {
  const possible = [...options].some((option) => values.has(option.value));
  for (const option of options) {
    const selected = possible ? values.has(option.value) : option.defaultSelected;
    if (option.selected !== selected) option.selected = selected;
  }
}

/** @param {Element} field */
function restore(field) {
  if (field instanceof HTMLInputElement) {
    if (field.checked !== field.defaultChecked) field.checked = field.defaultChecked;
    // The value of a box or radio button is only an attribute.
    if (/^(checkbox|radio)$/.test(field.type)) return;
  } else if (!(field instanceof HTMLTextAreaElement)) return;
  // Scripts can only clear a file field.
  const value = field.type === "file" ? "" : field.defaultValue;
  if (field.value !== value) field.value = value;
}
