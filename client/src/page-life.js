/**
 * What happens to the page around the connection, in words that mean something to it.
 *
 * @typedef {object} Life
 * @property {() => void} used the visitor touched the page or pressed a key
 * @property {() => void} shown the page came to the front, or back from the browser's cache
 * @property {() => void} hidden another page is in front; told at the start, too
 * @property {() => void} left the page may never come back; an open socket would also keep it out of that cache
 * @property {() => void} online
 * @property {() => void} offline
 */

export class PageLife {
  #life;
  #running = false;

  /** @param {Life} life */
  constructor(life) {
    this.#life = life;
  }

  start() {
    if (!this.#running) this.#change("addEventListener");
    if (!this.#running && document.hidden) this.#life.hidden();
    this.#running = true;
  }

  stop() {
    if (this.#running) this.#change("removeEventListener");
    this.#running = false;
  }

  /** @param {"addEventListener" | "removeEventListener"} how */
  #change(how) {
    for (const event of ["online", "offline", "pagehide", "pageshow", "pointerdown", "keydown"]) {
      window[how](event, this.#heard);
    }
    document[how]("visibilitychange", this.#heard);
  }

  #heard = (/** @type {Event} */ event) => {
    switch (event.type) {
      case "online":
      case "offline":
        return this.#life[event.type]();
      case "pagehide":
        return this.#life.left();
      case "pageshow":
        return /** @type {PageTransitionEvent} */ (event).persisted && this.#life.shown();
      case "visibilitychange":
        return document.hidden ? this.#life.hidden() : this.#life.shown();
      default:
        return this.#life.used();
    }
  };
}
