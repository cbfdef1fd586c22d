import * as Code from "./code.js";

/**
 * @typedef {typeof import("./http.js")} Transports
 * @typedef {() => Promise<Transports>} Load
 */

// Where the script came from is known only while it runs for the first time, and never to a module. Markup that hides
// currentScript, such as <img name="currentScript" src="...">, is not listened to.
const script = document.currentScript;
const source = script instanceof HTMLScriptElement && script.src;

// An address that failed is not asked again by browsers, as long as the page lives.
let failures = 0;

/**
 * Fetches the transports over HTTP from where the script came from; null if that is not known.
 *
 * @type {Load | null}
 */
export const load = source ? () => import(source.replace(/[?#].*|$/, failures ? `?http&${failures}` : "?http")) : null;

/** A connection over HTTP, with the face of a WebSocket from the first moment: to fetch its code is a part of opening it. */
export class HTTPSocket {
  rung;
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @type {import("./channel.js").Channel | undefined} */
  #channel;
  #isOver = false;

  /**
   * @param {number} rung
   * @param {Load} load
   * @param {string} url
   * @param {typeof window.fetch} fetch
   */
  constructor(rung, load, url, fetch) {
    this.rung = rung;
    load()
      .then(({ transports }) => {
        if (this.#isOver) return;
        const channel = (this.#channel = new transports[rung](url, fetch));
        for (const on of /** @type {const} */ (["onopen", "onmessage", "onclose"])) channel[on] = (event) => this[on]?.(event);
      })
      .catch(() => {
        failures++;
        this.onclose?.({ code: Code.lostPeer, reason: "" });
      });
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
