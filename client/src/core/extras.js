// Decides which pages need wsx-more.js, and runs swaps with or without it.

import { Part } from "./part.js";
import { unclobbered } from "../shared/unclobbered.js";

/** @typedef {import("../more/more.js").More} More what more.js brings, once a page needs it */

/** Matches elements whose requests, and those of elements inside, need the file. */
const asking =
  "[wx-confirm],[wx-validate],[wx-include],[wx-headers],[wx-disable],[wx-indicator],[wx-loading],[wx-loading-class]," +
  "[wx-timeout],[wx-retry],[wx-error],[wx-sync]";

/** Matches elements that show early that the file will be needed. */
export const wanted =
  "[wx-nonce],[wx-status],[wx-stick],[wx-limit],[wx-unseen],[wx-transition],[wx-swap*=settle],[wx-if],[wx-unless],[wx-target=this]," +
  asking;

/**
 * Reports whether a request needs the file: for an attribute, or because its sender is in a shadow root.
 *
 * @param {Element} sender
 */
export function needsMore(sender) {
  return unclobbered(sender, "closest")(asking) ?? unclobbered(sender, "getRootNode")() !== document;
}

/** @extends {Part<More>} */
export class Extras extends Part {
  /**
   * Swaps, with transitions and classes if the file is here. An animation is not worth waiting for it.
   *
   * @param {Parameters<More["around"]>} args
   * @returns {unknown} a promise if the swap is still to come
   */
  around(...args) {
    if (/ (settle:[1-9]|transition:)/.test(args[1])) this.expect();
    return this.here ? this.here.around(...args) : args[2]();
  }
}
