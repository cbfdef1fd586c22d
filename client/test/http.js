import { cleanup } from "./harness.js";

/**
 * A fetch in which the test is the server. Every request waits in FakeHTTP.all until the test answers it; what is taken back
 * fails as it does in a browser.
 */
export class FakeHTTP {
  constructor() {
    this.all = [];
    this.fetch = (url, init = {}) =>
      new Promise((resolve, reject) => {
        const request = new FakeRequest(String(url), init, resolve, reject);
        init.signal?.addEventListener("abort", () => request.fail());
        this.all.push(request);
      });
    cleanup(() => this.all.forEach((request) => request.fail()));
  }

  /** The requests of a kind: "stream", "poll", "POST", "DELETE". */
  of(kind) {
    return this.all.filter((request) => request.kind === kind);
  }
}

class FakeRequest {
  isOver = false;
  /** Whether the page has begun to read the stream. */
  isRead = false;
  #encoder = new TextEncoder();

  constructor(url, init, resolve, reject) {
    const { method = "GET", headers = {}, body, keepalive, credentials } = init;
    Object.assign(this, { url, method, headers, keepalive, credentials, text: body });
    this.kind = method !== "GET" ? method : headers.Accept === "text/event-stream" ? "stream" : "poll";
    this.resolve = resolve;
    this.reject = reject;
  }

  /** The frames of a POST. */
  get frames() {
    return JSON.parse(this.text);
  }

  answer(status, headers = {}, body = null) {
    this.isOver = true;
    this.resolve(new Response(body, { status, headers }));
  }

  /** The answer to a poll. */
  array(frames, number) {
    this.answer(200, { "Content-Type": "application/json", "Wsx-Poll": String(number) }, JSON.stringify(frames));
  }

  /** Begins a stream, with the server's hello unless that is swallowed. */
  stream(hello = { type: "hello", v: 1, conn: "n1-c", key: "k", ping: 25000, t: "t" }) {
    const start = (controller) => void (this.controller = controller);
    const body = new ReadableStream({ start, pull: () => void (this.isRead = true) }, { highWaterMark: 0 });
    this.answer(200, { "Content-Type": "text/event-stream" }, body);
    this.isOver = false;
    if (hello) this.push(hello);
    return this;
  }

  push(frame) {
    this.write(`data: ${JSON.stringify(frame)}\n\n`);
  }

  write(text) {
    this.controller.enqueue(typeof text === "string" ? this.#encoder.encode(text) : text);
  }

  end() {
    if (!this.isOver) this.controller.close();
    this.isOver = true;
  }

  /** Cut, or taken back. */
  fail() {
    this.isOver = true;
    this.reject(new TypeError("network"));
    try {
      this.controller?.error(new TypeError("network"));
    } catch {
      // it had ended
    }
  }
}
