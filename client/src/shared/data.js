// Collects the data of a request from fields, attributes and the call that asked for it.

import { unclobbered } from "./unclobbered.js";

/**
 * The data that an element sends: its fields, then wx-data, data-* attributes and what the caller passes. Later ones win.
 *
 * A name with several values becomes an array and a single value stays text. A lone select with `multiple` is always an
 * array. Only the names of files are sent, because a socket frame is no place for their content. A single field without a
 * name attribute is called "value".
 *
 * @param {Element} element
 * @param {HTMLElement | null} submitter the button that submitted the form
 * @param {Record<string, unknown>} [given] from a call; overrides everything in the markup
 * @returns {Record<string, unknown>}
 */
export function collectData(element, submitter, given) {
  /** @type {Map<string, unknown>} */
  const data = new Map(element instanceof HTMLFormElement ? formEntries(element, submitter) : fieldEntries(element));
  for (const [key, value] of Object.entries(ownData(element))) data.set(key, value);
  for (const { name, value } of unclobbered(element, "attributes")) {
    if (name.startsWith("data-") && !name.startsWith("data-wsx")) data.set(name.slice(5), value);
  }
  for (const [key, value] of Object.entries(given ?? {})) data.set(key, value);
  // Assigning a field called __proto__ would change the object instead of adding a key.
  return Object.fromEntries(data);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
export function formEntries(form, submitter) {
  const fields = new FormData(form);
  if (submitter instanceof HTMLButtonElement || submitter instanceof HTMLInputElement) {
    if (submitter.name) fields.append(submitter.name, submitter.value);
  }
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const [name, value] of fields) {
    const text = typeof value === "string" ? value : value.name;
    if (typeof value !== "string" && text === "") continue; // a file field with no file chosen
    values.set(name, [...(values.get(name) ?? []), text]);
  }
  return [...values].map(([name, all]) => /** @type {[string, unknown]} */ ([name, all.length > 1 ? all : all[0]]));
}

/**
 * @param {Element} element
 * @returns {[string, unknown][]}
 */
export function fieldEntries(element) {
  if (element instanceof HTMLSelectElement && element.multiple) {
    return [[element.name || "value", [...element.selectedOptions].map((option) => option.value)]];
  }
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) {
    return [[element.name || "value", element.value]];
  }
  if (!(element instanceof HTMLInputElement)) return [];
  if ((element.type === "checkbox" || element.type === "radio") && !element.checked) return [];
  if (element.type === "file") {
    const names = [...(element.files ?? [])].map((file) => file.name);
    return names.length > 0 ? [[element.name || "value", names.length > 1 ? names : names[0]]] : [];
  }
  return [[element.name || "value", element.value]];
}

/**
 * @param {Element} element
 * @returns {object}
 */
function ownData(element) {
  const text = unclobbered(element, "getAttribute")("wx-data");
  if (!text) return {};
  try {
    const data = JSON.parse(text);
    if (data && typeof data === "object" && !Array.isArray(data)) return data;
  } catch {
    // warned about below, like JSON that is not an object
  }
  console.warn(`wsx: wx-data is not a JSON object: ${text}`);
  return {};
}
