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
    const values = chosen(field);
    const keys = keep ? keysOf(field).filter((_, i) => field.options[i].selected) : [];
    return () => select(field, new Set(keys), new Set(keep ? values : []));
  }
  return () => keep || restore(field);
}

/**
 * Tells the options of a field apart, also those of one value: by their text, and their place among equal ones.
 *
 * @param {HTMLSelectElement} field
 */
function keysOf({ options }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return [...options].map(({ value, text }) => {
    const key = `${value}\n${text}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return `${key}\n${count}`;
  });
}

/**
 * @param {HTMLSelectElement} field
 * @param {Set<string>} keys the options that were chosen
 * @param {Set<string>} values their values, for options that are called otherwise now. If there are none of those either, the markup
 *   decides
 */
function select(field, keys, values) {
  const options = [...field.options];
  const now = keysOf(field);
  const isKept = now.some((key) => keys.has(key));
  const possible = isKept || options.some((option) => values.has(option.value));
  for (const [i, option] of options.entries()) {
    const selected = isKept ? keys.has(now[i]) : possible ? values.has(option.value) : option.defaultSelected;
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
