// A stand-in for an HTTP transport while its code loads.

import * as Code from "../shared/code.js";

/** A connection over HTTP with the interface of a WebSocket. Loading its code is part of opening it. */
export class HTTPSocket {
  rung;
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @type {import("../http/channel.js").Channel | undefined} */
  #channel;
  #isOver = false;

  /**
   * @param {number} rung
   * @param {import("./demand.js").Load} load
   * @param {string} url
   * @param {typeof window.fetch} fetch
   */
  constructor(rung, load, url, fetch) {
    this.rung = rung;
    load("http")
      .then(({ transports }) => {
        if (this.#isOver) return;
        const channel = (this.#channel = new transports[rung](url, fetch));
        for (const on of /** @type {const} */ (["onopen", "onmessage", "onclose"])) channel[on] = (/** @type {any} */ event) => this[on]?.(event);
      })
      .catch(() => this.onclose?.({ code: Code.lostPeer, reason: "" }));
  }

  get readyState() {
    return this.#channel?.readyState ?? 0;
  }

  get isAnswered() {
    return this.#channel?.isAnswered;
  }

  /** @param {string} text */
  send(text) {
    this.#channel?.send(text);
  }

  close() {
    this.#isOver = true;
    this.#channel?.close();
  }
}
