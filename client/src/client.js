import * as Code from "./code.js";
import { completeConfig } from "./config.js";
import { Connection } from "./connection.js";
import { collectData } from "./data.js";
import { load as loadFile } from "./demand.js";
import { carriedBy, watchFields } from "./dirty.js";
import { emit } from "./events.js";
import { Extras, wanted } from "./extras.js";
import { parseFrame } from "./frame.js";
import { parsePage } from "./html.js";
import { randomName } from "./page-name.js";
import { Refusals } from "./refusals.js";
import { requestOf } from "./request.js";
import { fail, Requests } from "./requests.js";
import { isRefusal, Timer } from "./retry.js";
import { Rooms } from "./rooms.js";
import { swaps } from "./swaps.js";
import { Triggers } from "./triggers.js";
import { attempt, Updates } from "./updates.js";

/**
 * @typedef {import("./request.js").Request} Request
 * @typedef {import("./frame.js").Frame} Frame
 * @typedef {import("./ladder.js").Socket} Socket
 * @typedef {{ target?: string, data?: Record<string, unknown>, swap?: string }} SendOptions
 *
 * @typedef {object} Internals for tests
 * @property {typeof window.WebSocket} [WebSocket]
 * @property {typeof window.fetch} [fetch]
 * @property {import("./demand.js").Load | null} [load] null: no other transport than WebSocket
 * @property {() => Promise<any>} [more] brings more.js instead of load
 * @property {() => number} [random]
 * @property {string} [page]
 */

const version = 1;
// Then it is time to find out whether the server is an original one, which never says hello, or something swallows frames.
const helloPatience = 1_000;

// The frames that are the business of Rooms, which has a method for each.
const ofRooms = { ping: 0, joined: 0, reset: 0, left: 0, pos: 0 };

/** One server, as the page sees it. */
export class WSX {
  config;
  #page;
  #count = 0;
  #connection;
  #requests = new Requests((text) => this.#connection.send(text));
  #extras;
  #updates;
  #triggers;
  #rooms;
  #hello = new Timer();
  /** @type {"unknown" | "plain" | "full"} */
  #dialect = "unknown";
  #wasFull = false;
  /** The socket that counts; the one that it replaced may still bring something. @type {Socket | undefined} */
  #socket;
  /** What the page was told last. @type {boolean | undefined} */
  #told;
  #wasConnected = false;
  #refusals = new Refusals();

  /**
   * What to do about the frames that are not updates, by their type. `answered` is the request that the frame's id names.
   *
   * @type {Record<string, (frame: Frame, socket: Socket, answered: import("./requests.js").Entry | undefined) => void>}
   */
  #control = {
    hello: ({ ping }, socket) => {
      if (this.#dialect === "full") return;
      this.#dialect = "full";
      this.#wasFull = true;
      this.#hello.clear();
      this.#send({ type: "hello", v: version, page: this.#page });
      this.#connection.greeted(Number(ping) || 0);
      this.#rooms.join(socket);
      this.#requests.resume(socket, true);
    },
    batch: (frame, socket) => {
      const updates = Array.isArray(frame.updates) ? frame.updates : [];
      this.#updates.push(
        updates.flatMap((update) => this.#arrivals(update ?? {}, frame, socket)),
        frame,
      );
    },
    ack() {}, // the id has been settled
    error: ({ id, code, html }, _, answered) => {
      if (typeof code !== "string") return;
      const about = answered ?? { id: typeof id === "string" ? id : undefined, handler: "", at: document };
      this.#updates.then(() => fail(about, code, typeof html === "string" ? html : undefined));
    },
    reconnect: ({ after }) => this.#connection.replace(typeof after === "number" ? after : 0),
  };

