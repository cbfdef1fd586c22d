// Follows the rooms that the page has tickets for: joins, positions and resets.

import { closest, hostOf } from "../shared/inherited.js";
import { divide } from "./joins.js";
import { Regions } from "./regions.js";
import { Resets } from "./reset.js";
import { fail } from "../shared/region.js";
import { holds } from "./tickets.js";
import { withTicket } from "../shared/tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {Record<string, any>} RoomFrame a frame about rooms; the caller catches errors from malformed ones
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
 * @typedef {object} Work
 * @property {import("../more/more.js").Core} core
 * @property {(frame: object, socket: Socket) => void} send sends over that socket, if it is the current one
 */

// The most positions of a room that are remembered. Replays of older ones are applied again.
const mostLogged = 2000;
// The same for frames that brought a region. Beyond that, their joins are repeated.
const mostBrought = 500;
// The longest message of servers that do not tell.
const defaultMax = 65_536;
const tooLong = 1009;

// Swaps that change what is inside their target, and that put something beside it.
const changing = /^(inner|outer|textContent|delete|x-)/;
const beside = /^(beforebegin|afterend)$/;

/** The rooms of one client. */
export class Rooms {
  #work;
  #then;
  #regions;
  #resets;
  /** The rooms that the server joined by itself, each with a ticket. @type {Set<Entry>} */
  #serverEntries = new Set();
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #gen = 0;
  /**
   * Open joins by generation: entries by the index of their ticket, the indices without an answer, and the length in bytes.
   *
   * @type {Map<number, { groups: Entry[][], open: Set<number>, size: number }>}
   */
  #joins = new Map();
  /** The socket that joins are sent over; undefined before the server's hello. @type {Socket | undefined} */
  #socket;
  #max = defaultMax;
  /** A limit that the server did not tell but enforced. */
  #learnt = Infinity;
  /** @type {unknown} */
  #time;
  /** Continues updates that wait until the rooms of all regions are known. @type {(() => void)[]} */
  #held = [];
  /** Sockets that were cut off while updates were held: what they brought is dropped, and will be replayed. @type {WeakSet<Socket>} */
  #cut = new WeakSet();
  /** The message of which a part has been applied. @type {object | undefined} */
  #begun;
  /** @type {object | undefined} */
  #dropped;
  /** Targets outside of regions, and when they were first changed. @type {WeakMap<Element, number>} */
  #outside = new WeakMap();
  #told = new Set();

  /** @param {Work} work */
  constructor(work) {
    const { core } = work;
    this.#work = work;
    this.#then = core.then;
    this.#regions = new Regions(core, () => this.changed());
    this.#resets = new Resets(core, this);
    core.hasFailed = () => this.#resets.hasFailed || this.#entries.some(({ isOver }) => isOver);
  }

  /** @param {Document | ShadowRoot} tree a part of the page that is new, or was not known */
  enter(tree) {
    this.#regions.enter(tree);
  }

  stop() {
    this.#regions.stop();
    this.#resets.stop();
  }

