// Takes what a server says about rooms, and brings the module that follows them once the page has one.

import { fail } from "../shared/region.js";
import { trees } from "./shadows.js";
import { concernsTickets, withTicket } from "../shared/tickets.js";

/**
 * @typedef {import("./fallback.js").Socket} Socket
 * @typedef {import("../morph/rooms.js").Rooms} Rooms
 * @typedef {import("../morph/room-updates.js").Update} Update
 * @typedef {import("../morph/rooms.js").Work} Work
 *
 * @typedef {{ Rooms?: new (work: Work) => Rooms }} File
 *
 * @typedef {object} Note what becomes of an update of a room, in its turn
 * @property {() => unknown} ready a promise holds up what follows
 * @property {(target: Element, style: string) => boolean} [takes] reports whether the target lacks the update
 * @property {() => void} [applied]
 */

/** The rooms of one client. Most pages have none. */
export class RoomFrames {
  #part;
  #core;
  #work;
  /** Follows the rooms; undefined until its file is here. @type {Rooms | undefined} */
  rooms;
  #isWanted = false;
  #isOver = false;
  /** Frames that wait for the file. @type {((rooms: Rooms) => void)[]} */
  #early = [];
  /** The socket that joins are sent over, and the longest message that its server takes; undefined before its hello. @type {[Socket, unknown] | undefined} */
  #greeted;
  /** The number of messages so far: their order is that of their arrival. */
  #count = 0;
  /** @type {object | undefined} */
  #last;
  /** @type {Note} */
  #roomless = { ready: () => this.rooms?.updates.settlePositions() };
  #observer = new MutationObserver((records) => records.some(concernsTickets) && this.#want());

  /**
   * @param {File} file if another client has loaded it
   * @param {import("./part.js").Part<{}>} part brings it otherwise
   * @param {import("../more/more.js").Core} core
   * @param {Work["send"]} send
   */
  constructor(file, part, core, send) {
    this.#part = part;
    this.#core = core;
    this.#work = { core, send };
    this.start(file);
    for (const tree of trees()) this.enter(tree);
  }

  /** @param {File} file */
  start({ Rooms }) {
    if (this.rooms || !Rooms || this.#isOver) return;
    this.#observer.disconnect();
    this.#core.hasFailed = undefined;
    this.#core.renewed?.();
    this.rooms = new Rooms(this.#work);
    if (this.#greeted) this.rooms.join(...this.#greeted);
    for (const tell of this.#early.splice(0)) tell(this.rooms);
  }

  /** @param {Document | ShadowRoot} tree */
  enter(tree) {
    if (this.rooms) return this.rooms.enter(tree);
    this.#observer.observe(tree, { childList: true, subtree: true, attributeFilter: ["wx-ticket"] });
    if (tree.querySelector(withTicket)) this.#want();
  }

  stop() {
    this.#isOver = true;
    this.#observer.disconnect();
    this.rooms?.stop();
  }

  /** Called when elements may belong to another client than before. */
  look() {
    this.rooms?.changed();
  }

  /**
   * Joins all rooms over a new socket. Called after the hello.
   *
   * @param {Socket} socket
   * @param {unknown} max
   * @param {() => void} then called when the join has been sent, or cannot be
   */
  join(socket, max, then) {
    this.#greeted = [socket, max];
    this.rooms?.join(socket, max);
    if (this.rooms || !this.#isWanted) then();
    else this.#bring(then);
  }

  /**
   * @param {Socket} socket
   * @param {number} code
   */
  closed(socket, code) {
    if (socket === this.#greeted?.[0]) this.#greeted = undefined;
    this.rooms?.closed(socket, code);
  }

  /**
   * @param {"ping" | "joined" | "resent" | "reset" | "left" | "pos"} type
   * @param {Record<string, any>} frame
   * @param {Socket} socket
   */
  take(type, frame, socket) {
    const seq = ++this.#count;
    if (this.rooms) return this.rooms[type](frame, socket, seq);
    if (type === "ping") return;
    this.#early.push((rooms) => rooms[type](frame, socket, seq));
    this.#want();
  }

  /**
   * @param {import("../shared/frame.js").Frame} update
   * @param {object} message the frame that brought it
   * @param {Socket} socket
   * @returns {Note}
   */
  note({ room: name, pos, html, oob }, message, socket) {
    if (name === undefined) return this.#roomless;
    if (message !== this.#last) this.#count++;
    this.#last = message;
    /** @type {Update} */
    const update = { name: /** @type {string} */ (name), pos, html, oob, message, socket, seq: this.#count };
    return {
      ready: () => (this.rooms ? this.rooms.updates.begin(update) : this.#isWanted && this.#bring(() => this.rooms?.updates.begin(update))),
      takes: (target, style) => Boolean(this.rooms?.updates.takes(update, target, style)),
      applied: () => this.rooms?.updates.applied(update),
    };
  }

  #want() {
    if (this.#isWanted || this.rooms) return;
    this.#isWanted = true;
    this.#part.expect();
    this.#bring(() => {});
  }

  /** @param {() => unknown} then */
  #bring(then) {
    return this.#part.use(then, () => {
      if (this.#core.hasFailed) return then();
      this.#core.hasFailed = () => true;
      for (const tree of trees()) for (const element of tree.querySelectorAll(withTicket)) if (this.#core.owns(element)) fail({ element, rooms: [] });
      return then();
    });
  }
}
