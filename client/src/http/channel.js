// The part that both HTTP transports share: it behaves like a WebSocket and sends frames by POST.

import * as Code from "../shared/code.js";
import { isRefusal } from "../shared/retry.js";

/** @typedef {import("../shared/frame.js").Frame} Frame */

// Statuses that come from the server itself, so they take the place of a close code. Any other one may come from a proxy.
const telling = [401, 403, 429, 503];
// In characters, of which each may take three bytes. The server accepts 256 KiB.
const largestPost = 80_000;
const largestKept = 20_000;
const postPatience = 30_000;
const longestWait = 3600;

/**
 * A connection over plain HTTP with the interface of a WebSocket. It opens with the server's hello, and its messages are
 * decoded frames. Subclasses receive frames; this class sends them, one POST at a time.
 */
export class Channel {
  readyState = 0;
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** Whether an answer has shown that the server speaks this protocol. */
  isAnswered = false;
  #url;
  #fetch;
  /** The id and key of the connection. */
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
    // Wait until the caller has set its handlers.
    Promise.resolve()
      .then(() => this.listen())
      .catch(() => {})
      .then(() => this.end(Code.lostPeer));
  }

  /** Receives frames until the connection ends. @returns {Promise<void>} */
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
   * Requests frames. Throws if the answer is of another type.
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
   * @param {number} [after] the least pause before the next connection, in ms
   */
  end(code, reason = "", after = 0) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#down.abort();
    this.onclose?.({ code, reason, after });
  }

  /** The headers that name this connection. */
  get credentials() {
    return { "Wsx-Conn": this.#name };
  }

  /** Tells the server that the connection is over, even while the page unloads. */
  leave() {
    this.#request({ method: "DELETE", headers: this.credentials, keepalive: true }).catch(() => {});
  }

  async #post() {
    this.#isPosting = true;
    await undefined; // frames of one task share a request
    while (this.readyState === 1 && this.#waiting.length > 0) {
      let size = 0;
      const end = this.#waiting.findIndex((text, i) => (size += text.length + 1) > largestPost && i > 0);
      const body = `[${this.#waiting.splice(0, end < 0 ? Infinity : end)}]`;
      const headers = { ...this.credentials, "Content-Type": "application/json" };
      const signal = AbortSignal.timeout(postPatience);
      const posted = this.#request({ method: "POST", headers, body, signal, keepalive: body.length < largestKept });
      const status = await posted.then((response) => response.ok || response.status, () => false);
      // After anything but a refusal, what the server has processed is unknown, so the next connection starts afresh.
      if (status !== true) this.end(isRefusal(Number(status)) ? Number(status) : Code.lostPeer);
    }
    this.#isPosting = false;
  }

  /** @param {RequestInit} init */
  async #request(init) {
    return this.#fetch(this.#url, { credentials: "include", ...init, headers: { ...init.headers, ...csrfToken(this.#url) } });
  }
}

/**
 * Returns the header with the token that middleware against forged requests asks for, by the convention of Rails, Laravel and Turbo:
 * <meta name="csrf-token" content="...">. It is a secret of the page's own origin.
 *
 * @param {string} url
 * @returns {Record<string, string>}
 */
function csrfToken(url) {
  const token = document.head?.querySelector('meta[name="csrf-token"]')?.getAttribute("content");
  return token && new URL(url, location.href).origin === location.origin ? { "X-CSRF-Token": token } : {};
}
