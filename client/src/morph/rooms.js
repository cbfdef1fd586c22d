// Follows the rooms that the page has tickets for: joins, positions and resets.

import { JoinRequests } from "./join-requests.js";
import { Regions } from "./regions.js";
import { Resets } from "./reset.js";
import { fail } from "../shared/region.js";
import { RoomUpdates } from "./room-updates.js";

/**
 * @typedef {Record<string, any>} RoomFrame a frame about rooms; the caller catches errors from malformed ones
 * @typedef {import("../core/fallback.js").Socket} Socket
 * @typedef {import("./regions.js").Entry} Entry
 * @typedef {import("./regions.js").Showing} Showing
 * @typedef {import("./room-updates.js").Room} Room
 * @typedef {import("./room-updates.js").Update} Update
 *
 * @typedef {object} Work
 * @property {import("../more/more.js").Core} core
 * @property {(frame: object, socket: Socket) => void} send sends over that socket, if it is the current one
 */

const tooLong = 1009;

/** The rooms of one client. */
export class Rooms {
  #then;
  #regions;
  #resets;
  /** The rooms that the server joined by itself, each with a ticket. @type {Set<Entry>} */
  #serverEntries = new Set();
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #joins;
  /** The socket that joins are sent over; undefined before the server's hello. @type {Socket | undefined} */
  #socket;
  /** @type {unknown} */
  #time;
  #told = new Set();

  /** @param {Work} work */
  constructor(work) {
    const { core } = work;
    this.#then = core.then;
    this.#joins = new JoinRequests(work.send);
    this.#regions = new Regions(core, () => this.changed());
    this.updates = new RoomUpdates(this.#rooms, this.#regions, {
      isOpen: () => this.#socket !== undefined,
      look: (by) => this.#look(by),
      ask: (came) => this.#ask(came),
      leave: () => this.#leaveUnneeded(),
    });
    this.#resets = new Resets(core, this);
    core.hasFailed = () => this.#resets.hasFailed || this.#entries.some(({ isOver }) => isOver);
  }

  enter(/** @type {Document | ShadowRoot} */ tree) {
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
    this.#joins.limit(max);
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
    this.updates.closed(socket);
    if (socket === this.#socket) {
      this.#socket = undefined;
      if (code === tooLong) this.#giveUp(this.#joins.shrink(), "a ticket is longer than Options.MaxMessage of the server", true);
      this.#forgetJoins();
    }
    this.updates.release();
  }

  #forgetJoins() {
    this.#joins.forget();
    for (const entry of this.#entries) entry.asked = 0;
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
    if (!this.#regions.isUnsure) this.updates.release();
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
    if (regions.includes(document.body)) this.updates.forgetOutside();
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
   * @param {RoomFrame} frame
   * @param {Socket} socket
   * @param {number} seq
   */
  pos({ rooms }, socket, seq) {
    for (const [name, pos] of Object.entries(rooms)) this.#then(() => this.updates.pass(name, pos, socket, seq));
  }

  /**
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  ping({ t }, socket) {
    if (t === undefined || this.#joins.areOpen) return;
    this.#then(() => {
      if (!this.updates.isCut(socket)) this.#time = t;
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
    this.#joins.answered(gen);
    this.updates.release();
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
    for (const [name, pos] of Object.entries(sent)) this.#then(() => this.updates.hold(name, pos, [], socket));
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
    if (ticket && (server || !entry.isStale || entry.isOver)) Object.assign(entry, { ticket, isFresh: true });
    if (entry.isOver && names.every((name) => name in starts)) entry.isOver = entry.isStale = false;
    for (const [i, name] of names.entries()) {
      const showing = entry.rooms.get(name) ?? {};
      entry.rooms.set(name, showing);
      if (!isHere) continue;
      this.#room(name).entries.add(entry);
      if (!(name in starts)) continue;
      // A message that has been applied in part is not left at that.
      showing.before = { socket: showing.socket, message: this.updates.begun };
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
    if (sent !== undefined) this.updates.hold(name, sent, joined, socket);
  }

  /**
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  reset({ gen, rooms = [], tickets = [], fresh = [], ticket, after, limit }, socket) {
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
    for (const name of rooms) {
      if ([...this.#room(name).entries].some(isNewer)) this.#then(() => this.updates.letGo(name, socket));
      else this.#rooms.delete(name);
    }
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
    this.updates.release();
    if (limit !== undefined) this.#giveUp([...hit], `they name more rooms than Options.MaxRooms of the server, which is ${limit}`);
    this.#leaveUnneeded();
    for (const entry of limit === undefined ? hit : []) this.#reset(entry, after, rooms);
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

  /** By their names. */
  get all() {
    return /** @type {ReadonlyMap<string, Room>} */ (this.#rooms);
  }

  /** The positions of rooms without a region. @returns {Positions} */
  get positions() {
    return new Map([...this.#serverEntries].map((entry) => [entry, new Map([...entry.rooms].map(([name, { pos }]) => [name, pos]))]));
  }

  get #entries() {
    return [...this.#regions.all, ...this.#serverEntries];
  }

  /** @param {string} name */
  #room(name) {
    /** @type {Room} */
    const room = this.#rooms.get(name) ?? { log: new Map(), brought: new Map(), entries: new Set() };
    return this.#rooms.set(name, room), room;
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
    if (this.#socket) this.#joins.ask(entries, this.#socket, isFirst, isFirst ? this.#time : undefined);
  }

  #unneeded() {
    const needed = new Set(this.#entries.flatMap(({ isStale, element, rooms }) => (isStale && element ? [] : [...rooms.keys()])));
    return [...this.#rooms.keys()].filter((name) => !needed.has(name));
  }

  /** Leaves rooms without an entry, unless a join is open: its rooms are not known yet, and the leave could undo it. */
  #leaveUnneeded() {
    const rooms = this.#unneeded();
    if (rooms.length === 0 || this.#joins.areOpen) return;
    for (const name of rooms) this.#rooms.delete(name);
    if (!this.#socket) return;
    this.#joins.leave(rooms, this.#socket);
    this.#ask(this.#entries.filter(({ isOver, isFinal }) => isOver && !isFinal)); // there is space now
  }
}

/**
 * @param {Showing} showing
 * @param {unknown} pos
 */
function end(showing, pos) {
  showing.pos = pos;
  showing.socket = showing.since = showing.until = showing.missed = undefined;
}
