// Notices when the server no longer knows the visitor.

import * as Code from "../shared/code.js";

const enough = 3;

/**
 * Counts failures after an identity has expired. Browsers hide from scripts why a handshake failed, but several failures in a
 * row then mean that the page cannot get a new identity.
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
   * @returns {boolean} whether to tell the page now
   */
  closed(code, wasOpen) {
    if (wasOpen) this.#count = code === Code.expired ? 0 : undefined;
    else if (this.#count !== undefined && code === Code.lostPeer && navigator.onLine) return ++this.#count === enough;
    return false;
  }
}
