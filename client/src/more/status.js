// Shows the state of the connection: wx-status.

import { emit } from "../shared/events.js";
import { isTaken, write } from "./own-text.js";
import { Timer } from "../shared/retry.js";
import { unclobbered } from "../shared/unclobbered.js";
import { watch } from "./watch.js";

/** @typedef {"connecting" | "live" | "stale" | "reconnecting" | "offline"} Word */

// Visitors need not know about shorter interruptions.
const patience = 1_000;

/** Shows the state of the connection in elements with wx-status. */
export class Status {
  #core;
  #wasLive = false;
  /** The word that is shown. @type {Word | undefined} */
  #word;
  #timer = new Timer();
  #stop = () => {};

  /** @param {import("./more.js").Core} core */
  constructor(core) {
    this.#core = core;
  }

  start() {
    const look = () => this.#look();
    const sources = /** @type {const} */ ([[document, ["wsx:connected", "wsx:disconnected", "wsx:reset"]], [window, ["online", "offline"]]]);
    for (const [at, names] of sources) for (const name of names) at.addEventListener(name, look);
    this.#core.renewed = look;
    this.#look();
    const stopWatching = watch("[wx-status]", ["wx-status", "data-wsx-status"], (element) => this.#show(element));
    this.#stop = () => {
      stopWatching();
      for (const [at, names] of sources) for (const name of names) at.removeEventListener(name, look);
    };
  }

  stop() {
    this.#timer.clear();
    this.#stop();
  }

  #look() {
    const word = this.#read();
    this.#wasLive ||= word === "live";
    if (this.#word === "live" && word !== "live") this.#timer.set(() => this.#tell(this.#read()), patience);
    else this.#tell(word);
  }

  /** @param {Word} word */
  #tell(word) {
    this.#timer.clear();
    if (word === this.#word) return;
    this.#word = word;
    this.show();
    emit(document, "wsx:status", { status: word });
  }

  /** Shows it in all elements. */
  show() {
    for (const element of document.querySelectorAll("[wx-status]")) this.#show(element);
  }

  /** @returns {Word} */
  #read() {
    const { isOpen, isOff } = this.#core.connection();
    // Sockets notice late that the network is gone. A server on this machine needs no network.
    const isCut = !navigator.onLine && !(isOpen && /\/\/(localhost|127\.|\[::1\])/.test(this.#core.config.url));
    if (isOff || isCut) return "offline";
    if (isOpen) return this.#core.hasFailed?.() ? "stale" : "live";
    return this.#wasLive ? "reconnecting" : "connecting";
  }

  /** @param {Element} element */
  #show(element) {
    const word = this.#word;
    if (!word || !this.#core.owns(element)) return;
    set(element, "data-wsx-status", word);
    if (!unclobbered(element, "hasAttribute")("role")) set(element, "role", "status");
    if (!isTaken(element)) write(element, String(wordsOf(element)[word] ?? word));
  }
}

/**
 * Sets an attribute only if it differs: every change notifies observers, including the one of this module.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function set(element, name, value) {
  if (unclobbered(element, "getAttribute")(name) !== value) unclobbered(element, "setAttribute")(name, value);
}

/**
 * @param {Element} element
 * @returns {Partial<Record<Word, string>>}
 */
function wordsOf(element) {
  const text = unclobbered(element, "getAttribute")("wx-status");
  if (!text) return {};
  try {
    return Object(JSON.parse(text));
  } catch {
    console.warn(`wsx: wx-status must be a JSON object like '{"live":"Connected"}', not ${text}`);
    return {};
  }
}