  /**
   * @param {Partial<import("./config.js").Config>} config
   * @param {Internals} [internals]
   */
  constructor(config, internals = {}) {
    const { WebSocket = window.WebSocket, fetch = window.fetch.bind(window), load = loadFile } = internals;
    const { random = Math.random, page = randomName(), more = async () => /** @type {any} */ (load)("more") } = internals;
    this.config = completeConfig(config);
    this.#page = page;
    const root = this.config.root ? document.querySelector(this.config.root) : document;
    if (!root) throw new Error(`wsx: no element for root ${this.config.root}`);
    /** @type {import("./more.js").Core} */
    const core = { fetch, then: (fn) => this.#updates.then(fn), parsePage, swaps };
    this.#extras = new Extras(async () => new (await more()).More(core));
    this.#updates = new Updates(this.#extras, (...words) => this.#debug(...words));
    this.#connection = new Connection(
      { ...this.config, WebSocket, fetch, load, random },
      {
        opened: (socket) => this.#opened(socket),
        received: (data, socket) => this.#received(data, socket),
        closed: (...how) => this.#closed(...how),
        stayed: (isAnswered) => this.#settle(isAnswered || this.#wasFull),
        isBusy: () => this.#requests.areOpen,
      },
    );
    this.#triggers = new Triggers(root, (sender, { event }, submitter) => this.#ask(sender, event, submitter) !== undefined);
    this.#rooms = new Rooms({
      refresh: async (...args) => this.#extras.use((more) => more.refresh(...args)),
      owns: (element) => this.#triggers.owns(element),
      send: (frame) => this.#send(frame),
      then: (fn) => this.#updates.then(fn),
    });
    watchFields();
    this.#triggers.start();
    if (document.querySelector(wanted)) void this.#extras.use(() => {});
    this.#connection.connect();
  }

  connect() {
    this.#requests.reopen();
    this.#connection.connect();
  }

  /** Requests made from now on wait for connect(). */
  disconnect() {
    this.#connection.disconnect();
  }

  reconnect() {
    this.#requests.reopen();
    this.#connection.reconnect();
  }

  /** Leaves the page as if this client had never been: for pages that replace it. */
  destroy() {
    this.#triggers.stop();
    this.#rooms.stop();
    this.#extras.stop();
    this.#hello.clear();
    this.#connection.disconnect();
  }

  isConnected() {
    return this.#connection.isOpen;
  }

  /**
   * Asks a handler without an element. Given an object, sends that as the frame, as it is.
   *
   * @param {string | Record<string, unknown>} what
   * @param {SendOptions | string | null} [options] a string is the target
   * @returns {string | undefined} the request's id; undefined if a listener refused it
   */
  send(what, options) {
    if (typeof what === "string") {
      const { target = "body", data = {}, swap = "innerHTML" } = typeof options === "string" ? { target: options } : (options ?? {});
      return this.#request({ id: this.#nextID(), handler: what, target, trigger: "programmatic", data, swap }, document);
    }
    const id = typeof what.id === "string" ? what.id : undefined;
    this.#transmit({ id, handler: String(what.handler ?? ""), request: what, at: document, text: JSON.stringify(what) });
    return id;
  }

  /**
   * Sends what the element would send, with more data.
   *
   * @param {string} selector
   * @param {Record<string, unknown>} [data]
   * @returns {string | undefined} the request's id; undefined if a listener refused it or there is no such element
   */
  trigger(selector, data) {
    const element = document.querySelector(selector);
    if (element) return this.#ask(element, "programmatic", null, data);
    console.warn(`wsx: trigger: no element for ${selector}`);
    return undefined;
  }

  /**
   * @param {Element} sender
   * @param {string} event
   * @param {HTMLElement | null} submitter
   * @param {Record<string, unknown>} [given]
   */
  #ask(sender, event, submitter, given) {
    const data = collectData(sender, submitter, given);
    return this.#request(requestOf(sender, this.#nextID(), event, data), sender, carriedBy(sender));
  }

  /**
   * @param {Request} request
   * @param {Element | Document} at
   * @param {() => void} [succeeded]
   */
  #request(request, at, succeeded) {
    if (!emit(at, "wsx:beforeRequest", { request, element: at }, true)) return undefined;
    this.#transmit({ id: request.id, handler: request.handler, request, at, succeeded, text: JSON.stringify(request) });
    return request.id;
  }

  /** @param {import("./requests.js").Entry} entry */
  #transmit(entry) {
    this.#requests.add(entry);
    this.#connection.use();
  }

  /** @param {object} frame */
  #send(frame) {
    this.#connection.send(JSON.stringify(frame));
  }

  #nextID() {
    return `${this.#page}-${++this.#count}`;
  }

  /** @param {Socket} socket */
  #opened(socket) {
    this.#socket = socket;
    this.#refusals.opened();
    this.#requests.hold();
    if (this.#dialect === "plain") {
      this.#requests.resume(socket, false);
    } else {
      this.#dialect = "unknown";
      this.#hello.set(() => this.#connection.ask() || this.#settle(false), helloPatience);
    }
    const isNews = this.#told !== true;
    const reconnected = this.#wasConnected;
    this.#told = this.#wasConnected = true; // first, because a listener may disconnect
    if (isNews) emit(document, "wsx:connected", { reconnected });
  }

  /**
   * There is no other way than the socket. If no hello has come over it, the server is an original one.
   *
   * @param {boolean} isOurs the server is known to say hello, so something between swallows frames
   */
  #settle(isOurs) {
    if (this.#dialect !== "unknown" || !this.#socket) return;
    if (isOurs) return this.#connection.giveUp();
    this.#dialect = "plain";
    this.#connection.settle();
    this.#requests.resume(this.#socket, false);
  }

  /**
   * @param {Socket | undefined} socket
   * @param {number} code
   * @param {string} reason
   * @param {boolean} willReconnect
   */
  #closed(socket, code, reason, willReconnect) {
    if (socket) {
      this.#requests.lose(socket);
      this.#rooms.closed(socket);
    }
    if (socket && socket !== this.#socket) return; // it had been replaced
    this.#socket = undefined;
    this.#hello.clear();
    this.#requests.hold();
    if (this.#connection.isRefused) this.#requests.close();
    const isNews = this.#told !== false || !willReconnect;
    const isRefused = this.#refusals.closed(code, socket !== undefined);
    this.#told = false; // first, because a listener may connect
    if (isNews) emit(document, "wsx:disconnected", { code, reason, willReconnect });
    if (isRefused || isRefusal(code)) emit(document, "wsx:refused", { code: isRefused ? Code.expired : code });
    if (this.#requests.areWaiting) this.#connection.use(); // they were made while the socket was closing
  }

  /**
   * @param {unknown} data
   * @param {Socket} socket
   */
  #received(data, socket) {
    const frame = parseFrame(data);
    if (!frame) return this.#debug("not a frame", data);
    const answered = this.#requests.settle(frame.id);
    if (frame.type !== "error") answered?.succeeded?.();
    if (frame.type === undefined) return this.#updates.push(this.#arrivals(frame, frame, socket), frame);
    // What was under way on a replaced socket when its successor opened comes from nowhere else. What comes from both is seen
    // twice, if it is of no room with positions and no element with an id; a hole would be worse. About connections only the one
    // that counts has a say.
    if (socket !== this.#socket && frame.type !== "batch" && frame.type !== "pos" && !frame.server && !answered) return;
    const { type } = /** @type {{ type: keyof typeof ofRooms }} */ (frame);
    if (Object.hasOwn(this.#control, type)) this.#control[type](frame, socket, answered);
    else if (Object.hasOwn(ofRooms, type)) attempt(() => this.#rooms[type](frame, socket));
    else this.#debug("unknown type of frame", frame);
  }

  /**
   * @param {Frame} update
   * @param {Frame} message the frame that brought it
   * @param {Socket} socket
   * @returns {import("./updates.js").Arrival[]} none if it does not count
   */
  #arrivals(update, message, socket) {
    const note = this.#rooms.note(update, message, socket);
    if (!note) return [];
    const { isDouble, applied } = note;
    const oob = Array.isArray(update.oob) ? update.oob : [];
    return [{ update, isDouble }, ...oob.map((update) => ({ update, isOOB: true, isDouble })), { applied }];
  }

  /** @param {unknown[]} words */
  #debug(...words) {
    if (this.config.debug) console.debug("wsx:", ...words);
  }
}
