import * as Code from "../shared/code.js";

/** @typedef {import("../shared/frame.js").Frame} Frame */

// Statuses that tell more than that this way does not lead to the server; they take the place of a close code.
const telling = [401, 403, 429, 503];
// The server takes 256 KiB, and a character may need three bytes.
const largestPost = 80_000;
const largestKept = 20_000;
const postPatience = 30_000;
const longestWait = 3600;

/**
 * A connection over plain HTTP, with the face of a WebSocket: it is open when the server's hello has come, and what it brings
 * are frames, decoded. How frames come down is the business of those that extend it; up they go by POST, one at a time.
 */
export class Channel {
  readyState = 0;
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** Whether the server has answered as only such a server does. */
  isAnswered = false;
  #url;
  #fetch;
  /** The connection's id and key. */
  #name = "";
  /** @type {string[]} */
  #waiting = [];
  #isPosting = false;
  #down = new AbortController();

  /**
   * @param {string} url
   * @param {typeof window.fetch} fetch
   */
  constructor(url, fetch) {
    this.#url = url.replace(/^ws/, "http");
    this.#fetch = fetch;
    // Later, when whoever makes it is ready to hear.
    Promise.resolve()
      .then(() => this.listen())
      .catch(() => {})
      .then(() => this.end(Code.lostPeer));
  }

  /** Takes frames until there are no more. @returns {Promise<void>} */
  async listen() {}

  /** @param {string} text */
  send(text) {
    this.#waiting.push(text);
    if (!this.#isPosting) void this.#post();
  }

  close() {
    this.end(Code.bye);
  }

  /**
   * Asks for frames. Throws if the answer has none.
   *
   * @param {string} type
   * @param {Record<string, string>} [headers]
   */
  async ask(type, headers) {
    const response = await this.#request({ headers: { Accept: type, ...headers }, cache: "no-store", signal: this.#down.signal });
    if (response.status === 200 && response.headers.get("Content-Type")?.startsWith(type)) {
      this.isAnswered = true;
      return response;
    }
    const wait = Math.min(Number(response.headers.get("Retry-After")) || 0, longestWait);
    this.end(telling.includes(response.status) ? response.status : Code.lostPeer, "", wait * 1000);
    throw new Error(`status ${response.status}`);
  }

  /** @param {Frame} frame */
  take(frame) {
    if (this.readyState > 1) return;
    const { type, conn, key, code, reason } = frame;
    if (type === "close") return this.end(Number(code), String(reason ?? ""));
    if (this.readyState === 0) {
      if (type !== "hello") return this.end(Code.lostPeer);
      this.#name = `${conn} ${key}`;
      this.readyState = 1;
      this.onopen?.({});
    }
    this.onmessage?.({ data: frame });
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   * @param {number} [after] do not come back earlier, in ms
   */
  end(code, reason = "", after = 0) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#down.abort();
    this.onclose?.({ code, reason, after });
  }

  /** What a request of this connection says about it. */
  get credentials() {
    return { "Wsx-Conn": this.#name };
  }

  /** Tells the server that it is over, even if the page is. */
  leave() {
    this.#request({ method: "DELETE", headers: this.credentials, keepalive: true }).catch(() => {});
  }

  async #post() {
    this.#isPosting = true;
    await undefined; // what one task sends goes together
    while (this.readyState === 1 && this.#waiting.length > 0) {
      let size = 0;
      const end = this.#waiting.findIndex((text, i) => (size += text.length + 1) > largestPost && i > 0);
      const body = `[${this.#waiting.splice(0, end < 0 ? Infinity : end)}]`;
      const headers = { ...this.credentials, "Content-Type": "application/json" };
      const signal = AbortSignal.timeout(postPatience);
      const posted = this.#request({ method: "POST", headers, body, signal, keepalive: body.length < largestKept });
      // Whatever went wrong: nobody knows what the server has done, and the next connection starts clean.
      if (!(await posted.then(({ ok }) => ok, () => false))) this.end(Code.lostPeer);
    }
    this.#isPosting = false;
  }

  /** @param {RequestInit} init */
  async #request(init) {
    return this.#fetch(this.#url, { credentials: "include", ...init });
  }
}
