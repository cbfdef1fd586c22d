import { isDirty, isRadio } from "../shared/dirty.js";
import { chosen } from "../shared/field-value.js";

/**
 * Keeps, over a change of the markup, what visitors chose where another element could take it from them: the other options of
 * a select, the other buttons of a radio group.
 *
 * @returns {() => void} puts it back
 */
export function holdRadios() {
  const held = [...document.querySelectorAll("input:checked")].filter((field) => isRadio(field) && isDirty(field));
  return () => {
    for (const radio of held) /** @type {HTMLInputElement} */ (radio).checked = true;
  };
}

/**
 * The same for one field. What is not dirty, or no longer possible, becomes what the markup says.
 *
 * @param {Element} field
 * @returns {() => void} to be called when the markup has changed
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
 * @param {Set<string>} values none: what the markup says
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
    // The value of a box is an attribute and nothing else; a file can only be taken back.
    if (/^(checkbox|radio)$/.test(field.type)) return;
  } else if (!(field instanceof HTMLTextAreaElement)) return;
  const value = field.type === "file" ? "" : field.defaultValue;
  if (field.value !== value) field.value = value;
}
