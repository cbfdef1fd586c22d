// The class WSX: one server as the page sees it. It gives each frame a meaning and connects the other modules.

import * as Code from "../shared/code.js";
import { completeConfig } from "./config.js";
import { Connection } from "./connection.js";
import { collectData } from "../shared/data.js";
import { load as loadFile, need } from "./demand.js";
import { emit } from "../shared/events.js";
import { Extras, needsMore } from "./extras.js";
import { parseFrame } from "../shared/frame.js";
import { parsePage } from "./html.js";
import { bearer } from "../shared/inherited.js";
import { randomName } from "./page-name.js";
import { Part } from "./part.js";
import { requestOf } from "./request.js";
import { end, fail, Requests } from "./requests.js";
import { isRefusal, Timer } from "../shared/retry.js";
import { RoomFrames } from "./room-frames.js";
import { trees } from "./shadows.js";
import { swaps, ways } from "./swaps.js";
import { carriedBy, watchFields } from "./tracking.js";
import { process, Triggers, triggersOf } from "./triggers.js";
import { attempt, Updates } from "./updates.js";

/**
 * @typedef {import("./request.js").Request} Request
 * @typedef {import("../shared/frame.js").Frame} Frame
 * @typedef {import("./fallback.js").Socket} Socket
 * @typedef {{ target?: string, data?: Record<string, unknown>, swap?: string }} SendOptions
 *
 * @typedef {object} Internals options for tests
 * @property {typeof window.WebSocket} [WebSocket]
 * @property {typeof window.fetch} [fetch]
 * @property {import("./demand.js").Load | null} [load] null leaves WebSocket as the only transport
 * @property {() => Promise<any>} [more] loads more.js in place of load
 * @property {() => Promise<any>} [morph] loads morph.js in place of load
 * @property {() => number} [random]
 * @property {string} [page]
 * @property {import("./starter.js").Entry} [entry] the element with the client's wx-config
 */

const version = 1;
// How long to wait for the hello. Without one, either the server is an original one, which never sends it, or a proxy swallows
// frames.
const helloPatience = 1_000;

// How often a page without an identity fails before it is told.
const mostFailures = 3;

// The frames that are about rooms.
const ofRooms = { ping: 0, joined: 0, reset: 0, left: 0, pos: 0 };

/** A client: one server, as the page sees it. */
export class WSX {
  /** The version of this script, as in package.json. */
  static version = "0.1.0";

  /**
   * What a server can ask for besides showing HTML, by name. Pages may add verbs.
   *
   * @type {Record<string, import("../more/verbs.js").Verb>}
   */
  static verbs = {};
  static swaps = swaps;
  static process = process;
  process = process;
  config;
  #page;
  /** Receives frames and messages for developers. @type {import("../debug/debug.js").Tap | undefined} */
  #tap;
  #count = 0;
  #connection;
  #requests = new Requests((text) => this.#put(text));
  #extras;
  #morphs;
  #updates;
  #triggers;
  #rooms;
  #hello = new Timer();
  /** @type {"unknown" | "plain" | "full"} */
  #dialect = "unknown";
  #wasFull = false;
  /** The current socket. The one that it replaced may still bring frames. @type {Socket | undefined} */
  #socket;
  /** Whether the page was last told that it is connected. @type {boolean | undefined} */
  #told;
  #wasConnected = false;
  /** Failures since the identity expired; NaN if it has not. */
  #failures = NaN;

