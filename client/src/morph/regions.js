// Knows what each region of the page shows.

import { Tickets } from "./tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {import("../core/fallback.js").Socket} Socket
 * @typedef {import("./room-updates.js").Update} Update
 *
 * @typedef {object} Showing a room as an entry shows it
 * @property {unknown} [pos] the position up to which it shows the room
 * @property {number} [moved] the arrival of the update that moved it there
 * @property {Socket} [socket] the one that brings its updates; undefined before the answer to its join
 * @property {unknown} [until] while it is set: everything up to this position is for others, because the element shows it already
 * @property {number} [since] when that answer arrived; it shows each update that has been applied since then
 * @property {Set<unknown>} [missed] positions of updates since then that have been applied to others alone
 * @property {{ socket?: Socket, message?: object }} [before] the socket before that, and its message of which a part had been applied
 *
 * @typedef {object} Entry a ticket that the page has
 * @property {Element} [element] its region; undefined if the server joined by itself
 * @property {string} [text] the attribute of the region
 * @property {string | null} [written] its attribute wx-at, as last seen or written
 * @property {string} ticket the ticket that the next join sends
 * @property {boolean} [isFresh] it is from the server, not from the page
 * @property {string} [spare] a newer ticket from the server, while an open join uses the older one and may be refused
 * @property {Map<string, Showing>} rooms the rooms that it names, by name
 * @property {boolean} [isUnknown] the server has yet to list its rooms
 * @property {number} [asked] the number of the open join that names it; 0: none
 * @property {boolean} [isStale] reset or refused; not usable until the region has been refetched
 * @property {boolean} [isOver] stale, and no refetch would help
 * @property {boolean} [isFinal] nor would a new join
 * @property {object} [by] the message that brought the region
 */

const attribute = "wx-at";

/** The regions of one client. A position belongs to the element that shows it, and so do copies of the element. */
export class Regions {
  /** @type {Map<Element, Entry>} */
  #entries = new Map();
  /** What elements showed when they left the page: those that return unchanged show it still. @type {WeakMap<Element, Entry>} */
  #memory = new WeakMap();
  /** @type {Set<Entry>} */
  #unknown = new Set();
  /** Entries that show more than the attribute of their element says. @type {Set<Entry>} */
  #dirty = new Set();
  #tickets;

  /**
   * @param {ConstructorParameters<typeof Tickets>[0]} core
   * @param {() => void} changed called when regions may have come, left or changed
   */
  constructor(core, changed) {
    this.#tickets = new Tickets(core, changed);
  }

  /** @param {Document | ShadowRoot} tree a part of the page that is new, or was not known */
  enter(tree) {
    this.#tickets.enter(tree);
  }

  stop() {
    this.#tickets.stop();
  }

  get all() {
    return this.#entries.values();
  }

  /** @param {Element} element */
  get(element) {
    return this.#entries.get(element);
  }

  /** @param {Entry} entry */
  has({ element }) {
    return element !== undefined && this.#entries.has(element);
  }

  get isNews() {
    return this.#tickets.isNews;
  }

  /** Reports whether the rooms of a region are not known yet. */
  get isUnsure() {
    return this.#unknown.size > 0;
  }

  /**
   * Looks at the page.
   *
   * @param {Update} [by] the update that has just been applied. A region that shows its room stays what it is, although the update
   *   changed its attributes
   * @returns {[came: Entry[], went: Entry[]]}
   */
  look(by) {
    const { found, set, stripped } = this.#tickets.look();
    /** @type {Map<string | undefined, string[]>} */
    const known = new Map();
    const went = [];
    for (const [element, entry] of this.#entries) {
      if (!entry.isUnknown) known.set(entry.text, [...entry.rooms.keys()]);
      const isSame = found.get(element) === entry.text && !(set.has(element) && !by);
      if (isSame && this.#shows(entry, by, stripped.has(element))) found.delete(element);
      else went.push(entry);
    }
    for (const entry of went) this.forget(entry, true);
    const came = [];
    for (const [element, text] of found) {
      const entry = this.#arrived(element, text, set.has(element) ? undefined : this.#memory.get(element), known.get(text));
      entry.by = by?.message;
      this.#tickets.watchInside(element);
      this.#entries.set(element, entry);
      if (entry.isUnknown) this.#unknown.add(entry);
      came.push(entry);
    }
    return [came, went];
  }

  /**
   * Reports whether the element of an entry is still as the client left it.
   *
   * @param {Entry} entry
   * @param {Update} [by]
   * @param {boolean} [isStripped] whether only its position was taken away
   */
  #shows(entry, by, isStripped) {
    const at = written(entry);
    if (at === entry.written) return true;
    const showing = by && at === null && entry.rooms.get(by.name);
    if (!isStripped && (!showing || showing.socket !== by.socket)) return false;
    entry.written = at;
    this.moved(entry);
    return true;
  }

