// Adds other fields and headers to a request: wx-include and wx-headers.

import { elementsOf, setting } from "./attributes.js";
import { fieldEntries, formEntries } from "../shared/data.js";
import { split } from "../shared/split.js";
import { unclobbered } from "../shared/unclobbered.js";
import { buttons } from "./validity.js";

/** @typedef {[string, unknown][]} Entries */

/**
 * Adds what wx-include and wx-headers name to a request. Data of the sender itself wins.
 *
 * @param {import("../core/requests.js").Entry} entry
 * @param {import("./more.js").Core} core
 */
export function include(entry, { carriedBy }) {
  const { at, succeeded } = entry;
  if (!(at instanceof Element)) return;
  const request = /** @type {import("../core/request.js").Request} */ (entry.request);
  const { own, sources } = included(at);
  const headers = headersOf(at);
  request.data = { ...merged([...own, ...sources.flatMap(entriesOf)]), ...(headers && { headers }), ...request.data };
  const carried = sources.map((source) => carriedBy(source));
  entry.succeeded = () => [succeeded, ...carried].forEach((each) => each?.());
}

/**
 * Resolves wx-include into properties of the sender, and forms and fields.
 *
 * @param {Element} sender
 * @returns {{ own: Entries, sources: Element[] }}
 */
function included(sender) {
  const { value = "", bearer = sender } = setting(sender, "wx-include") ?? {};
  /** @type {Entries} */
  const own = [];
  /** @type {Set<Element>} */
  const sources = new Set();
  for (const part of split(value, ",")) {
    const found = part === "form" ? [formOf(sender)] : isOwn(part) ? [] : elementsOf(part, sender, bearer);
    for (const source of found.flatMap(fieldsOf)) sources.add(source);
    const { [part]: given } = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (sender));
    if (isOwn(part) && given !== undefined && !(given instanceof Node)) own.push([part, given]); // a form may have a field of that name
  }
  return { own, sources: [...sources] };
}

/** @param {string} part */
function isOwn(part) {
  return part === "value" || part === "name";
}

/**
 * @param {Element} sender
 * @returns {Element | null}
 */
function formOf(sender) {
  if (sender instanceof HTMLFormElement) return sender;
  return /** @type {Partial<HTMLInputElement>} */ (sender).form ?? unclobbered(sender, "closest")("form");
}

/**
 * @param {Element | null} element
 * @returns {Element[]} a form itself, or the fields in another element
 */
function fieldsOf(element) {
  if (!element || element instanceof HTMLFormElement) return element ? [element] : [];
  if (element.matches(":disabled") || element.matches(buttons)) return [];
  if (element.matches("input,select,textarea")) return [element];
  return [...element.querySelectorAll(":is(input,select,textarea)[name]")].flatMap(fieldsOf);
}

/**
 * @param {Element} source
 * @returns {Entries}
 */
function entriesOf(source) {
  return source instanceof HTMLFormElement ? formEntries(source, null) : fieldEntries(source);
}

/**
 * As in a form, a name with several values becomes an array.
 *
 * @param {Entries} entries
 */
function merged(entries) {
  /** @type {Map<string, unknown>} */
  const data = new Map();
  for (const [name, value] of entries) data.set(name, data.has(name) ? [data.get(name), value].flat() : value);
  return Object.fromEntries(data);
}

/**
 * @param {Element} sender
 * @returns {object | undefined}
 */
function headersOf(sender) {
  /** @type {object | undefined} */
  let headers;
  for (let found = setting(sender, "wx-headers"); found; found = above(found.bearer)) {
    try {
      const own = JSON.parse(found.value || "{}");
      if (typeof own !== "object" || Array.isArray(own)) throw own;
      headers = { ...own, ...headers };
    } catch {
      console.warn(`wsx: wx-headers must be a JSON object like '{"lang":"en"}', ignored: ${found.value}`);
    }
  }
  return headers;
}

/** @param {Element} element */
function above(element) {
  const parent = unclobbered(element, "parentElement") ?? /** @type {Partial<ShadowRoot>} */ (unclobbered(element, "getRootNode")()).host;
  return parent ? setting(parent, "wx-headers") : undefined;
}