  /**
   * Handlers of control frames, by type. `answered` is the request that the id of the frame names.
   *
   * @type {Record<string, (frame: Frame, socket: Socket, answered: import("./requests.js").Entry | undefined) => void>}
   */
  #control = {
    hello: ({ ping, max }, socket) => {
      if (this.#dialect === "full") return;
      this.#dialect = "full";
      this.#wasFull = true;
      this.#hello.clear();
      this.#send({ type: "hello", v: version, page: this.#page });
      this.#connection.greeted(Number(ping) || 0);
      this.#rooms.join(socket, max, () => socket === this.#socket && this.#requests.resume(socket, true, max));
    },
    batch: (frame, socket, answered) => {
      const updates = Array.isArray(frame.updates) ? frame.updates : [];
      this.#updates.push(
        updates.flatMap((update) => this.#arrivals(update ?? {}, frame, socket)),
        frame,
        answered,
      );
    },
    ack() {}, // its id has been settled already
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
    const from = (/** @type {string} */ name) => () => need(load, name);
    const { random = Math.random, page = randomName(), entry, more = from("more"), morph = from("morph") } = internals;
    this.config = completeConfig(config);
    this.#page = page;
    const { root } = this.config;
    const find = () => (root ? document.querySelector(root) : entry && !entry.isWhole ? entry.element : document);
    if (!find()) throw new Error(`wsx: no element for root ${root}`);
    const core = {
      config: this.config,
      fetch,
      /** @param {() => void} fn */
      then: (fn) => this.#updates.then(fn),
      parsePage,
      swaps,
      carriedBy,
      end,
      fail,
      verbs: WSX.verbs,
      triggersOf,
      trees,
      /** @param {Element} element */
      owns: (element) => this.#triggers.owns(element),
      connection: () => this.#connection,
    };
    this.#extras = new Extras("more", async () => new (await more()).More(core));
    this.#morphs = new Part("morph", async () => {
      Object.assign(ways, await morph());
      this.#rooms.start(ways);
      return {};
    });
    this.#updates = new Updates(this.#extras, this.#morphs, (...words) => this.#debug(...words));
    this.#connection = new Connection(
      { ...this.config, WebSocket, fetch, load, random },
      {
        begins: () => {
          this.#triggers.start();
          if (document.querySelector("[wx-swap*=orph]")) this.#morphs.expect();
        },
        opened: (socket) => this.#opened(socket),
        received: (data, socket) => this.#received(data, socket),
        closed: (...how) => this.#closed(...how),
        stayed: (isAnswered) => this.#settle(isAnswered || this.#wasFull),
        isBusy: () => this.#requests.areOpen,
      },
    );
    this.#triggers = new Triggers(
      find,
      (sender, { event }, submitter) => this.#ask(sender, event, submitter),
      this.#extras,
      () => {
        this.#extras.here?.look();
        this.#rooms.look();
      },
      (root) => this.#rooms.enter(root),
      entry,
    );
    this.#rooms = new RoomFrames(ways, this.#morphs, core, (frame, socket) => socket === this.#socket && this.#send(frame));
    /** Shows a panel for developers, which loads on demand; false closes it. */
    this.debug = async (shown = true) => {
      this.#tap = (await from("debug")()).panel(shown, this, this.#rooms);
    };
    watchFields();
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

  /** Ends the client: from now on it sends, shows and watches nothing. */
  destroy() {
    this.#triggers.stop();
    this.#updates.stop();
    this.#rooms.stop();
    this.#extras.stop();
    this.#morphs.stop();
    this.#hello.clear();
    this.#connection.disconnect();
    this.#requests.close();
  }

  isConnected() {
    return this.#connection.isOpen;
  }

  /**
   * Sends a request to a handler without an element. An object is sent as the frame, unchanged.
   *
   * @param {string | Record<string, unknown>} what
   * @param {SendOptions | string | null} [options] a string is the target
   * @returns {string | undefined} the id of the request; undefined if a listener refused it or it waits for something first
   */
  send(what, options) {
    if (typeof what === "string") {
      const { target = "body", data = {}, swap = "innerHTML" } = typeof options === "string" ? { target: options } : (options ?? {});
      return known(this.#request({ id: this.#nextID(), handler: what, target, trigger: "programmatic", data, swap }, document));
    }
    const id = typeof what.id === "string" ? what.id : undefined;
    const [handler, text] = [String(what.handler ?? ""), JSON.stringify(what)];
    this.#transmit({ id, handler, request: what, at: document, text, ends: [] });
    return id;
  }

  /**
   * Sends what the element would send, with more data.
   *
   * @param {string} selector
   * @param {Record<string, unknown>} [data]
   * @returns {string | undefined} the id of the request; undefined if it was refused, waits for something first (an answer to
   *   wx-confirm, its turn in wx-sync), or there is no such element
   */
  trigger(selector, data) {
    const element = document.querySelector(selector);
    if (element) return known(this.#ask(element, "programmatic", null, data));
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
    return this.#request(requestOf(sender, this.#nextID(), event, data), sender, carriedBy(sender, /^(submit|click|programmatic)/.test(event)), submitter);
  }

  /**
   * @param {Request} request
   * @param {Element | Document} at
   * @param {() => void} [succeeded]
   * @param {HTMLElement | null} [submitter]
   * @returns {string | undefined | Promise<string | undefined>} the id of the request; undefined if it was refused
   */
  #request(request, at, succeeded, submitter) {
    const { id, handler } = request;
    /** @type {import("./requests.js").Entry} */
    const entry = { id, handler, request, at, succeeded, submitter, text: "", ends: [] };
    if (at instanceof Element) entry.base = bearer(at, "wx-target");
    /** @param {() => void} [prepare] */
    const go = (prepare) => {
      if (!emit(at, "wsx:beforeRequest", { request, element: at }, true)) return undefined;
      entry.text = JSON.stringify(request);
      prepare?.();
      this.#transmit(entry);
      return id;
    };
    if (!this.config.timeout && !(at instanceof Element && needsMore(at))) return go();
    return this.#extras.use((more) => more.ask(entry, go), () => void fail(entry, "closed"));
  }

  /** @param {import("./requests.js").Entry} entry */
  #transmit(entry) {
    this.#requests.add(entry);
    this.#connection.use();
  }

  /** @param {object} frame */
  #send(frame) {
    this.#put(JSON.stringify(frame));
  }

  /** @param {string} text */
  #put(text) {
    const isSent = this.#connection.send(text);
    if (isSent) this.#tap?.("out", text);
    return isSent;
  }

  #nextID() {
    return `${this.#page}-${++this.#count}`;
  }

  /** @param {Socket} socket */
  #opened(socket) {
    this.#socket = socket;
    this.#failures = NaN;
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
   * Decides which dialect the server speaks, when no hello has come and no other transport is left to try.
   *
   * @param {boolean} isOurs whether the server is known to send a hello, so that a proxy must be swallowing frames
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
      this.#rooms.closed(socket, code);
    }
    if (socket && socket !== this.#socket) return; // it had been replaced before
    this.#socket = undefined;
    this.#hello.clear();
    this.#requests.hold();
    if (this.#connection.isRefused) this.#requests.close();
    const isNews = this.#told !== false || !willReconnect;
    // Browsers hide from scripts why a handshake failed, but several failures in a row then mean that there is no new identity.
    const isRefused = !socket && code === Code.lostPeer && navigator.onLine && ++this.#failures === mostFailures;
    if (socket) this.#failures = code === Code.expired ? 0 : NaN;
    this.#told = false; // first, because a listener may connect
    if (isNews) emit(document, "wsx:disconnected", { code, reason, willReconnect });
    if (isRefused || isRefusal(code)) emit(document, "wsx:refused", { code: isRefused ? Code.expired : code });
    if (this.#requests.areWaiting) this.#connection.use(); // requests made while the socket was closing
  }

  /**
   * @param {unknown} data
   * @param {Socket} socket
   */
  #received(data, socket) {
    this.#tap?.("in", data);
    const frame = parseFrame(data);
    if (!frame) return this.#debug("not a frame", data);
    const answered = this.#requests.settle(frame.id);
    if (frame.type !== "error") answered?.succeeded?.();
    this.#take(answered?.read?.(frame) ?? frame, socket, answered);
    if (answered) this.#updates.then(() => end(answered));
  }

  /**
   * @param {Frame} frame
   * @param {Socket} socket
   * @param {import("./requests.js").Entry} [answered]
   */
  #take(frame, socket, answered) {
    if (frame.type === undefined) return this.#updates.push(this.#arrivals(frame, frame, socket, answered), frame, answered);
    // A replaced socket still brings what was under way when its successor opened, and nothing else does. Without positions or
    // ids, what both bring is shown twice, which is better than a hole. Frames about the connection count only from the current
    // socket, over which joins are asked again.
    const isOld = socket !== this.#socket && !frame.server && !answered;
    const { type } = /** @type {{ type: keyof typeof ofRooms }} */ (frame);
    const of = isOld && type === "joined" ? "resent" : type;
    if (isOld && !["batch", "pos", "resent"].includes(of)) return;
    if (Object.hasOwn(this.#control, type)) this.#control[type](frame, socket, answered);
    else if (Object.hasOwn(ofRooms, type)) attempt(() => this.#rooms.take(of, frame, socket));
    else this.#debug("unknown frame", frame);
  }

  /**
   * @param {Frame} update
   * @param {Frame} message the frame that contains it
   * @param {Socket} socket
   * @param {import("./requests.js").Entry} [answered]
   * @returns {import("./updates.js").Arrival[]}
   */
  #arrivals(update, message, socket, answered) {
    const { ready, takes, applied } = this.#rooms.note(update, message, socket);
    const oob = Array.isArray(update.oob) ? update.oob : [];
    const updates = [{ update, takes }, ...oob.map((update) => ({ update, isOOB: true, takes }))];
    return [{ step: ready }, ...updates.filter(({ update }) => !answered || this.#requests.isNews(answered, update)), { step: applied }];
  }

  /** @param {unknown[]} words */
  #debug(...words) {
    this.#tap?.("note", words);
    if (this.config.debug) console.debug("wsx:", ...words);
  }
}

/**
 * @param {string | undefined | Promise<string | undefined>} id
 * @returns {string | undefined}
 */
function known(id) {
  return typeof id === "string" ? id : undefined;
}
