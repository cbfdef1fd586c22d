import { PageLife } from "./page-life.js";
import { Code, offlinePause, planAfter, policyPause, Timer } from "./retry.js";

/**
 * @typedef {object} Link what the client hears
 * @property {(socket: WebSocket) => void} opened
 * @property {(text: unknown, socket: WebSocket) => void} received
 * @property {(socket: WebSocket | undefined, code: number, reason: string, willReconnect: boolean) => void} closed socket is
 *   undefined if it never opened
 *
 * @typedef {object} Settings
 * @property {string} url
 * @property {number} reconnectInterval
 * @property {number} maxReconnectAttempts
 * @property {typeof WebSocket} WebSocket
 * @property {() => number} random
 */

// A server that accepts and closes at once must not be asked every moment: only a connection that held starts afresh.
const proven = 5_000;
// Something between that swallows the handshake must not hold up every later attempt.
const handshakePatience = 10_000;
// How long the old socket is heard after a successor has taken over: answers may still come, and updates from before the server
// had put the successor into its rooms.
const farewell = 2_000;

/**
 * Keeps one socket open for as long as the page wants one. Only during a hand-over, which a server asks for before it goes
 * away, there are two.
 */
export class Connection {
  #settings;
  #link;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {WebSocket | undefined} */
  #successor;
  /** @type {WebSocket | undefined} */
  #retired;
  #openedAt = -Infinity;
  #attempts = 0;
  /** @type {"off" | "on" | "idle" | "refused"} */
  #state = "off";
  #retry = new Timer();
  #patience = new Timer();
  #handOver = new Timer();
  #retire = new Timer();
  #watch = new Timer();
  #watchTime = Infinity;
  /** Nothing that happens to the page brings an attempt before this time. */
  #notBefore = 0;
  #life = new PageLife({
    used: () => this.use(),
    shown: () => (this.use(), this.#dialIfWaiting()),
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
  }

  get isOpen() {
    return this.#socket?.readyState === 1;
  }

  /** Whether it stays away until the page calls connect. */
  get isRefused() {
    return this.#state === "refused";
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
    /** @type {WebSocket} */ (this.#socket).send(text);
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
   * The server promised a frame every `interval` ms. Without any for twice as long it is gone, though TCP may take a quarter of
   * an hour to notice.
   *
   * @param {number} interval
   */
  expectFrames(interval) {
    this.#watchTime = 2 * interval + 5_000;
    this.#restartWatch();
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

  /** @returns {WebSocket | undefined} */
  #create() {
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new this.#settings.WebSocket(this.#settings.url);
    } catch (error) {
      // Such as ws: on an https: page: it would fail every time.
      console.error("wsx: the connection is not possible", error);
      this.#state = "refused";
      this.#link.closed(undefined, Code.lostPeer, String(error), false);
      return undefined;
    }
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#restartWatch();
      this.#link.received(data, socket);
    };
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason);
    this.#patience.set(() => this.#abandon(socket, "no answer to the handshake"), handshakePatience);
    return socket;
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    this.#patience.clear();
    this.#openedAt = performance.now();
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
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  #closed(socket, code, reason) {
    if (socket === this.#retired) return this.#endHandOver();
    if (!this.#successor || socket === this.#successor) this.#patience.clear();
    if (socket === this.#successor) {
      this.#successor = undefined;
      return;
    }
    this.#socket = undefined;
    for (const timer of [this.#watch, this.#handOver]) timer.clear();
    const wasOpen = this.#openedAt !== -Infinity;
    if (performance.now() - this.#openedAt > proven && wasOpen) this.#attempts = 0;
    this.#openedAt = -Infinity;
    if (this.#successor) {
      // The hand-over was too slow; what was to replace the socket is the socket now.
      this.#socket = this.#successor;
      this.#successor = undefined;
    } else {
      this.#plan(code);
    }
    this.#link.closed(wasOpen ? socket : undefined, code, reason, this.#state === "on" || this.#state === "idle");
  }

  /** @param {number} code */
  #plan(code) {
    const plan = planAfter(code, this.#attempts++, this.#settings);
    if (typeof plan === "string") {
      this.#state = plan;
      return;
    }
    if (code === Code.policy) this.#notBefore = performance.now() + policyPause;
    this.#retry.set(() => this.#dial(), plan);
  }

  /** @param {boolean} willReconnect */
  #leave(willReconnect) {
    for (const timer of [this.#retry, this.#patience, this.#handOver, this.#watch]) timer.clear();
    this.#endHandOver();
    const socket = this.#socket;
    const wasOpen = this.#openedAt !== -Infinity;
    for (const left of [this.#successor, socket]) if (left) release(left);
    this.#socket = this.#successor = undefined;
    this.#openedAt = -Infinity;
    if (socket) this.#link.closed(wasOpen ? socket : undefined, Code.bye, "", willReconnect);
  }

  #restartWatch() {
    if (this.#watchTime === Infinity) return;
    this.#watch.set(() => {
      if (this.#socket) this.#abandon(this.#socket, "no sign of the server");
    }, this.#watchTime);
  }

  /**
   * Goes on as if the network had closed the socket.
   *
   * @param {WebSocket} socket
   * @param {string} reason
   */
  #abandon(socket, reason) {
    release(socket);
    this.#closed(socket, Code.lostPeer, reason);
  }
}

/**
 * Closes a socket and hears nothing of it any more.
 *
 * @param {WebSocket} socket
 */
function release(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close(Code.bye);
}
