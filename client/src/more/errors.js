import { elementsOf, setting } from "./attributes.js";
import { unclobbered } from "../shared/unclobbered.js";

const generic = "That did not work. Please try again.";

/** @typedef {import("../core/requests.js").Entry} Entry */

/** Tells visitors where wx-error says what went wrong with a request. */
export class Errors {
  #text;
  /** The request that an element speaks of. @type {WeakMap<Element, Entry>} */
  #about = new WeakMap();

  /** @param {string} [text] where the server has none */
  constructor(text = generic) {
    this.#text = text;
  }

  /**
   * Takes away what was told about the request before this one, and tells how this one ends.
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
      else if (code !== "replaced") this.#tell(places(), entry, words || this.#text);
    });
    entry.succeeded = () => {
      succeeded?.();
      if (!entry.isOver) return;
      for (const place of places()) if (this.#about.get(place) === entry) unclobbered(place, "replaceChildren")(); // it was only late
    };
  }

  /**
   * Empties the places, but for what is told of another sender.
   *
   * @param {Element[]} places
   * @param {Element} sender
   */
  #clear(places, sender) {
    for (const place of places) {
      speakUp(place);
      const teller = this.#about.get(place)?.at;
      if (!teller || teller === sender || !document.contains(teller)) unclobbered(place, "replaceChildren")();
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
 * For those who listen to the page; early, because screen readers tell what changes in an alert that they know.
 *
 * @param {Element} place
 */
function speakUp(place) {
  if (!unclobbered(place, "hasAttribute")("role")) unclobbered(place, "setAttribute")("role", "alert");
}
