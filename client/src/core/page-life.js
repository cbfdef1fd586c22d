// Turns events of the browser window into events of the life of a page.

/**
 * What happens to a page, as far as it concerns a connection.
 *
 * @typedef {object} Life
 * @property {() => void} used the visitor touched the page or pressed a key
 * @property {() => void} shown the page became visible, returned from the back/forward cache, or was prerendered and is now
 *   visited
 * @property {() => void} hidden the page is hidden; also called at the start
 * @property {() => void} left the page may never return. Chromium's cache takes no page with an open socket; Firefox has decided
 *   before this, and takes none that had one
 * @property {() => void} online
 * @property {() => void} offline
 */

/** @type {Record<string, (life: Life, event: any) => void>} */
const meanings = {
  online: (life) => life.online(),
  offline: (life) => life.offline(),
  pagehide: (life) => life.left(),
  pageshow: (life, { persisted }) => persisted && life.shown(),
  prerenderingchange: (life) => life.shown(),
  pointerdown: (life) => life.used(),
  keydown: (life) => life.used(),
  visibilitychange: (life) => (document.hidden ? life.hidden() : life.shown()),
};

/** Listens to the window while it runs. */
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
    // In the capturing phase: an event counts even if the page stops its propagation.
    for (const event of Object.keys(meanings)) window[how](event, this.#heard, true);
  }

  #heard = (/** @type {Event} */ event) => meanings[event.type](this.#life, event);
}

/** Reports whether the page was only made in advance: the visitor may never see it. */
export function isPrerendered() {
  return Boolean(/** @type {{ prerendering?: boolean }} */ (document).prerendering);
}
