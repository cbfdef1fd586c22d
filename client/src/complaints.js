import { elementsOf, inherited } from "./attributes.js";

const generic = "That did not work. Please try again.";

/** Tells visitors where wx-error says what went wrong with a request. */
export class Complaints {
  #text;
  /** Whose words an element shows. @type {WeakMap<Element, Element>} */
  #tellers = new WeakMap();

  /** @param {string} [text] where the server has none */
  constructor(text = generic) {
    this.#text = text;
  }

  /**
   * Takes away what was told about the request before this one.
   *
   * @param {import("./requests.js").Entry} entry
   */
  watch({ at, ends }) {
    const error = inherited(at, "wx-error");
    if (!error || !(at instanceof Element)) return;
    const places = () => elementsOf(error.value, at, error.bearer);
    this.#clear(at, places());
    ends.push((code, words) => {
      if (!code) this.#clear(at, places());
      else if (code !== "replaced") this.#tell(at, places(), words || this.#text);
    });
  }

  /**
   * Empties the places, but for what is told of another sender.
   *
   * @param {Element} sender
   * @param {Element[]} places
   */
  #clear(sender, places) {
    for (const place of places) {
      if (!place.hasAttribute("role")) place.setAttribute("role", "alert"); // early, for those who listen to the page
      const teller = this.#tellers.get(place);
      if (!teller || teller === sender || !document.contains(teller)) place.replaceChildren();
    }
  }

  /**
   * @param {Element} sender
   * @param {Element[]} places
   * @param {string} text
   */
  #tell(sender, places, text) {
    for (const place of places) {
      this.#tellers.set(place, sender);
      place.textContent = text;
    }
  }
}
