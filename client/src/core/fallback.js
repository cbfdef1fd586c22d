import { HTTPSocket } from "./http-socket.js";

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
export const polls = 2;
// What worked is worth less and less: networks change.
export const climbAfter = 300_000;
// A rung that has worked on this page may fail a few times because of the server.
const enough = 3;

/** The ways to the server, the best first: WebSocket, server-sent events, long polling. */
export class Fallback {
  #settings;
  #lowest;
  #at;
  #failures = 0;
  /** @type {Set<number>} */
  #worked = new Set();

  /** @param {import("./connection.js").Settings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#lowest = settings.load ? polls : top;
    this.#at = Math.min(recall(settings.url), this.#lowest);
  }

  /** Whether there is a choice. */
  get isTall() {
    return this.#lowest > top;
  }

  /** An original server knows WebSocket only. */
  cut() {
    this.#lowest = this.#at = top;
  }

  /** @returns {Socket} */
  open(rung = this.#at) {
    const { url, WebSocket, fetch, load } = this.#settings;
    return load && rung !== top ? new HTTPSocket(rung, load, url, fetch) : new WebSocket(url);
  }

  /**
   * Its server has said hello.
   *
   * @param {Socket} socket
   */
  worked(socket) {
    this.#at = rungOf(socket);
    this.#worked.add(this.#at);
    if (this.isTall) remember(this.#settings.url, this.#at);
  }

  /**
   * @param {number} rung
   * @returns {boolean} whether there is one below it, to be tried next
   */
  below(rung) {
    this.#failures = 0;
    this.#at = Math.max(this.#at, rung + 1);
    if (this.#at <= this.#lowest) return true;
    this.#at = top;
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
