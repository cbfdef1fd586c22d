// Shows visitors why a request failed: wx-error.

import { elementsOf, setting } from "./attributes.js";
import { unclobbered } from "../shared/unclobbered.js";

const generic = "That did not work. Please try again.";
const tooLarge = "That is too long to be sent. Please shorten it.";

/** @typedef {import("../core/requests.js").Entry} Entry */

/** Writes the errors of requests into the places that wx-error names. */
export class Errors {
  #text;
  /** The request whose error an element shows. @type {WeakMap<Element, Entry>} */
  #about = new WeakMap();

  /** @param {string} [text] shown if the server sends no text, instead of an English sentence */
  constructor(text) {
    this.#text = text;
  }

  /**
   * Clears the error of the previous request, and shows that of this one if it fails.
   *
   * @param {Entry} entry
   */
  watch(entry) {
    const { at, ends, succeeded } = entry;
    const error = setting(at, "wx-error");
    if (!error || !(at instanceof Element)) return;
    const places = () => elementsOf(error.value, at, error.bearer);
    this.#clear(places(), at);
    ends.push((code, words) => {
      if (!code) this.#clear(places(), at);
      else if (code !== "replaced") this.#tell(places(), entry, words || this.#text || (code === "large" ? tooLarge : generic));
    });
    entry.succeeded = () => {
      succeeded?.();
      if (!entry.isOver) return;
      for (const place of places()) if (this.#about.get(place) === entry) unclobbered(place, "replaceChildren")(); // the answer came after all
    };
  }

  /**
   * Empties the places, except where they show the error of another sender.
   *
   * @param {Element[]} places
   * @param {Element} sender
   */
  #clear(places, sender) {
    for (const place of places) {
      speakUp(place);
      const teller = this.#about.get(place)?.at;
      if (!teller || teller === sender || !unclobbered(teller, "isConnected")) unclobbered(place, "replaceChildren")();
    }
  }

  /**
   * @param {Element[]} places
   * @param {Entry} entry
   * @param {string} text
   */
  #tell(places, entry, text) {
    for (const place of places) {
      speakUp(place);
      this.#about.set(place, entry);
      unclobbered(place, "replaceChildren")(text);
    }
  }
}

/**
 * Makes the element an alert before its text changes: screen readers announce changes only in alerts that they know.
 *
 * @param {Element} place
 */
function speakUp(place) {
  if (!unclobbered(place, "hasAttribute")("role")) unclobbered(place, "setAttribute")("role", "alert");
}
