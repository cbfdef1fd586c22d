// Decides which updates of rooms the page lacks, and notes what it has been given.

import { closest, hostOf } from "../shared/inherited.js";
import { holds } from "./tickets.js";
import { withTicket } from "../shared/tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {import("../core/fallback.js").Socket} Socket
 * @typedef {import("./regions.js").Entry} Entry
 * @typedef {import("./regions.js").Showing} Showing
 *
 * @typedef {object} Update an update of a room
 * @property {string} name
 * @property {unknown} pos
 * @property {unknown} html
 * @property {unknown} oob
 * @property {object} message the frame that brought it
 * @property {Socket} socket
 * @property {number} seq of the message, in order of arrival
 *
 * @typedef {object} Room
 * @property {unknown} [pos] the position that was last applied
 * @property {{ socket: Socket, pos: unknown }} [until] as in Showing, for what is outside of regions
 * @property {Map<unknown, { seq: number, prior?: number }>} log when each position was last applied, and when before that
 * @property {Map<unknown, object>} brought positions whose frames brought a region. They arrive again with its join, and applying
 *   them again would never end
 * @property {Set<Entry>} entries those that name it
 *
 * @typedef {object} Ways what only the rooms of the client can do
 * @property {() => boolean} isOpen reports whether there is a connection that joins are sent over
 * @property {(by?: Update) => Entry[]} look returns the regions that came; by is the update that has just been applied
 * @property {(came: Entry[]) => void} ask
 * @property {() => void} leave leaves rooms that nothing shows any more
 */

// The most positions of a room that are remembered. Replays of older ones are applied again.
const mostLogged = 2000;
// The same for frames that brought a region. Beyond that, their joins are repeated.
const mostBrought = 500;
// Swaps that change what is inside their target, and that put something beside it.
const changing = /^(inner|outer|textContent|delete|x-)/;
const beside = /^(beforebegin|afterend)$/;

/** The updates of the rooms of one client. */
export class RoomUpdates {
  #rooms;
  #regions;
  #ways;
  /** Continues updates that wait until the rooms of all regions are known. @type {(() => void)[]} */
  #held = [];
  /** Sockets that were cut off while updates were held: what they brought is dropped, and will be replayed. @type {WeakSet<Socket>} */
  #cut = new WeakSet();
  /** The message of which a part has been applied. @type {object | undefined} */
  begun;
  /** @type {object | undefined} */
  #dropped;
  /** Targets outside of regions, and when they were first changed. @type {WeakMap<Element, number>} */
  #outside = new WeakMap();

  /**
   * @param {Map<string, Room>} rooms by their names
   * @param {import("./regions.js").Regions} regions
   * @param {Ways} ways
   */
  constructor(rooms, regions, ways) {
    this.#rooms = rooms;
    this.#regions = regions;
    this.#ways = ways;
  }

