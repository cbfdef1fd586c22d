// Keeps a socket to the server open: reconnects, replaces and watches it.

import * as Code from "../shared/code.js";
import { climbAfter, Fallback, polls, rungOf, streams, top } from "./fallback.js";
import { isPrerendered, PageLife } from "./page-life.js";
import { offlinePause, planAfter, policyPause, Timer } from "../shared/retry.js";

/**
 * @typedef {import("./fallback.js").Socket} Socket
 *
 * @typedef {object} Link callbacks of the client
 * @property {() => void} begins called before each attempt; not while the page is prerendered
 * @property {(socket: Socket) => void} opened
 * @property {(data: unknown, socket: Socket) => void} received
 * @property {(socket: Socket | undefined, code: number, reason: string, willReconnect: boolean) => void} closed socket is
 *   undefined if it never opened
 * @property {(isAnswered: boolean) => void} stayed the successor of the socket failed; it may still have had an answer
 * @property {() => boolean} isBusy reports whether a working connection has to stay for now
 *
 * @typedef {object} Settings
 * @property {string} url
 * @property {number} reconnectInterval
 * @property {number} maxReconnectAttempts
 * @property {typeof window.WebSocket} WebSocket
 * @property {typeof window.fetch} fetch
 * @property {import("./demand.js").Load | null} load loads the other transports; null leaves WebSocket as the only one
 * @property {() => number} random
 */

// How long a connection has to last to reset the count of attempts. Otherwise a server that accepts and closes at once would be
// asked all the time. A server that has sent a hello wants the page, so less is enough.
const proven = 5_000;
const provenByHello = 1_000;
// The most attempts that count towards the pause after a hello: the server wants the page, only the network cuts it off.
const greetedAttempts = 2;
// A proxy that cuts every connection this soon must not keep the page waiting most of the time, so the pause is shorter. After a
// longer life, many browsers may have lost the same server.
const shortLife = 30_000;
const quicker = 5;
// A proxy that swallows the handshake must not hold up later attempts.
const handshakePatience = 10_000;
// While there are other transports, and longer with each attempt: on a slow network no other transport is faster.
const rungPatience = 4_000;
// How long a replaced socket is still heard: it may bring answers, and updates from before the server put the successor into its
// rooms.
const farewell = 2_000;
// After this time a hidden tab gives up its stream: over HTTP/1.1 all tabs of a host share six connections.
const hiddenPatience = 30_000;

/**
 * Keeps one socket open as long as the page wants one. During a hand-over there are two: before a server goes away, and while
 * a better transport is tried.
 */
export class Connection {
  #settings;
  #link;
  #fallback;
  /** @type {Socket | undefined} */
  #socket;
  /** @type {Socket | undefined} */
  #successor;
  /** @type {Socket | undefined} */
  #retired;
  #openedAt = -Infinity;
  /** Whether the server has sent a hello over the socket. */
  #isGreeted = false;
  #attempts = 0;
  /** @type {"off" | "on" | "idle" | "refused"} */
  #state = "off";
  #retry = new Timer();
  #patience = new Timer();
  #handOver = new Timer();
  #retire = new Timer();
  #watch = new Timer();
  #watchTime = Infinity;
  #climb = new Timer();
  #hide = new Timer();
  /** No event of the page starts an attempt before this time. */
  #notBefore = 0;
  #life = new PageLife({
    used: () => this.use(),
    shown: () => (this.use(), this.#dialIfWaiting()),
    hidden: () => this.#hide.set(() => this.#rest(), hiddenPatience),
    online: () => this.#dialIfWaiting(),
    offline: () => {
      if (this.#waits) this.#retry.set(() => this.#dial(), offlinePause);
    },
    left: () => this.#leave(true),
  });

  /**
   * @param {Settings} settings
   * @param {Link} link
   */
  constructor(settings, link) {
    this.#settings = settings;
    this.#link = link;
    this.#fallback = new Fallback(settings);
  }

  get isOpen() {
    return this.#socket?.readyState === 1;
  }

  /** Reports whether it stays closed until the page calls connect. */
  get isRefused() {
    return this.#state === "refused";
  }

  /** Reports whether it does not try to be open. */
  get isOff() {
    return this.isRefused || this.#state === "off";
  }