  /**
   * Joins all rooms over a new socket, from the positions of the page. Called after the hello.
   *
   * @param {Socket} socket
   * @param {unknown} max the longest message that the server takes, if it tells
   */
  join(socket, max) {
    this.#socket = socket;
    this.#max = Math.min(Number(max) || defaultMax, this.#learnt);
    this.#forgetJoins();
    this.#look();
    for (const room of this.#unneeded()) this.#rooms.delete(room);
    this.#ask(this.#entries.filter(({ isStale, isOver, isFinal }) => !isStale || (isOver && !isFinal)), true);
    for (const entry of this.#entries) if (entry.isStale && !entry.isOver) this.#reset(entry);
  }

  /**
   * @param {Socket} socket
   * @param {number} code
   */
  closed(socket, code) {
    if (this.#held.length > 0) this.#cut.add(socket);
    if (socket === this.#socket) {
      this.#socket = undefined;
      if (code === tooLong) this.#shrink();
      this.#forgetJoins();
    }
    this.#release();
  }

  #forgetJoins() {
    this.#joins.clear();
    for (const entry of this.#entries) entry.asked = 0;
  }

  /** Sends shorter joins from now on, because one was too long for the server. */
  #shrink() {
    const open = [...this.#joins.values()].filter(({ open }) => open.size > 0);
    if (open.length === 0) return;
    this.#learnt = Math.max(...open.map(({ size }) => size)) / 2;
    const alone = open.filter(({ groups }) => groups.length === 1).flatMap(({ groups }) => groups[0]);
    if (open.every(({ groups }) => groups.length === 1)) {
      this.#giveUp(alone, "a ticket is longer than Options.MaxMessage of the server", true);
    }
  }

  /**
   * @param {Entry[]} entries regions that cannot be followed, and that no refetch would help
   * @param {string} why
   * @param {boolean} [isFinal] whether a new join would not help either
   */
  #giveUp(entries, why, isFinal) {
    if (entries.length === 0) return;
    if (!this.#told.has(why)) console.error(`wsx: regions of this page are not updated: ${why}`);
    this.#told.add(why);
    for (const entry of entries) {
      const isNews = !entry.isOver;
      this.#regions.settle(entry);
      entry.isStale = entry.isOver = true;
      entry.isFinal = isFinal;
      if (isNews) fail({ element: entry.element ?? document.body, rooms: [...entry.rooms.keys()] });
    }
  }

  /** Joins the rooms of regions that came into the page, and leaves those of regions that left it. */
  changed() {
    const came = this.#look();
    this.#leaveUnneeded();
    this.#ask(came);
    if (!this.#regions.isUnsure) this.#release();
  }

  /**
   * @param {Update} [by] the update that has just been applied
   * @returns {Entry[]} the entries of regions that came
   */
  #look(by) {
    const [came, went] = this.#regions.look(by);
    for (const entry of went) for (const name of entry.rooms.keys()) this.#rooms.get(name)?.entries.delete(entry);
    for (const entry of came) for (const name of entry.rooms.keys()) this.#room(name).entries.add(entry);
    if (came.length > 0 && !by) for (const { brought } of this.#rooms.values()) brought.clear();
    return came;
  }

  /**
   * Rejoins with the tickets of regions that have been refetched, even if those are unchanged. The body stands for rooms
   * without a region.
   *
   * @param {Element[]} regions
   * @param {Positions} positions those at the time of the request: the refetch may have removed later updates
   *
   * @typedef {Map<Entry, Map<string, unknown>>} Positions
   */
  renew(regions, positions) {
    /** @type {Entry[]} */
    const kept = [];
    if (regions.includes(document.body)) this.#outside = new WeakMap();
    for (const entry of this.#entries) {
      if (!regions.includes(entry.element ?? document.body)) continue;
      entry.isStale = entry.isOver = false;
      if (entry.element) {
        this.#regions.forget(entry);
        for (const name of entry.rooms.keys()) this.#rooms.get(name)?.entries.delete(entry);
      } else {
        for (const [name, showing] of entry.rooms) end(showing, positions.get(entry)?.get(name));
        kept.push(entry);
      }
    }
    this.#ask(kept);
    this.changed();
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
    this.settlePositions(name);
    const isBegun = message === this.#begun;
    if (!isBegun && this.#cut.has(socket)) return void (this.#dropped = message);
    // Not in the middle of a message: what it brings itself is as it should be.
    if (!isBegun) {
      if (this.#regions.isNews) this.#ask(this.#look());
      if (this.#regions.isUnsure) {
        if (this.#socket) return new Promise((resolve) => this.#held.push(() => resolve(undefined))).then(() => this.begin(update));
        this.#cut.add(socket); // nothing after it may be applied either
        return void (this.#dropped = message);
      }
    }
    this.#begun = message;
    return undefined;
  }

  /** @param {string} [name] the room of the update that is about to be applied */
  settlePositions(name) {
    this.#regions.settlePositions(name);
  }

  #release() {
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
    const came = this.#look(update);
    if (came.length > 0) brought.set(update.pos, update.message);
    if (brought.size > mostBrought) brought.clear();
    this.#leaveUnneeded();
    this.#ask(came);
  }

  /**
   * Moves positions past messages that filters kept from this connection.
   *
   * @param {RoomFrame} frame
   * @param {Socket} socket
   * @param {number} seq
   */
  pos({ rooms }, socket, seq) {
    for (const [name, pos] of Object.entries(rooms)) {
      this.#then(() => {
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
      });
    }
  }

  /**
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  ping({ t }, socket) {
    if (t === undefined || this.#isAsking) return;
    this.#then(() => {
      if (!this.#cut.has(socket)) this.#time = t;
    });
  }

  /**
   * @param {RoomFrame} frame
   * @param {Socket} socket
   * @param {number} seq
   */
  joined({ gen, rooms, tickets, each, server, starts = [], sent = {} }, socket, seq) {
    const join = this.#joins.get(gen);
    const groups = server ? each.map((/** @type {string[]} */ names) => [this.#serverEntry(names)]) : join?.groups;
    if (!groups) return;
    groups.forEach((/** @type {Entry[]} */ group, /** @type {number} */ i) => {
      for (const entry of group) this.#admit(entry, each[i], tickets[i], rooms, socket, seq, server, starts[i]);
    });
    for (const [name, pos] of Object.entries(rooms)) this.#then(() => this.#restart(name, pos, sent[name], groups.flat(), socket));
    if (server) {
      if (socket !== this.#socket) this.#ask(groups.flat(), true);
      return;
    }
    join?.open.clear();
    for (const old of this.#joins.keys()) if (old < gen) this.#joins.delete(old);
    this.#release();
    this.#leaveUnneeded();
  }

  /**
   * A socket that has been replaced sends rooms again, for regions that ask anew over its successor. What still follows it has
   * been sent that.
   *
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  resent({ sent = {} }, socket) {
    for (const [name, pos] of Object.entries(sent)) this.#then(() => this.#hold(name, pos, [], socket));
  }

  /**
   * @param {Entry} entry
   * @param {string[]} names the rooms of its ticket
   * @param {string} ticket the next one
   * @param {Record<string, unknown>} starts the rooms that have been joined, and from where
   * @param {Socket} socket
   * @param {number} seq
   * @param {boolean} [server]
   * @param {unknown[]} [own] where the ticket itself starts, in the order of names
   */
  #admit(entry, names, ticket, starts, socket, seq, server, own) {
    // A newer ticket gives no right to messages from before it.
    entry.spare = server && entry.asked ? ticket : undefined;
    if (entry.spare) return;
    const isHere = !entry.element || this.#regions.get(entry.element) === entry;
    if (isHere) this.#regions.settle(entry);
    if (!server) entry.asked = 0;
    if (ticket && (server || !entry.isStale || entry.isOver)) {
      entry.ticket = ticket;
      entry.isFresh = true;
    }
    if (entry.isOver && names.every((name) => name in starts)) entry.isOver = entry.isStale = false;
    for (const [i, name] of names.entries()) {
      const showing = entry.rooms.get(name) ?? {};
      entry.rooms.set(name, showing);
      if (!isHere) continue;
      this.#room(name).entries.add(entry);
      if (!(name in starts)) continue;
      // A message that has been applied in part is not left at that.
      showing.before = { socket: showing.socket, message: this.#begun };
      showing.socket = socket;
      showing.since ??= seq;
      this.#then(() => {
        if (Number(showing.moved) > seq) return; // the file came late
        showing.pos = own?.[i] ?? starts[name];
        showing.until = showing.pos === starts[name] ? undefined : showing.pos;
      });
    }
    if (server && entry.isStale) this.#reset(entry); // the page being fetched may be older than this join
  }

  /**
   * The server sends a room again from a position on, for some of the entries. The others show what has been sent before.
   *
   * @param {string} name
   * @param {unknown} pos
   * @param {unknown} sent up to where that is; undefined if it is the same
   * @param {Entry[]} joined
   * @param {Socket} socket
   */
  #restart(name, pos, sent, joined, socket) {
    this.#room(name).pos = sent ?? pos;
    if (sent !== undefined) this.#hold(name, sent, joined, socket);
  }

  /**
   * @param {string} name
   * @param {unknown} sent up to where the room is for others
   * @param {Entry[]} joined those that the replay is for
   * @param {Socket} socket
   */
  #hold(name, sent, joined, socket) {
    const room = this.#rooms.get(name);
    if (!room) return;
    for (const entry of room.entries) {
      const showing = entry.rooms.get(name);
      if (joined.includes(entry) || showing?.socket !== socket) continue;
      showing.until ??= sent;
      if (room.until?.socket !== socket) room.until = { socket, pos: sent };
    }
  }

  /** @param {RoomFrame} frame */
  reset({ gen, rooms = [], tickets = [], fresh = [], ticket, after, limit }) {
    const join = this.#joins.get(gen);
    const refused = join?.groups[ticket] ?? [];
    // A newer join will be answered itself. It starts where its ticket says, so it is for all elements with that ticket.
    const newer = this.#entries.filter(({ asked = 0 }) => asked > gen);
    const isNewer = (/** @type {Entry} */ entry) => newer.some((other) => other === entry || (other.text ?? other) === entry.text);
    const isOf = (/** @type {Entry} */ entry) => rooms.some((/** @type {string} */ name) => entry.rooms.has(name));
    const hit = new Set(this.#entries.filter((entry) => isOf(entry) && !isNewer(entry)));
    for (const i of [...tickets, ticket]) {
      for (const entry of join?.groups[i] ?? []) if (this.#entries.includes(entry)) hit.add(entry);
      join?.open.delete(i);
    }
    for (const name of rooms) if (![...this.#room(name).entries].some(isNewer)) this.#rooms.delete(name);
    for (const entry of hit) {
      const isRefused = refused.includes(entry);
      entry.isStale = true;
      if (!(Number(entry.asked) > gen)) entry.asked = 0;
      this.#regions.settle(entry);
      for (const [name, showing] of entry.rooms) if (isRefused || rooms.includes(name)) end(showing, undefined);
      if (entry.element) continue;
      entry.ticket = fresh[rooms.indexOf([...entry.rooms.keys()][0])] ?? entry.ticket;
      if (isRefused && !(entry.ticket = entry.spare ?? "")) this.#serverEntries.delete(entry);
    }
    this.#release();
    if (limit !== undefined) this.#giveUp([...hit], `they name more rooms than Options.MaxRooms of the server, which is ${limit}`);
    this.#leaveUnneeded();
    if (limit === undefined) for (const entry of hit) this.#reset(entry, after, rooms);
  }

  /** @param {RoomFrame} frame */
  left({ rooms }) {
    for (const name of rooms) {
      this.#rooms.delete(name);
      for (const entry of this.#entries) {
        const showing = entry.rooms.get(name);
        if (!showing) continue;
        end(showing, undefined);
        this.#regions.moved(entry);
        if (!entry.element) this.#serverEntries.delete(entry);
      }
    }
  }

  /**
   * @param {Entry} entry
   * @param {number} [after] in ms
   * @param {string[]} [lost] the rooms, if the entry does not list them
   */
  #reset({ element, rooms }, after = 0, lost = []) {
    this.#resets.add(element, rooms.size > 0 ? [...rooms.keys()] : lost, after);
  }

  /**
   * Reports whether a region waits to be refetched.
   *
   * @param {Element} region
   */
  isStale(region) {
    return this.#entries.some(({ element, isStale }) => isStale && (element ?? document.body) === region);
  }

  /** By their names. @returns {ReadonlyMap<string, Room>} */
  get all() {
    return this.#rooms;
  }

  /** The positions of rooms without a region. @returns {Positions} */
  get positions() {
    return new Map([...this.#serverEntries].map((entry) => [entry, new Map([...entry.rooms].map(([name, { pos }]) => [name, pos]))]));
  }

  get #entries() {
    return [...this.#regions.all, ...this.#serverEntries];
  }

  get #isAsking() {
    return [...this.#joins.values()].some(({ open }) => open.size > 0);
  }

  /** @param {string} name */
  #room(name) {
    /** @type {Room} */
    const room = this.#rooms.get(name) ?? { log: new Map(), brought: new Map(), entries: new Set() };
    this.#rooms.set(name, room);
    return room;
  }

  /** @param {string[]} names */
  #serverEntry(names) {
    for (const entry of this.#serverEntries) if ([...entry.rooms.keys()].join() === names.join()) return entry;
    /** @type {Entry} */
    const entry = { ticket: "", rooms: new Map() };
    this.#serverEntries.add(entry);
    return entry;
  }

  /**
   * @param {Entry[]} entries
   * @param {boolean} [isFirst] on this connection
   */
  #ask(entries, isFirst) {
    const socket = this.#socket;
    if (!socket) return;
    let t = isFirst ? this.#time : undefined;
    for (const { kind, groups, pos, size } of divide(entries, this.#max)) {
      const gen = ++this.#gen;
      for (const entry of [...groups.values()].flat()) entry.asked = gen;
      this.#joins.set(gen, { groups: [...groups.values()], open: new Set([...groups].keys()), size });
      // The time counts for rooms that have been followed up to then.
      if (kind !== "followed") t = undefined;
      const hasPos = isFirst || Object.keys(pos).length > 0;
      // Others on this connection may show more of its rooms, or less.
      const starts = groups.size > 1 || !isFirst || this.#joins.size > 1 || undefined;
      this.#work.send({ type: "join", gen, tickets: [...groups.keys()], pos: hasPos ? pos : undefined, t, starts }, socket);
    }
  }

  #unneeded() {
    const needed = new Set(this.#entries.flatMap(({ isStale, element, rooms }) => (isStale && element ? [] : [...rooms.keys()])));
    return [...this.#rooms.keys()].filter((name) => !needed.has(name));
  }

  /** Leaves rooms without an entry, unless a join is open: its rooms are not known yet, and the leave could undo it. */
  #leaveUnneeded() {
    const rooms = this.#unneeded();
    if (rooms.length === 0 || this.#isAsking) return;
    for (const name of rooms) this.#rooms.delete(name);
    if (!this.#socket) return;
    this.#work.send({ type: "leave", gen: ++this.#gen, rooms }, this.#socket);
    this.#ask(this.#entries.filter(({ isOver, isFinal }) => isOver && !isFinal)); // there is space now
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

/**
 * @param {Showing} showing
 * @param {unknown} pos
 */
function end(showing, pos) {
  showing.pos = pos;
  showing.socket = showing.since = showing.until = showing.missed = undefined;
}
