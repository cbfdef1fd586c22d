// Asks the server for rooms, and keeps which joins are without an answer.

import { divide } from "./joins.js";

/**
 * @typedef {import("../core/fallback.js").Socket} Socket
 * @typedef {import("./regions.js").Entry} Entry
 *
 * @typedef {object} Request a join that was sent
 * @property {Entry[][]} groups the entries, by the index of their ticket
 * @property {Set<number>} open the indices without an answer
 * @property {number} size in bytes
 */

// The longest message of servers that do not tell.
const defaultMax = 65_536;

/** The joins and leaves of one client, over one socket after another. */
export class JoinRequests {
  #send;
  #gen = 0;
  /** By generation. @type {Map<number, Request>} */
  #sent = new Map();
  #max = defaultMax;
  /** A limit that the server did not tell but enforced. */
  #learnt = Infinity;

  /** @param {(frame: object, socket: Socket) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {unknown} max the longest message that the server takes, if it tells */
  limit(max) {
    this.#max = Math.min(Number(max) || defaultMax, this.#learnt);
  }

  /** @param {number} gen */
  get(gen) {
    return this.#sent.get(gen);
  }

  /** Reports whether any join is without an answer. */
  get areOpen() {
    return this.#open.length > 0;
  }

  get #open() {
    return [...this.#sent.values()].filter(({ open }) => open.size > 0);
  }

  /** Forgets all joins: their socket has gone. */
  forget() {
    this.#sent.clear();
  }

  /** @param {number} gen a join that has been answered, as all before it have been */
  answered(gen) {
    this.#sent.get(gen)?.open.clear();
    for (const old of this.#sent.keys()) if (old < gen) this.#sent.delete(old);
  }

  /**
   * Sends shorter joins from now on, because one was too long for the server.
   *
   * @returns {Entry[]} those whose ticket alone is too long
   */
  shrink() {
    const open = this.#open;
    if (open.length === 0) return [];
    this.#learnt = Math.max(...open.map(({ size }) => size)) / 2;
    return open.every(({ groups }) => groups.length === 1) ? open.flatMap(({ groups }) => groups[0]) : [];
  }

  /**
   * @param {Entry[]} entries
   * @param {Socket} socket
   * @param {boolean} [isFirst] on this connection
   * @param {unknown} [t] the server's clock up to which the rooms have been followed
   */
  ask(entries, socket, isFirst, t) {
    for (const { kind, groups, pos, size } of divide(entries, this.#max)) {
      const gen = ++this.#gen;
      for (const entry of [...groups.values()].flat()) entry.asked = gen;
      this.#sent.set(gen, { groups: [...groups.values()], open: new Set([...groups].keys()), size });
      // The time counts for rooms that have been followed up to then.
      if (kind !== "followed") t = undefined;
      const hasPos = isFirst || Object.keys(pos).length > 0;
      // Others on this connection may show more of its rooms, or less.
      const starts = groups.size > 1 || !isFirst || this.#sent.size > 1 || undefined;
      this.#send({ type: "join", gen, tickets: [...groups.keys()], pos: hasPos ? pos : undefined, t, starts }, socket);
    }
  }

  /**
   * @param {string[]} rooms
   * @param {Socket} socket
   */
  leave(rooms, socket) {
    this.#send({ type: "leave", gen: ++this.#gen, rooms }, socket);
  }
}