  /** @param {Socket} socket one that has been lost */
  closed(socket) {
    if (this.#held.length > 0) this.#cut.add(socket);
  }

  /**
   * Reports whether what a socket has brought since is dropped.
   *
   * @param {Socket} socket
   */
  isCut(socket) {
    return this.#cut.has(socket);
  }

  /** Forgets what has been changed outside of regions, because the whole page is new. */
  forgetOutside() {
    this.#outside = new WeakMap();
  }

  /**
   * Called before an update of a room is applied.
   *
   * @param {Update} update
   * @returns {Promise<void> | undefined} it waits until the rooms of all regions are known
   */
  begin(update) {
    const { message, socket, name } = update;
    if (message === this.#dropped) return undefined;
    this.#regions.settlePositions(name);
    const isBegun = message === this.begun;
    if (!isBegun && this.#cut.has(socket)) return void (this.#dropped = message);
    // Not in the middle of a message: what it brings itself is as it should be.
    if (!isBegun) {
      if (this.#regions.isNews) this.#ways.ask(this.#ways.look());
      if (this.#regions.isUnsure) {
        if (this.#ways.isOpen()) return new Promise((resolve) => this.#held.push(() => resolve(undefined))).then(() => this.begin(update));
        this.#cut.add(socket); // nothing after it may be applied either
        return void (this.#dropped = message);
      }
    }
    this.begun = message;
    return undefined;
  }

  /** Called before a message that is not about a room is applied. */
  settlePositions() {
    this.#regions.settlePositions();
  }

  /** Continues updates that wait. */
  release() {
    for (const go of this.#held.splice(0)) go();
  }

  /**
   * Reports whether a target lacks an update.
   *
   * @param {Update} update
   * @param {Element} target
   * @param {string} style of the swap
   * @returns {boolean}
   */
  takes(update, target, style) {
    const { name, pos, message, seq } = update;
    const room = this.#rooms.get(name);
    if (!room || message === this.#dropped) return false;
    if ((room.brought.get(pos) ?? message) !== message) return false;
    const prior = priorOf(room, update);
    const around = this.#around(beside.test(style) ? unclobbered(target, "parentElement") : target, update);
    const lacks = around === undefined ? this.#outsideLacks(room, update, target, prior) : around === true || isFor(around, update, prior);
    if (lacks && !around && !this.#outside.has(target)) this.#outside.set(target, seq);
    if (lacks || !changing.test(style)) return lacks;
    return [...room.entries].some(({ element, rooms }) => element && isFor(rooms.get(name), update, prior) && holds(target, element));
  }

  /**
   * Finds the region that decides about a target.
   *
   * @param {Element | null} target
   * @param {Update} update
   * @returns {Showing | boolean | undefined} a boolean is the decision; undefined if no region of the room is around it
   */
  #around(target, { name, message }) {
    for (let at = target; at; ) {
      const region = closest(at, withTicket);
      if (!region) break;
      at = unclobbered(region, "parentElement") ?? hostOf(region) ?? null;
      const entry = this.#regions.get(region);
      if (!entry) continue;
      if (entry.by === message) return true;
      if (entry.isUnknown) return false;
      const showing = entry.rooms.get(name);
      if (showing) return showing;
    }
    return undefined;
  }

  /**
   * What is outside of regions is as old as the oldest of them, or as what was last applied to it.
   *
   * @param {Room} room
   * @param {Update} update
   * @param {Element} target
   * @param {number | undefined} prior
   */
  #outsideLacks({ entries, until }, update, target, prior = -1) {
    if (until?.socket === update.socket) return false;
    let oldest = Infinity;
    for (const { rooms } of entries) {
      const showing = rooms.get(update.name);
      if (showing && follows(showing, update)) oldest = Math.min(oldest, Number(showing.since));
    }
    return oldest < Infinity && prior <= oldest && prior < (this.#outside.get(target) ?? Infinity);
  }

  /**
   * Called when an update of a room has been applied.
   *
   * @param {Update} update
   */
  applied(update) {
    const { name, pos, message, seq, html, oob } = update;
    const room = this.#rooms.get(name);
    if (!room || message === this.#dropped) return;
    const prior = priorOf(room, update);
    /** @type {Showing[]} */
    const others = [];
    let isFollowed = false;
    for (const entry of room.entries) {
      const showing = entry.rooms.get(name);
      if (!showing || showing.since === undefined) continue;
      const isHere = follows(showing, update);
      isFollowed ||= isHere;
      if ((isHere && showing.until !== undefined) || shows(showing, pos, prior)) continue;
      if (isHere) {
        showing.pos = pos;
        showing.moved = seq;
        showing.missed?.delete(pos);
        this.#regions.moved(entry);
      } else others.push(showing);
    }
    if (!isFollowed) return;
    for (const showing of others) (showing.missed ??= new Set()).add(pos);
    room.pos = pos;
    room.log.delete(pos);
    room.log.set(pos, { seq, prior });
    if (room.log.size > mostLogged) room.log.delete(room.log.keys().next().value);
    if ((String(html) + JSON.stringify(oob)).includes("wx-ticket") && this.#regions.isNews) this.#brought(room, update);
  }

  /**
   * @param {Room} room
   * @param {Update} update an update that may have brought a region
   */
  #brought({ brought }, update) {
    const came = this.#ways.look(update);
    if (came.length > 0) brought.set(update.pos, update.message);
    if (brought.size > mostBrought) brought.clear();
    this.#ways.leave();
    this.#ways.ask(came);
  }

  /**
   * Holds a room back from those that have been sent more of it than the replay begins with.
   *
   * @param {string} name
   * @param {unknown} sent up to where the room is for others
   * @param {Entry[]} joined those that the replay is for
   * @param {Socket} socket
   */
  hold(name, sent, joined, socket) {
    const room = this.#rooms.get(name);
    if (!room) return;
    for (const entry of room.entries) {
      const showing = entry.rooms.get(name);
      if (joined.includes(entry) || showing?.socket !== socket) continue;
      showing.until ??= sent;
      if (room.until?.socket !== socket) room.until = { socket, pos: sent };
    }
  }

  /**
   * Ends what hold has begun: the server has dropped the replay that others wait for.
   *
   * @param {string} name
   * @param {Socket} socket
   */
  letGo(name, socket) {
    const room = this.#rooms.get(name);
    if (room?.until?.socket === socket) room.until = undefined;
    for (const { rooms } of room?.entries ?? []) {
      const showing = rooms.get(name);
      if (showing?.socket === socket) showing.until = undefined;
    }
  }

  /**
   * Moves the positions of a room past messages that filters kept from this connection.
   *
   * @param {string} name
   * @param {unknown} pos
   * @param {Socket} socket
   * @param {number} seq of the message that said so
   */
  pass(name, pos, socket, seq) {
    const room = this.#rooms.get(name);
    if (!room || this.#cut.has(socket)) return;
    if (room.until?.pos === pos) room.until = undefined;
    for (const entry of room.entries) {
      const showing = entry.rooms.get(name);
      if (showing?.socket !== socket || !(Number(showing.since) < seq)) continue;
      if (showing.until === pos) showing.until = undefined;
      if (showing.until !== undefined) continue;
      room.pos = showing.pos = pos;
      this.#regions.moved(entry);
    }
  }
}

/**
 * When an update was applied before, by the arrival of that message.
 *
 * @param {Room} room
 * @param {Update} update
 */
function priorOf({ log }, { pos, seq }) {
  const last = log.get(pos);
  return last?.seq === seq ? last.prior : last?.seq;
}

/**
 * Reports whether an update is for a region: it arrived after the answer to the region's join, and has not been applied to it before.
 *
 * @param {Showing | false | undefined} showing
 * @param {Update} update
 * @param {number} [prior]
 */
function isFor(showing, update, prior) {
  return Boolean(showing && showing.until === undefined && follows(showing, update) && !shows(showing, update.pos, prior));
}

/**
 * Reports whether an update has been applied to a region.
 *
 * @param {Showing} showing
 * @param {unknown} pos
 * @param {number} [prior] when it was last applied
 */
function shows({ since = Infinity, missed }, pos, prior = -1) {
  return prior > since && !missed?.has(pos);
}

/**
 * @param {Showing} showing
 * @param {Update} update
 */
function follows({ socket, since = Infinity, before }, update) {
  return since < update.seq && (socket === update.socket || (before?.socket === update.socket && before.message === update.message));
}
