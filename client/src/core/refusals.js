import * as Code from "../shared/code.js";

const enough = 3;

/**
 * Notices that the server does not know the visitor any more. A browser does not tell scripts why a handshake failed; but after
 * the identity has expired, a few failures in a row mean that the page cannot get a new one.
 */
export class Refusals {
  /** Failures since the identity expired. @type {number | undefined} */
  #count;

  opened() {
    this.#count = undefined;
  }

  /**
   * @param {number} code
   * @param {boolean} wasOpen
   * @returns {boolean} whether it is time to tell the page
   */
  closed(code, wasOpen) {
    if (wasOpen) this.#count = code === Code.expired ? 0 : undefined;
    else if (this.#count !== undefined && code === Code.lostPeer && navigator.onLine) return ++this.#count === enough;
    return false;
  }
}
