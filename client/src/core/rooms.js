// Follows the rooms that the page has tickets for: joins, positions and resets.

import { fail } from "../shared/region.js";
import { Tickets } from "./tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {import("../shared/frame.js").Frame} Frame
 * @typedef {Record<string, any>} RoomFrame a frame about rooms; the caller catches errors from malformed ones
 * @typedef {import("./fallback.js").Socket} Socket
 *
 * @typedef {object} Entry a ticket that the page has
 * @property {Element} [element] its region; undefined if the server joined by itself
 * @property {string} [text] the attribute of the region
 * @property {string} ticket the ticket that the next join sends
 * @property {string} [spare] a newer ticket from the server, while an open join uses the older one and may be refused
 * @property {string[]} rooms the rooms that it names, once the server has listed them
 * @property {boolean} [isGone] its region has been out of the page, so updates may have been missed even if it is back
 * @property {boolean} [isStale] reset or refused; not usable until the region has been refetched
 *
 * @typedef {object} Room
 * @property {unknown} [pos] the position up to which the page shows it
 * @property {Socket} [from] the socket that brings its updates
 * @property {{ socket: Socket, gen: number }} [asked] the last join that names it, while unanswered
 * @property {Map<unknown, object>} seen positions applied while a join was open, with their frames: they arrive again
 * @property {Map<unknown, object>} brought positions whose frames brought a region. They arrive again with its join, and applying
 *   them again would never end
 *
 * @typedef {object} Work
 * @property {(fn: (file: typeof import("../morph/morph.js"), core: import("../more/more.js").Core) => void, failed: () => void) => void} morphs
 *   calls fn once the bundle that contains Resets is here
 * @property {(element: Element) => boolean} owns reports whether an element belongs to this client
 * @property {(frame: object) => void} send
 * @property {(fn: () => void) => void} then runs fn once everything that arrived earlier has been applied
 */

// The most frames of a room that are remembered for having brought a region. Beyond that, their joins are repeated.
const mostBrought = 500;

/** The rooms of one client, with the position up to which the page shows each. */
export class Rooms {
  #work;
  #tickets;
  /** @type {import("../morph/reset.js").Resets | undefined} */
  #resets;
  /** @type {Set<Entry>} */
  #entries = new Set();
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #gen = 0;
  /**
   * Open joins by generation: entries by the index of their ticket, and the indices without an answer.
   *
   * @type {Map<number, { groups: Entry[][], open: Set<number> }>}
   */
  #joins = new Map();
  /** The socket that joins are sent over; undefined before the server's hello. @type {Socket | undefined} */
  #socket;
  /** @type {unknown} */
  #time;

  /** @param {Work} work */
  constructor(work) {
    this.#work = work;
    this.#tickets = new Tickets(work.owns, () => this.#changed());
  }

  stop() {
    this.#tickets.stop();
    this.#resets?.stop();
  }

  /**
   * Joins all rooms over a new socket, from the positions of the page. Called after the hello.
   *
   * @param {Socket} socket
   */
  join(socket) {
    this.#socket = socket;
    this.#joins.clear();
    this.#update();
    for (const room of this.#unneeded()) this.#rooms.delete(room);
    this.#ask([...this.#entries].filter((entry) => !entry.isStale), this.positions, this.#time);
    for (const entry of this.#entries) if (entry.isStale) this.#reset(entry);
  }

  /** @param {Socket} socket */
  closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#joins.clear();
  }

  /**
   * Joins the rooms of regions that came into the page, and leaves those of regions that left it.
   *
   * @param {() => void} [noted] called if a region came
   */
  #changed(noted) {
    const came = this.#update();
    if (came.length > 0) {
      for (const { seen, brought } of this.#rooms.values()) {
        seen.clear(); // frames that other regions have shown are new to these
        noted || brought.clear();
      }
      noted?.();
    }
    this.#leaveUnneeded();
    this.#ask(came);
  }

  /**
   * Rejoins with the tickets of regions that have been refetched, even if those are unchanged. The body stands for rooms
   * without a region.
   *
   * @param {Element[]} regions
   * @param {object} pos the positions at the time of the request: the refetch may have removed later updates
   */
  renew(regions, pos) {
    /** @type {Entry[]} */
    const kept = [];
    for (const entry of this.#entries) {
      if (!regions.includes(entry.element ?? document.body)) continue;
      if (entry.element) this.#entries.delete(entry);
      else kept.push(entry);
      entry.isStale = false;
    }
    for (const { rooms } of kept) for (const name of rooms) this.#rooms.delete(name);
    this.#ask(kept, pos);
    this.#changed();
  }

