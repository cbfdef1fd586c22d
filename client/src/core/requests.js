import { emit } from "../shared/events.js";
import { parse } from "./html.js";
import { unclobbered } from "../shared/unclobbered.js";
import { relative } from "../shared/relative.js";

/**
 * What wsx:error tells, and where.
 *
 * @typedef {object} About
 * @property {string} [id] without one the request cannot be followed
 * @property {string} handler
 * @property {object} [request] the frame as an object; none if the server speaks of a request that nobody knows
 * @property {Element | Document} at
 * @property {End[]} [ends] called once when the request is over, in this order
 * @property {boolean} [isOver]
 *
 * @typedef {(code?: string, words?: string) => void} End without a code the request succeeded; the words are for visitors
 *
 * @typedef {object} Sending
 * @property {string} text the frame
 * @property {End[]} ends
 * @property {() => void} [succeeded] called by the client
 * @property {Element} [base] bears the target
 * @property {HTMLElement | null} [submitter]
 * @property {number} [retries] how often it is sent again when it was cut off
 * @property {object} [over] the connection that it went over
 * @property {number} [place] in the order of the requests; 0: nothing of the answer is shown
 *
 * @typedef {About & Sending} Entry
 */

const mostWaiting = 100;

/**
 * Knows what became of every request: waiting for the connection, sent, answered, refused, lost. While one is under way, its
 * sender has the class wx-pending and aria-busy.
 */
export class Requests {
  /** @type {Entry[]} */
  #waiting = [];
  /** @type {Map<string, Entry>} */
  #sent = new Map();
  #count = 0;
  /** For each target, or sender if only it knows the target, the newest request whose answer overwrote it. @type {Map<unknown, number>} */
  #shown = new Map();
  #transmit;
  /** The connection that takes requests now. @type {object | undefined} */
  #over;
  #follow = false;
  #closed = false;

  /** @param {(text: string) => boolean} transmit false if the text did not go out */
  constructor(transmit) {
    this.#transmit = transmit;
  }

  get areWaiting() {
    return this.#waiting.length > 0;
  }

  /** Whether any is waiting or without an answer. */
  get areOpen() {
    return this.areWaiting || this.#sent.size > 0;
  }

  /** @param {Entry} entry */
  add(entry) {
    const { at, ends, request } = entry;
    if (!this.areOpen) this.#shown.clear(); // nothing older can be answered any more
    entry.place = ++this.#count;
    pend(at, 1);
    ends.push((code) => {
      pend(at, -1);
      emit(at, "wsx:afterRequest", { request, element: at, success: !code, code });
    });
    if (this.#closed) fail(entry, "closed");
    else if (this.#waiting.length >= mostWaiting) fail(entry, "queue");
    else this.#waiting.push(entry);
    this.#flush();
  }

  /**
   * The connection takes requests from now on.
   *
   * @param {object} over
   * @param {boolean} follow whether every request is answered, which an original server does not do: there they are over when
   *   they have been sent
   */
  resume(over, follow) {
    this.#over = over;
    this.#follow = follow;
    this.#closed = false;
    this.#flush();
  }

  /** Requests wait. */
  hold() {
    this.#over = undefined;
  }

  /** The connection will not come back by itself: what waits cannot be sent, and visitors should know. */
  close() {
    this.#closed = true;
    for (const entry of this.#waiting.splice(0)) fail(entry, "closed");
  }

  reopen() {
    this.#closed = false;
  }

  /**
   * The request has been answered.
   *
   * @param {unknown} id
   * @returns {Entry | undefined}
   */
  settle(id) {
    const entry = this.#sent.get(/** @type {string} */ (id));
    this.#sent.delete(/** @type {string} */ (id));
    return entry;
  }

  /**
   * Whether an update of an answer is to be shown: not if it would overwrite what the answer to a newer request has put there.
   *
   * @param {Entry} entry
   * @param {unknown} update
   */
  isNews({ place = 0, at }, update) {
    const { target, swap = "inner" } = Object(update);
    const key = relative.test(target) ? at : target;
    if (!place || !/^(inner|outer|text)/.test(swap)) return place > 0;
    if ((this.#shown.get(key) ?? 0) > place) return false;
    this.#shown.set(key, place);
    return true;
  }

  /**
   * A connection ended: the answers to what went over it will never come, and nobody knows what the server did.
   *
   * @param {object} over
   */
  lose(over) {
    /** @type {Entry[]} */
    const again = [];
    for (const [id, entry] of this.#sent) {
      if (entry.over !== over) continue;
      this.#sent.delete(id);
      if (!entry.isOver && entry.retries) again.push(entry), entry.retries--;
      else fail(entry, "lost");
    }
    this.#waiting.unshift(...again);
    this.#flush();
  }

  #flush() {
    this.#waiting = this.#waiting.filter(({ isOver }) => !isOver);
    while (this.#over && this.#waiting.length > 0) {
      const entry = this.#waiting[0];
      if (!this.#transmit(entry.text)) return;
      this.#waiting.shift();
      entry.over = this.#over;
      if (entry.id) this.#sent.set(entry.id, entry);
      if (!this.#follow || !entry.id) end(entry);
      if (!this.#follow && this.#sent.size > mostWaiting) this.#sent.delete(this.#sent.keys().next().value ?? "");
    }
  }
}

/**
 * How many requests of an element are under way, and its aria-busy without them.
 *
 * @type {WeakMap<Element, [number, string | null]>}
 */
const pending = new WeakMap();

/**
 * @param {Element | Document} at
 * @param {1 | -1} more
 */
function pend(at, more) {
  if (!(at instanceof Element)) return;
  const list = unclobbered(at, "classList");
  let [count, was] = pending.get(at) ?? [0, null];
  if (!count) was = unclobbered(at, "ariaBusy");
  count += more;
  pending.set(at, [count, was]);
  list.toggle("wx-pending", count > 0);
  if (!list.length) unclobbered(at, "removeAttribute")("class"); // leave nothing behind
  Reflect.set(Element.prototype, "ariaBusy", count ? "true" : was, at); // of a form it may be a field
}

/**
 * The request is over; more calls do nothing.
 *
 * @param {About} about
 * @param {string} [code]
 * @param {string} [words]
 */
export function end(about, code, words) {
  about.isOver = true;
  for (const each of about.ends?.splice(0) ?? []) each(code, words);
}

/**
 * The page is given the words for its visitors twice: as they came, and as text, because under Trusted Types it has no way of
 * its own to unescape them.
 *
 * @param {About} about
 * @param {string} code
 * @param {string} [html]
 */
export function fail(about, code, html) {
  const { at, id, handler, request, isOver } = about;
  if (isOver) return; // it was told that it failed, or nobody waits any more
  let text;
  try {
    if (html !== undefined) text = parse(html, null).textContent;
  } catch {
    // The page's Trusted Types do not list our policy. That something failed is still to be told.
  }
  emit(at, "wsx:error", { code, id, html, text, handler, request, element: at });
  end(about, code, text ?? undefined);
}
