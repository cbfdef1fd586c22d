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

/** @type {Record<string, (life: Life, event: any) => void>} */
const meanings = {
  online: (life) => life.online(),
  offline: (life) => life.offline(),
  pagehide: (life) => life.left(),
  pageshow: (life, { persisted }) => persisted && life.shown(),
  pointerdown: (life) => life.used(),
  keydown: (life) => life.used(),
  visibilitychange: (life) => (document.hidden ? life.hidden() : life.shown()),
};

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
    // On the way down: a page that keeps an event to itself is used all the same.
    for (const event of Object.keys(meanings)) window[how](event, this.#heard, true);
  }

  #heard = (/** @type {Event} */ event) => meanings[event.type](this.#life, event);
}
