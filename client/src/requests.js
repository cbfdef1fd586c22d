import { emit } from "./events.js";
import { parse } from "./html.js";

/**
 * What wsx:error tells, and where.
 *
 * @typedef {object} About
 * @property {string} [id] without one the request cannot be followed
 * @property {string} handler
 * @property {object} [request] the frame as an object; none if the server speaks of a request that nobody knows
 * @property {Element | Document} at
 *
 * @typedef {About & { text: string, base?: Element, succeeded?: () => void }} Entry text is the frame, base bears the target,
 *   succeeded is called by the client
 */

const mostWaiting = 100;

/**
 * Knows what became of every request: waiting for the connection, sent, answered, refused, lost.
 */
export class Requests {
  /** @type {Entry[]} */
  #waiting = [];
  /** @type {Map<string, Entry & { over: object }>} */
  #sent = new Map();
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
    if (this.#closed) fail(entry, "closed");
    else if (this.#waiting.length >= mostWaiting) fail(entry, "queue");
    else this.#waiting.push(entry);
    this.#flush();
  }

  /**
   * The connection takes requests from now on.
   *
   * @param {object} over
   * @param {boolean} follow whether every request is answered, which an original server does not do: waiting for its answers
   *   would only collect garbage
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
    if (entry) this.#sent.delete(/** @type {string} */ (id));
    return entry;
  }

  /**
   * A connection ended: the answers to what went over it will never come, and nobody knows what the server did.
   *
   * @param {object} over
   */
  lose(over) {
    for (const [id, entry] of this.#sent) {
      if (entry.over !== over) continue;
      this.#sent.delete(id);
      fail(entry, "lost");
    }
  }

  #flush() {
    while (this.#over && this.#waiting.length > 0) {
      const entry = this.#waiting[0];
      if (!this.#transmit(entry.text)) return;
      this.#waiting.shift();
      if (this.#follow && entry.id) this.#sent.set(entry.id, { ...entry, over: this.#over });
    }
  }
}

/**
 * The page is given the words for its visitors twice: as they came, and as text, because under Trusted Types it has no way of
 * its own to unescape them.
 *
 * @param {About} about
 * @param {string} code
 * @param {string} [html]
 */
export function fail({ at, id, handler, request }, code, html) {
  let text;
  try {
    if (html !== undefined) text = parse(html, null).textContent;
  } catch {
    // The page's Trusted Types do not list our policy. That something failed is still to be told.
  }
  emit(at, "wsx:error", { code, id, html, text, handler, request, element: at });
}
