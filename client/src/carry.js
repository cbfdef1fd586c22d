import { elementsOf, inherited } from "./attributes.js";
import { fieldEntries, formEntries } from "./data.js";
import { member } from "./member.js";
import { split } from "./trigger-spec.js";

/** @typedef {[string, unknown][]} Entries */

/**
 * Adds what wx-include and wx-headers name to a request. What the sender says itself wins.
 *
 * @param {import("./requests.js").Entry} entry
 */
export function carry({ at, request }) {
  if (!(at instanceof Element)) return;
  const asked = /** @type {import("./request.js").Request} */ (request);
  const headers = headersOf(at);
  asked.data = { ...included(at), ...(headers && { headers }), ...asked.data };
}

/** @param {Element} sender */
function included(sender) {
  const { value = "", bearer = sender } = inherited(sender, "wx-include") ?? {};
  /** @type {Map<string, unknown>} */
  const data = new Map();
  for (const [name, given] of split(value, ",").flatMap((part) => entriesOf(part, sender, bearer))) {
    data.set(name, data.has(name) ? [data.get(name), given].flat() : given);
  }
  return Object.fromEntries(data);
}

/**
 * @param {string} part of the attribute
 * @param {Element} sender
 * @param {Element} bearer
 * @returns {Entries}
 */
function entriesOf(part, sender, bearer) {
  const { form, [/** @type {"value"} */ (part)]: own } = /** @type {Partial<HTMLInputElement>} */ (sender);
  if (part === "form") {
    const around = sender instanceof HTMLFormElement ? sender : (form ?? member(sender, "closest")("form"));
    return around instanceof HTMLFormElement ? formEntries(around, null) : [];
  }
  if (part === "value" || part === "name") return own === undefined ? [] : [[part, own]];
  return elementsOf(part, sender, bearer).flatMap(fieldsOf);
}

/**
 * @param {Element} element
 * @returns {Entries}
 */
function fieldsOf(element) {
  if (element instanceof HTMLFormElement) return formEntries(element, null);
  if (element.matches(":disabled")) return [];
  if (element.matches("input,select,textarea")) return fieldEntries(element);
  return [...element.querySelectorAll(":is(input,select,textarea)[name]")].flatMap(fieldsOf);
}

/**
 * @param {Element} sender
 * @returns {object | undefined}
 */
function headersOf(sender) {
  /** @type {object | undefined} */
  let headers;
  for (let found = inherited(sender, "wx-headers"); found; found = above(found.bearer)) {
    try {
      headers = { ...JSON.parse(found.value || "{}"), ...headers };
    } catch {
      console.warn(`wsx: wx-headers must be a JSON object like '{"lang":"en"}', so this one is left out: ${found.value}`);
    }
  }
  return headers;
}

/** @param {Element} element */
function above(element) {
  const parent = member(element, "parentElement");
  return parent ? inherited(parent, "wx-headers") : undefined;
}
