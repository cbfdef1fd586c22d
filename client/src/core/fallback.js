// Chooses the transport: WebSocket, then server-sent events, then long polling, each of them a rung.

import { HTTPSocket } from "./http-socket.js";

/**
 * The part of a WebSocket that a connection uses.
 *
 * @typedef {object} Socket
 * @property {number} readyState
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose receives code, reason and after: how long to stay away, in ms
 * @property {number} [rung] missing on a WebSocket, which is the top
 * @property {boolean} [isAnswered] over HTTP, whether an answer has shown that the server speaks this protocol
 */

export const top = 0;
export const streams = 1;
export const polls = 2;
// How long a transport that worked is preferred. Networks change, so better ones are tried after that.
export const climbAfter = 300_000;
// How often a rung that has worked on this page may fail: the server may be the reason.
const enough = 3;

/** The transports of one connection, the best first. */
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

  /** Reports whether there is more than one transport. */
  get isTall() {
    return this.#lowest > top;
  }

  /** Restricts it to WebSocket, for an original server. */
  cut() {
    this.#lowest = this.#at = top;
  }

  /** @returns {Socket} */
  open(rung = this.#at) {
    const { url, WebSocket, fetch, load } = this.#settings;
    return load && rung !== top ? new HTTPSocket(rung, load, url, fetch) : new WebSocket(url);
  }

  /**
   * Notes that the server has sent a hello over the socket.
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
   * @returns {boolean} whether there is a lower rung to try next
   */
  below(rung) {
    this.#failures = 0;
    this.#at = Math.max(this.#at, rung + 1);
    if (this.#at <= this.#lowest) return true;
    this.#at = top;
    return false;
  }

  /**
   * Notes that the connection was lost.
   *
   * @param {Socket} socket
   * @param {boolean} wasGreeted whether the server had sent a hello over it: then the rung works, however soon it was cut
   * @returns {boolean} whether to try the next rung at once
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
    const age = Date.now() - time;
    if (age >= 0 && age < climbAfter && rung <= polls) return rung;
    // A time to come, which is there after the clock was set back, would count one day.
    sessionStorage.removeItem(key(url));
    return top;
  } catch {
    return top; // the page may not use storage
  }
}

/**
 * @param {string} url
 * @param {number} rung
 */
function remember(url, rung) {
  try {
    // The time of the first success stays, or visitors who change pages often would never try a better rung.
    if (rung !== recall(url)) sessionStorage.setItem(key(url), `${rung} ${Date.now()}`);
  } catch {
    // the next page starts at the top
  }
}