  /**
   * @param {Element} element
   * @param {string} text its ticket
   * @param {Entry | undefined} old what it showed before it left the page
   * @param {string[] | undefined} names the rooms of the ticket
   * @returns {Entry}
   */
  #arrived(element, text, old, names) {
    const at = written({ element });
    // An element that was away when the answer to its join came shows what its own ticket says.
    const isPlaced = old && [...old.rooms.values()].every(({ pos }) => pos !== undefined);
    if (isPlaced && old.isFresh && !old.isStale && old.text === text && old.written === at) {
      const rooms = [...old.rooms].map(([name, { pos }]) => /** @type {const} */ ([name, { pos }]));
      return { element, text, written: at, ticket: old.ticket, isFresh: true, rooms: new Map(rooms) };
    }
    const told = at ? parse(at) : {};
    const all = names ?? Object.keys(told);
    const rooms = new Map(all.map((name) => [name, { pos: told[name] }]));
    return { element, text, written: at, ticket: text, rooms, isUnknown: all.length === 0 };
  }

  /**
   * @param {Entry} entry
   * @param {boolean} [mayReturn] whether the element shows it still when it returns
   */
  forget(entry, mayReturn) {
    const element = /** @type {Element} */ (entry.element);
    this.#entries.delete(element);
    this.#dirty.delete(entry);
    this.#unknown.delete(entry);
    if (mayReturn) this.#memory.set(element, entry);
    else this.#memory.delete(element);
  }

  /** @param {Entry} entry an entry whose rooms are known now, or whose ticket has been refused */
  settle(entry) {
    entry.isUnknown = false;
    this.#unknown.delete(entry);
  }

  /** @param {Entry} entry an entry whose positions have changed */
  moved(entry) {
    if (!entry.element) return;
    this.#tickets.noteOwn();
    if (this.#dirty.size === 0) queueMicrotask(() => this.#write());
    this.#dirty.add(entry);
  }

  /**
   * Writes the positions into the page before a message is applied, so that it can be told from the page afterwards which regions the
   * message has replaced. A message of a room says so itself for the regions of that room.
   *
   * @param {string} [name] the room of the message
   */
  settlePositions(name) {
    for (const { rooms } of this.#dirty) if (name === undefined || !rooms.has(name)) return this.#write();
  }

  /** Writes the positions into the page, so that copies carry them. */
  #write() {
    this.#tickets.unseen(() => {
      for (const entry of this.#dirty) {
        // Changed by other hands: the next look finds out what it shows.
        if (!this.has(entry) || this.#tickets.wasSet(entry) || written(entry) !== entry.written) continue;
        const positions = [...entry.rooms].map(([name, { pos }]) => [name, pos]);
        // A copy without positions has what its ticket says, so all of them or none.
        const text = positions.some(([, pos]) => pos === undefined) ? null : JSON.stringify(Object.fromEntries(positions));
        if (text === entry.written) continue;
        entry.written = text;
        const element = /** @type {Element} */ (entry.element);
        if (text === null) unclobbered(element, "removeAttribute")(attribute);
        else unclobbered(element, "setAttribute")(attribute, text);
      }
    });
    this.#dirty.clear();
  }
}

/** @param {Pick<Entry, "element">} entry */
function written({ element }) {
  return unclobbered(/** @type {Element} */ (element), "getAttribute")(attribute);
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function parse(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