  /**
   * Checks an update against its room.
   *
   * @param {Frame} update
   * @param {object} message the frame that brought it
   * @param {Socket} socket
   * @returns {{ isDouble?: () => boolean, applied?: () => void } | undefined} undefined if the update is not for this page
   */
  note({ room: name, pos, html, oob }, message, socket) {
    if (name === undefined) return {};
    const room = this.#follow(name, socket);
    return room && {
      isDouble: () => [room.seen, room.brought].some((known) => (known.get(pos) ?? message) !== message),
      applied: () => {
        room.pos = pos;
        for (const entry of this.#entries) entry.isGone ||= entry.element && !unclobbered(entry.element, "isConnected");
        const text = String(html) + JSON.stringify(oob);
        if (text.includes("wx-ticket")) this.#changed(() => room.brought.set(pos, message));
        if (room.brought.size > mostBrought) room.brought.clear();
        if (room.asked || room.from !== socket) room.seen.set(pos, message);
        else if (!room.seen.has(pos)) room.seen.clear();
      },
    };
  }

  /**
   * Moves positions past messages that filters kept from this connection.
   *
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  pos({ rooms }, socket) {
    for (const [name, pos] of Object.entries(rooms)) {
      const room = this.#follow(name, socket);
      if (room) this.#work.then(() => (room.pos = pos));
    }
  }

  /** @param {RoomFrame} frame */
  ping({ t }) {
    if (t !== undefined && !this.#isAsking) this.#time = t;
  }

  /**
   * @param {RoomFrame} frame
   * @param {Socket} socket
   */
  joined({ gen, rooms, tickets, each, server }, socket) {
    const join = this.#joins.get(gen);
    const groups = server ? each.map((/** @type {string[]} */ names) => [this.#serverEntry(names)]) : join?.groups;
    if (!groups) return;
    groups.forEach((/** @type {Entry[]} */ group, /** @type {number} */ i) => {
      for (const entry of group) {
        entry.rooms = each[i];
        // A newer ticket gives no right to messages from before it.
        entry.spare = server && entry.ticket && this.#rooms.get(each[i][0])?.asked ? tickets[i] : undefined;
        if (!entry.spare && (server || !entry.isStale)) entry.ticket = tickets[i] || entry.ticket;
        if (server && entry.isStale) this.#reset(entry); // the page being fetched may be older than this join
      }
    });
    for (const [name, pos] of Object.entries(rooms)) {
      const room = this.#room(name);
      if (room.asked && (server || room.asked.gen > gen)) continue;
      room.from = socket;
      room.asked = undefined;
      this.#work.then(() => (room.pos = pos));
    }
    if (server) return socket !== this.#socket && this.#ask(groups.flat(), this.positions, this.#time);
    join?.open.clear();
    for (const old of this.#joins.keys()) if (old < gen) this.#joins.delete(old);
    this.#leaveUnneeded();
  }

  /** @param {RoomFrame} frame */
  reset({ gen, rooms = [], tickets = [], fresh = [], ticket, after }) {
    const join = this.#joins.get(gen);
    const refused = join?.groups[ticket] ?? [];
    // While a join was open, updates of its rooms were ignored for all regions.
    const lost = [...rooms, ...refused.flatMap((entry) => entry.rooms)].filter(
      (name) => !(/** @type {any} */ (this.#rooms.get(name)?.asked?.gen) > gen),
    );
    const hit = new Set([...this.#entries].filter((entry) => entry.rooms.some((name) => lost.includes(name))));
    for (const i of [...tickets, ticket]) {
      for (const entry of join?.groups[i] ?? []) if (this.#entries.has(entry)) hit.add(entry);
      join?.open.delete(i);
    }
    for (const name of lost) this.#rooms.delete(name);
    for (const entry of hit) {
      entry.isStale = true;
      if (!entry.element) entry.ticket = fresh[rooms.indexOf(entry.rooms[0])] ?? entry.ticket;
      if (refused.includes(entry) && !entry.element && !(entry.ticket = entry.spare ?? "")) this.#entries.delete(entry);
    }
    this.#leaveUnneeded();
    for (const entry of hit) this.#reset(entry, after, lost);
  }

  /** @param {RoomFrame} frame */
  left({ rooms }) {
    for (const name of rooms) {
      this.#rooms.delete(name);
      for (const entry of this.#entries) if (!entry.element && entry.rooms.includes(name)) this.#entries.delete(entry);
    }
  }

  /**
   * @param {Entry} entry
   * @param {number} [after] in ms
   * @param {string[]} [lost] the rooms, if the entry does not list them
   */
  #reset({ element, rooms }, after = 0, lost = []) {
    if (rooms.length === 0) rooms = lost;
    this.#work.morphs(
      ({ Resets }, core) => (this.#resets ??= new Resets(core, this)).add(element, rooms, after),
      () => fail({ element: element ?? document.body, rooms }),
    );
  }

  /**
   * Reports whether a region waits to be refetched.
   *
   * @param {Element} region
   */
  isStale(region) {
    return [...this.#entries].some(({ element, isStale }) => isStale && (element ?? document.body) === region);
  }

  /** By their names. @returns {ReadonlyMap<string, Room>} */
  get all() {
    return this.#rooms;
  }

  get positions() {
    return Object.fromEntries([...this.#rooms].map(([name, room]) => [name, room.pos]));
  }

  get #isAsking() {
    return [...this.#joins.values()].some(({ open }) => open.size > 0);
  }

  /**
   * @param {unknown} name
   * @param {Socket} socket
   * @returns {Room | undefined} the room, if updates from this socket count
   */
  #follow(name, socket) {
    const room = this.#rooms.get(/** @type {string} */ (name));
    return room?.from === socket && room.asked?.socket !== socket ? room : undefined;
  }

  /** @param {string} name */
  #room(name) {
    /** @type {Room} */
    const room = this.#rooms.get(name) ?? { seen: new Map(), brought: new Map() };
    this.#rooms.set(name, room);
    return room;
  }

  /** @param {string[]} rooms */
  #serverEntry(rooms) {
    for (const entry of this.#entries) if (!entry.element && entry.rooms.join() === rooms.join()) return entry;
    /** @type {Entry} */
    const entry = { ticket: "", rooms };
    this.#entries.add(entry);
    return entry;
  }

  /** Updates the entries to the tickets in the page and returns the new ones. */
  #update() {
    const found = this.#tickets.find();
    const known = new Map([...this.#entries].map(({ text, rooms }) => [text, rooms]));
    for (const entry of this.#entries) {
      if (!entry.element) continue;
      if (found.get(entry.element) === entry.text && !entry.isGone) found.delete(entry.element);
      else this.#entries.delete(entry);
    }
    const came = [...found].map(([element, text]) => ({ element, text, ticket: text, rooms: known.get(text) ?? [] }));
    for (const entry of came) this.#entries.add(entry);
    return came;
  }

  /**
   * @param {Entry[]} entries
   * @param {object} [pos] the positions of the page
   * @param {unknown} [t] the time up to which it has received everything, if known
   */
  #ask(entries, pos, t) {
    const socket = this.#socket;
    if (!socket || entries.length === 0) return;
    const gen = ++this.#gen;
    /** @type {Map<string, Entry[]>} */
    const groups = new Map();
    for (const entry of entries) {
      groups.set(entry.ticket, [...(groups.get(entry.ticket) ?? []), entry]);
      for (const name of entry.rooms) this.#room(name).asked = { socket, gen };
    }
    this.#joins.set(gen, { groups: [...groups.values()], open: new Set([...groups].keys()) });
    this.#work.send({ type: "join", gen, tickets: [...groups.keys()], pos, t });
  }

  #unneeded() {
    const needed = new Set([...this.#entries].flatMap((entry) => (entry.isStale && entry.element ? [] : entry.rooms)));
    return [...this.#rooms.keys()].filter((name) => !needed.has(name));
  }

  /** Leaves rooms without an entry, unless a join is open: its rooms are not known yet, and the leave could undo it. */
  #leaveUnneeded() {
    const rooms = this.#unneeded();
    if (rooms.length === 0 || this.#isAsking) return;
    for (const name of rooms) this.#rooms.delete(name);
    if (this.#socket) this.#work.send({ type: "leave", gen: ++this.#gen, rooms });
  }
}