  connect() {
    if (this.#state !== "on") this.#attempts = 0;
    this.#state = "on";
    this.#life.start();
    if (!this.#socket) this.#dial();
  }

  disconnect() {
    const wasWaiting = this.#waits || this.#state === "idle";
    this.#state = "off";
    this.#life.stop();
    this.#hide.clear();
    this.#leave(false);
    if (wasWaiting) this.#link.closed(undefined, Code.bye, "", false);
  }

  /** Connects again. The old socket is dropped first, so that nothing arrives twice. */
  reconnect() {
    this.#leave(true);
    this.#state = "off";
    this.connect();
  }

  /** Called when the page is used: a connection that was closed for idleness returns. */
  use() {
    if (this.#state === "idle") this.connect();
  }

  /**
   * @param {string} text
   * @returns {boolean}
   */
  send(text) {
    if (!this.isOpen) return false;
    /** @type {Socket} */ (this.#socket).send(text);
    return true;
  }

  /**
   * The server goes away in `after` ms. The successor connects before the old socket closes, so that no fragment is lost.
   *
   * @param {number} after
   */
  replace(after) {
    this.#handOver.set(() => {
      if (!this.isOpen || this.#successor) return;
      this.#successor = this.#create();
    }, after);
  }

  /**
   * The server has sent a hello and promised a frame every `interval` ms; 0 promises none. After twice that time without a
   * frame it counts as gone, though TCP may take a quarter of an hour to notice.
   *
   * @param {number} interval
   */
  greeted(interval) {
    if (!this.#socket) return;
    this.#isGreeted = true;
    this.#fallback.worked(this.#socket);
    this.#dropSuccessor(); // the question is answered
    this.#planClimb();
    if (interval > 0) this.#watchTime = 2 * interval;
    this.#restartWatch();
  }

  /**
   * No hello has come over the socket. Opens a stream: if the server supports it, a proxy is swallowing frames, and the stream
   * takes over.
   *
   * @returns {boolean} false if there is no other transport
   */
  ask() {
    if (!this.#fallback.isTall) return false;
    this.#successor ??= this.#create(streams);
    return true;
  }

  /** The server is an original one, which has WebSocket only. */
  settle() {
    this.#fallback.cut();
  }

  /** Neither the socket nor a stream brings frames, and the server is not an original one: polls are left. */
  giveUp() {
    this.#fallback.below(streams);
    if (this.#socket) this.#abandon(this.#socket, "no hello");
  }

  get #waits() {
    return this.#state === "on" && !this.#socket;
  }

  #dialIfWaiting() {
    if (!this.#waits) return;
    const early = this.#notBefore - performance.now();
    if (early > 0) this.#retry.set(() => this.#dial(), early);
    else this.#dial();
  }

  #dial() {
    this.#retry.clear();
    if (isPrerendered()) return; // until it is shown
    this.#link.begins();
    this.#socket = this.#create();
  }

  /**
   * @param {number} [rung]
   * @returns {Socket | undefined}
   */
  #create(rung) {
    /** @type {Socket} */
    let socket;
    try {
      socket = this.#fallback.open(rung);
    } catch (error) {
      console.error("wsx: cannot connect", error);
      // A policy may forbid sockets where it allows requests.
      if (rung === undefined && this.#fallback.below(top)) return this.#create();
      if (rung !== undefined) return undefined;
      this.#state = "refused";
      this.#link.closed(undefined, Code.lostPeer, String(error), false);
      return undefined;
    }
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#restartWatch();
      this.#link.received(data, socket);
    };
    socket.onclose = ({ code, reason, after }) => this.#closed(socket, code, reason, after);
    const patience = this.#fallback.isTall ? Math.min(rungPatience * (this.#attempts + 1), handshakePatience) : handshakePatience;
    this.#patience.set(() => this.#abandon(socket, "no answer"), patience);
    return socket;
  }

  /** @param {Socket} socket */
  #opened(socket) {
    this.#patience.clear();
    this.#openedAt = performance.now();
    this.#isGreeted = false;
    this.#watchTime = Infinity;
    this.#watch.clear();
    const replaced = socket === this.#successor ? this.#socket : undefined;
    if (replaced) {
      this.#endHandOver();
      this.#socket = socket;
      this.#successor = undefined;
      this.#retired = replaced;
      this.#retire.set(() => this.#endHandOver(), farewell);
    }
    this.#link.opened(socket);
  }

  /** Stops listening to the replaced socket. */
  #endHandOver() {
    this.#retire.clear();
    const old = this.#retired;
    this.#retired = undefined;
    if (!old) return;
    release(old);
    this.#link.closed(old, Code.bye, "", true);
  }

  /**
   * @param {Socket} socket
   * @param {number} code
   * @param {string} reason
   * @param {number} [after] how long the server wants no new connection, in ms
   */
  #closed(socket, code, reason, after = 0) {
    if (socket === this.#retired) return this.#endHandOver();
    if (!this.#successor || socket === this.#successor) this.#patience.clear();
    if (socket === this.#successor) {
      this.#successor = undefined;
      if (this.#isGreeted) this.#planClimb();
      this.#link.stayed(Boolean(socket.isAnswered));
      return;
    }
    this.#socket = undefined;
    for (const timer of [this.#watch, this.#handOver, this.#climb]) timer.clear();
    const wasOpen = this.#openedAt !== -Infinity;
    const life = wasOpen ? performance.now() - this.#openedAt : 0;
    const isLost = code === Code.lostPeer;
    const wasGreeted = this.#isGreeted;
    const held = life > (wasGreeted ? provenByHello : proven);
    if (held) this.#attempts = 0;
    else if (wasGreeted) this.#attempts = Math.min(this.#attempts, greetedAttempts);
    this.#openedAt = -Infinity;
    this.#isGreeted = false;
    if (this.#successor) {
      // The old socket closed before the hand-over was complete, so the successor takes its place.
      this.#socket = this.#successor;
      this.#successor = undefined;
    } else if (isLost && this.#fallback.lost(socket, wasGreeted)) {
      this.#dial();
      if (!wasOpen) return; // for the page the next transport is part of the same attempt
    } else {
      this.#plan(code, code === Code.policy ? policyPause : after, isLost && held && wasGreeted && life < shortLife);
    }
    this.#link.closed(wasOpen ? socket : undefined, code, reason, this.#state === "on" || this.#state === "idle");
  }

  /**
   * @param {number} code
   * @param {number} least the shortest pause, in ms
   * @param {boolean} wasCut whether a proxy probably cut the connection
   */
  #plan(code, least, wasCut) {
    const plan = planAfter(code, this.#attempts++, this.#settings);
    if (typeof plan === "string") {
      this.#state = plan;
      return;
    }
    if (least > 0) this.#notBefore = performance.now() + least;
    this.#retry.set(() => this.#dial(), wasCut ? plan / quicker : Math.max(plan, least));
  }

  /** On a transport below the top, tries the top one again from time to time. */
  #planClimb() {
    if (rungOf(this.#socket) === top) return;
    this.#climb.set(() => {
      if (this.#successor || document.hidden || this.#link.isBusy()) this.#planClimb();
      else this.#successor = this.#create(top);
    }, climbAfter);
  }

  /** Gives up the stream of a page that has been hidden for a while. */
  #rest() {
    if (!document.hidden) return;
    if (!this.isOpen || rungOf(this.#socket) !== streams || this.#link.isBusy()) {
      this.#hide.set(() => this.#rest(), hiddenPatience);
      return;
    }
    this.#state = "idle";
    this.#leave(true);
  }

  #dropSuccessor() {
    if (!this.#successor) return;
    this.#patience.clear();
    release(this.#successor);
    this.#successor = undefined;
  }

  /** @param {boolean} willReconnect */
  #leave(willReconnect) {
    for (const timer of [this.#retry, this.#patience, this.#handOver, this.#watch, this.#climb]) timer.clear();
    this.#endHandOver();
    this.#dropSuccessor();
    const socket = this.#socket;
    const wasOpen = this.#openedAt !== -Infinity;
    if (socket) release(socket);
    this.#socket = undefined;
    this.#openedAt = -Infinity;
    this.#isGreeted = false;
    if (socket) this.#link.closed(wasOpen ? socket : undefined, Code.bye, "", willReconnect);
  }

  #restartWatch() {
    if (this.#watchTime === Infinity) return;
    this.#watch.set(() => {
      if (this.#socket) this.#abandon(this.#socket, "no sign of life");
    }, this.#watchTime);
  }

  /**
   * Continues as if the network had closed the socket.
   *
   * @param {Socket} socket
   * @param {string} reason
   */
  #abandon(socket, reason) {
    release(socket);
    // A proxy may hold back even the start of a stream; a poll would get through.
    const isProbe = socket === this.#successor && !this.#isGreeted && !socket.isAnswered;
    if (isProbe && rungOf(socket) === streams) this.#successor = this.#create(polls);
    else this.#closed(socket, Code.lostPeer, reason);
  }
}

/**
 * Closes a socket and stops listening to it.
 *
 * @param {Socket} socket
 */
function release(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close(Code.bye);
}
