// Describes, for developers, what one client sends and receives.

import { parseFrame } from "../shared/frame.js";

/**
 * @typedef {"in" | "out" | "request" | "problem" | "note"} Kind
 *
 * @typedef {object} Entry
 * @property {Kind} kind
 * @property {Date} at
 * @property {string} what happened, in one line
 * @property {string} more the details
 * @property {number} [bytes] of a frame
 * @property {number} [took] of a request, in ms
 */

const most = 200;
// A frame can have a megabyte, of which only the beginning is worth showing.
const mostText = 10_000;

/** The last events of one client, in words. */
export class Log {
  /** The oldest first. @type {Entry[]} */
  entries = [];
  #added;
  /** Requests without an answer, the oldest first. @type {Map<string, { handler: string, sent: number }>} */
  #open = new Map();

  /** @param {(entry: Entry) => void} added */
  constructor(added) {
    this.#added = added;
  }

  clear() {
    this.entries = [];
  }

  /** @param {unknown} data a frame as it arrived */
  in(data) {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const frame = parseFrame(data) ?? {};
    this.#add({ kind: "in", what: describe(frame), more: text, bytes: bytesOf(text) });
    if (frame.type !== "error" && frame.type !== "hello") this.#settle(frame.id, "request", "");
  }

  /** @param {string} text a frame as it was sent */
  out(text) {
    const frame = parseFrame(text) ?? {};
    this.#add({ kind: "out", what: describe(frame), more: text, bytes: bytesOf(text) });
    if (frame.type !== undefined || typeof frame.id !== "string") return;
    this.#open.set(frame.id, { handler: String(frame.handler), sent: performance.now() });
    if (this.#open.size > most) this.#open.delete(/** @type {string} */ (this.#open.keys().next().value));
  }

  /** @param {unknown[]} words for developers; a missing target counts as a problem */
  note(words) {
    const text = words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ");
    this.#add({ kind: /^no element for/.test(text) ? "problem" : "note", what: text, more: text });
  }

  /** @param {any} detail of wsx:error */
  failed({ id, code, handler, text, request }) {
    const what = [code, text].filter(Boolean).join(": ");
    if (this.#settle(id, "problem", what)) return;
    this.#add({ kind: "problem", what: `${handler || "request"} ${short(id)} failed: ${what}`, more: JSON.stringify(request) ?? what });
  }

  /** @param {string} what */
  status(what) {
    this.#add({ kind: "note", what, more: what });
  }

  /**
   * Adds the end of a request.
   *
   * @param {unknown} id
   * @param {Kind} kind
   * @param {string} problem empty if the request succeeded
   * @returns {boolean} false if the request is not known
   */
  #settle(id, kind, problem) {
    const request = this.#open.get(/** @type {string} */ (id));
    if (!request) return false;
    this.#open.delete(/** @type {string} */ (id));
    const what = `${request.handler} ${short(id)} ${problem ? `failed: ${problem}` : "was answered"}`;
    this.#add({ kind, what, more: what, took: performance.now() - request.sent });
    return true;
  }

  /** @param {Omit<Entry, "at">} entry */
  #add(entry) {
    const { more } = entry;
    const full = { ...entry, at: new Date(), more: more.length > mostText ? `${more.slice(0, mostText)} …` : more };
    this.entries.push(full);
    if (this.entries.length > most) this.entries.shift();
    this.#added(full);
  }
}

/**
 * Describes a frame in one line.
 *
 * @param {Record<string, any>} frame
 */
function describe(frame) {
  const { type, handler, code = "", updates, oob } = frame;
  const id = short(frame.id);
  const where = frame.room === undefined ? "" : ` of ${frame.room} at ${frame.pos}`;
  if (type === "batch") return `batch of ${Array.isArray(updates) ? updates.length : 0} ${id}${where}`;
  if (type !== undefined) return `${type} ${id} ${code}`.trim();
  if (handler !== undefined) return `${handler || "(no handler)"} ${id}`.trim();
  if (frame.swap === "action") return `${Object(frame.args)[0]} at ${frame.target}${where}`;
  const more = Array.isArray(oob) && oob.length > 0 ? ` and ${oob.length} more` : "";
  return `${frame.target ?? "(no target)"} ${frame.swap ?? "innerHTML"}${more}${where}`;
}

/**
 * Shortens an id of this page's requests to its number: all of them begin with the name of the page.
 *
 * @param {unknown} [id]
 */
function short(id = "") {
  return String(id).replace(/^\w+-(\d+)$/, "#$1");
}

/** @param {string} text */
function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}
