import { Part } from "./part.js";

/** @typedef {import("../more/more.js").More} More what comes with more.js, when a page shows that it needs it */

/** What makes the requests of an element, or of those inside it, need the file. */
export const asking =
  "[wx-confirm],[wx-validate],[wx-include],[wx-headers],[wx-disable],[wx-indicator],[wx-loading],[wx-loading-class]," +
  "[wx-timeout],[wx-retry],[wx-error],[wx-sync]";

/** What in a page shows early that it will be needed, so that it is there in time. */
export const wanted =
  "[wx-nonce],[wx-status],[wx-stick],[wx-limit],[wx-unseen],[wx-transition],[wx-swap*=settle],[wx-if],[wx-unless],[wx-target=this]," +
  asking;

/** @extends {Part<More>} */
export class Extras extends Part {
  /**
   * Swaps, with what belongs around it if the file is here. No animation is worth waiting for the file: later ones have it.
   *
   * @param {Parameters<More["around"]>} args
   * @returns {unknown} a promise if it is done later
   */
  around(...args) {
    if (/ (settle:[1-9]|transition:)/.test(args[1])) this.expect();
    return this.here ? this.here.around(...args) : args[2]();
  }
}
