import { Poll } from "./poll.js";
import { Stream } from "./stream.js";

/**
 * What a connection needs of a WebSocket.
 *
 * @typedef {object} Socket
 * @property {number} readyState
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose code, reason, and after: the ms until which the server wants to be left alone
 * @property {number} [rung] a WebSocket has none: it is the top
 * @property {boolean} [isAnswered] over HTTP: whether the server has answered as only such a server does
 */

export const top = 0;
export const streams = 1;
const polls = 2;
// What worked is worth less and less: networks change.
export const climbAfter = 300_000;
// A rung that has worked on this page may fail a few times because of the server.
const enough = 3;

/** The ways to the server, the best first: WebSocket, server-sent events, long polling. */
export class Ladder {
  #url;
  /** @type {((url: string) => Socket)[]} */
  #rungs;
  #at;
  #failures = 0;
  /** @type {Set<number>} */
  #worked = new Set();

  /**
   * @param {string} url
   * @param {typeof window.WebSocket} WebSocket
   * @param {typeof window.fetch | null} fetch null: there is no way but WebSocket
   */
  constructor(url, WebSocket, fetch) {
    this.#url = url;
    this.#rungs = [(url) => new WebSocket(url)];
    if (fetch) this.#rungs.push((url) => new Stream(url, fetch), (url) => new Poll(url, fetch));
    this.#at = fetch ? recall(url) : 0;
  }

  /** Whether there is a choice. */
  get isTall() {
    return this.#rungs.length > 1;
  }

  /** An original server knows WebSocket only. */
  cut() {
    this.#rungs.length = 1;
    this.#at = 0;
  }

  /** @returns {Socket} */
  open(rung = this.#at) {
    return this.#rungs[rung](this.#url);
  }

  /**
   * Its server has said hello.
   *
   * @param {Socket} socket
   */
  worked(socket) {
    this.#at = rungOf(socket);
    this.#worked.add(this.#at);
    if (this.isTall) remember(this.#url, this.#at);
  }

  /**
   * @param {number} rung
   * @returns {boolean} whether there is one below it, to be tried next
   */
  below(rung) {
    this.#failures = 0;
    this.#at = Math.max(this.#at, rung + 1);
    if (this.#at < this.#rungs.length) return true;
    this.#at = 0;
    return false;
  }

  /**
   * The connection was lost.
   *
   * @param {Socket} socket
   * @param {boolean} wasGreeted whether the server had said hello over it: then its rung works, however soon it was cut
   * @returns {boolean} whether the next rung is to be tried at once
   */
  lost(socket, wasGreeted) {
    const rung = rungOf(socket);
    this.#failures = wasGreeted ? 0 : this.#failures + 1;
    return this.#failures >= (this.#worked.has(rung) ? enough : 1) && this.below(rung);
  }
}

/** @param {Socket | undefined} socket */
export function rungOf(socket) {
  return socket?.rung ?? top;
}

const key = (/** @type {string} */ url) => `wsx ${url}`;

/** @param {string} url */
function recall(url) {
  try {
    const [rung, time] = (sessionStorage.getItem(key(url)) ?? "").split(" ").map(Number);
    return time > Date.now() - climbAfter && rung <= polls ? rung : top;
  } catch {
    return top; // the page may not store anything
  }
}

/**
 * @param {string} url
 * @param {number} rung
 */
function remember(url, rung) {
  try {
    // The time is that of the first success, or visitors who go from page to page would never climb.
    if (rung !== recall(url)) sessionStorage.setItem(key(url), `${rung} ${Date.now()}`);
  } catch {
    // then not
  }
}
