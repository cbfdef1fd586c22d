// Tracks every request from its event until it is over.

import { emit } from "../shared/events.js";
import { parse } from "./html.js";
import { relative } from "../shared/relative.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * What wsx:error says about a request, and where.
 *
 * @typedef {object} About
 * @property {string} [id] without one the request cannot be tracked
 * @property {string} handler
 * @property {object} [request] the frame as an object; undefined if the server names an unknown request
 * @property {Element | Document} at
 * @property {End[]} [ends] called in this order when the request is over
 * @property {boolean} [isOver]
 *
 * @typedef {(code?: string, words?: string) => void} End without a code the request succeeded; words are for visitors
 *
 * @typedef {object} Sending
 * @property {string} text the frame
 * @property {End[]} ends
 * @property {() => void} [succeeded] called by the client
 * @property {Element} [base] the element that has the wx-target
 * @property {HTMLElement | null} [submitter]
 * @property {(frame: import("../shared/frame.js").Frame) => import("../shared/frame.js").Frame} [read] changes a frame that answers it
 * @property {number} [retries] how often it may be sent again after being cut off
 * @property {object} [over] the connection that it was sent over
 * @property {number} [place] in the order of the requests; 0 means that the answer is not shown
 *
 * @typedef {About & Sending} Entry
 */

const mostWaiting = 100;

/**
 * The requests of one client: waiting, sent, answered, failed or lost. While a request is under way, its sender has the class
 * wx-pending and aria-busy.
 */
export class Requests {
  /** @type {Entry[]} */
  #waiting = [];
  /** @type {Map<string, Entry>} */
  #sent = new Map();
  #count = 0;
  /**
   * The newest request whose answer overwrote a target, by target, or by sender if the target is relative.
   *
   * @type {Map<unknown, number>}
   */
  #shown = new Map();
  #transmit;
  /** The connection that takes requests now. @type {object | undefined} */
  #over;
  #follow = false;
  /** The longest message that the server takes, in bytes. */
  #max = Infinity;
  #closed = false;

  /** @param {(text: string) => boolean} transmit returns false if the text was not sent */
  constructor(transmit) {
    this.#transmit = transmit;
  }

  get areWaiting() {
    return this.#waiting.length > 0;
  }

  /** Reports whether any is waiting or unanswered. */
  get areOpen() {
    return this.areWaiting || this.#sent.size > 0;
  }

  /** @param {Entry} entry */
  add(entry) {
    const { at, ends, request } = entry;
    if (!this.areOpen) this.#shown.clear(); // no older request can be answered any more
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
   * Sends requests from now on, starting with those that wait.
   *
   * @param {object} over
   * @param {boolean} follow whether the server answers every request. With an original server, which does not, requests are
   *   over once they are sent
   * @param {unknown} [max] the longest message that the server takes, in bytes, if it tells
   */
  resume(over, follow, max) {
    this.#max = Number(max) || Infinity;
    this.#over = over;
    this.#follow = follow;
    this.#closed = false;
    this.#flush();
  }

  /** Lets requests wait. */
  hold() {
    this.#over = undefined;
  }

  /** Fails waiting requests, and later ones: the connection will not return by itself, and visitors should know. */
  close() {
    this.#closed = true;
    for (const entry of this.#waiting.splice(0)) fail(entry, "closed");
  }

  reopen() {
    this.#closed = false;
  }

  /**
   * Takes the request that was answered.
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
   * Reports whether to show an update of an answer. It must not overwrite the answer to a newer request.
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
   * Fails or repeats the requests sent over a connection that ended. Their answers will never arrive, and whether the server
   * processed them is unknown.
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
      // The server would end the connection, and other requests with it.
      if (new Blob([entry.text]).size > this.#max) {
        fail(/** @type {Entry} */ (this.#waiting.shift()), "large");
        continue;
      }
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
 * The number of pending requests of each element, and its own aria-busy.
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
  if (!list.length) unclobbered(at, "removeAttribute")("class"); // do not leave an empty attribute
  Reflect.set(Element.prototype, "ariaBusy", count ? "true" : was, at); // a form may have a field of that name
}

/**
 * Ends a request. Further calls have no effect.
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
 * Fails a request and fires wsx:error. The words for visitors are passed as HTML and as text, because under Trusted Types the
 * page cannot unescape them itself.
 *
 * @param {About} about
 * @param {string} code
 * @param {string} [html]
 */
export function fail(about, code, html) {
  const { at, id, handler, request, isOver } = about;
  if (isOver) return; // it has failed already, or its answer is no longer wanted
  let text;
  try {
    if (html !== undefined) text = parse(html, null).textContent;
  } catch {
    // The page's Trusted Types do not list our policy. The event is fired without the text.
  }
  emit(at, "wsx:error", { code, id, html, text, handler, request, element: at });
  end(about, code, text ?? undefined);
}
