import * as Code from "../shared/code.js";
import { climbAfter, Fallback, polls, rungOf, streams, top } from "./fallback.js";
import { PageLife } from "./page-life.js";
import { offlinePause, planAfter, policyPause, Timer } from "../shared/retry.js";

/**
 * @typedef {import("./fallback.js").Socket} Socket
 *
 * @typedef {object} Link what the client hears, and is asked
 * @property {(socket: Socket) => void} opened
 * @property {(data: unknown, socket: Socket) => void} received
 * @property {(socket: Socket | undefined, code: number, reason: string, willReconnect: boolean) => void} closed socket is
 *   undefined if it never opened
 * @property {(isAnswered: boolean) => void} stayed what was to replace the socket failed, though it may have had an answer
 * @property {() => boolean} isBusy whether this is no time to leave a connection that works
 *
 * @typedef {object} Settings
 * @property {string} url
 * @property {number} reconnectInterval
 * @property {number} maxReconnectAttempts
 * @property {typeof window.WebSocket} WebSocket
 * @property {typeof window.fetch} fetch
 * @property {import("./demand.js").Load | null} load what is in other files; null: WebSocket is all there is
 * @property {() => number} random
 */

// A server that accepts and closes at once must not be asked every moment: only a connection that held starts afresh.
// A server that has said hello wants the page, so less is enough.
const proven = 5_000;
const provenByHello = 1_000;
// And a network that cuts what has just begun gets no longer pauses than after so many attempts.
const greetedAttempts = 2;
// Something between that cuts every connection so soon should not keep the page waiting for most of the time; after a longer
// life many may have lost the same server.
const shortLife = 30_000;
const quicker = 5;
// Something between that swallows the handshake must not hold up every later attempt.
const handshakePatience = 10_000;
// As long as there are other ways, and longer each time: where everything is slow, no other way is faster.
const rungPatience = 4_000;
// How long the old socket is heard after a successor has taken over: answers may still come, and updates from before the server
// had put the successor into its rooms.
const farewell = 2_000;
// Over HTTP/1.1 a browser has six connections for all its tabs of a host, and a stream takes one.
const hiddenPatience = 30_000;

/**
 * Keeps one socket open for as long as the page wants one. Only during a hand-over there are two: when a server asks for it
 * before it goes away, and when there may be a better way to the server.
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
  /** Whether the server has said hello over the socket. */
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
  /** Nothing that happens to the page brings an attempt before this time. */
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

  /** Whether it stays away until the page calls connect. */
  get isRefused() {
    return this.#state === "refused";
  }

  /** Whether it does not try to be open. */
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

  /** Connects anew. The old socket is forgotten first, so that nothing arrives twice. */
  reconnect() {
    this.#leave(true);
    this.#state = "off";
    this.connect();
  }

  /** The page is being used: a connection that was closed for idleness comes back. */
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
   * The server is going away in `after` ms: connect to its successor first, so that no fragment falls between.
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
   * The server has said hello and promised a frame every `interval` ms (0: none). Without any for twice as long it is gone,
   * though TCP may take a quarter of an hour to notice.
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
   * No hello comes over the socket. A stream, if the server has one, shows whether something between swallows frames, and takes
   * over.
   *
   * @returns {boolean} false if there is no way to ask
   */
  ask() {
    if (!this.#fallback.isTall) return false;
    this.#successor ??= this.#create(streams);
    return true;
  }

  /** The server is an original one. */
  settle() {
    this.#fallback.cut();
  }

  /** Neither the socket nor a stream brings anything, though the server is no original one. */
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
      // Such as ws: on an https: page: it would fail every time.
      console.error("wsx: cannot connect", error);
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

  /** Nothing more is expected from the socket that was replaced. */
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
   * @param {number} [after] the server wants to be left alone for so many ms
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
      // The hand-over was too slow; what was to replace the socket is the socket now.
      this.#socket = this.#successor;
      this.#successor = undefined;
    } else if (isLost && this.#fallback.lost(socket, wasGreeted)) {
      this.#dial();
      if (!wasOpen) return; // for the page it is the same attempt
    } else {
      this.#plan(code, code === Code.policy ? policyPause : after, isLost && held && wasGreeted && life < shortLife);
    }
    this.#link.closed(wasOpen ? socket : undefined, code, reason, this.#state === "on" || this.#state === "idle");
  }

  /**
   * @param {number} code
   * @param {number} least pause, in ms
   * @param {boolean} wasCut probably by something between
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

  /** Below the top it looks now and then whether there is a better way by now. */
  #planClimb() {
    if (rungOf(this.#socket) === top) return;
    this.#climb.set(() => {
      if (this.#successor || document.hidden || this.#link.isBusy()) this.#planClimb();
      else this.#successor = this.#create(top);
    }, climbAfter);
  }

  /** The page has been hidden for a while. */
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
   * Goes on as if the network had closed the socket.
   *
   * @param {Socket} socket
   * @param {string} reason
   */
  #abandon(socket, reason) {
    release(socket);
    // Something may hold back even the beginning of a stream; a poll would come through.
    const isProbe = socket === this.#successor && !this.#isGreeted && !socket.isAnswered;
    if (isProbe && rungOf(socket) === streams) this.#successor = this.#create(polls);
    else this.#closed(socket, Code.lostPeer, reason);
  }
}

/**
 * Closes a socket and hears nothing of it any more.
 *
 * @param {Socket} socket
 */
function release(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close(Code.bye);
}
