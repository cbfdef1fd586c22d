// Applies updates to the page, strictly one after another.

import { emit } from "../shared/events.js";
import { relative } from "../shared/relative.js";
import { trees } from "./shadows.js";
import { parseSwap } from "../shared/swap-spec.js";
import { isReserved, swaps, ways } from "./swaps.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {{ target: string, html: string, swap: string }} Update
 * @typedef {object} Arrival
 * @property {unknown} [update]
 * @property {boolean} [isOOB]
 * @property {Takes} [takes]
 * @property {() => unknown} [step] called in its turn, after the update; it may return a promise
 *
 * @typedef {(target: Element, style: string) => boolean} Takes called in its turn; reports whether a target lacks the update
 *
 * @typedef {object} Step
 * @property {Update} update
 * @property {object} message
 * @property {boolean} isOOB
 * @property {number} arrived on the clock of performance.now
 * @property {Takes} [takes]
 * @property {() => Element[]} [related] finds the target if it is relative to the sender
 */

const nothing = () => {};

// Browsers paint after each change, which costs more than the change. Faster frames than this are applied in ticks.
const tick = 50; // ms
const perTick = 30; // frames

/**
 * The queue of updates. A swap with a delay holds up everything behind it, so that an older fragment never overwrites a newer
 * one. Delays count from the arrival: ten swaps that wait a second each are all done after one.
 *
 * A frame without a delay is applied at once, in the task that brought it. If so many arrive that painting them would keep the
 * page busy, it changes twenty times a second instead.
 */
export class Updates {
  /** @type {(Step | (() => unknown))[]} a promise from a function holds up what follows */
  #steps = [];
  #busy = false;
  /** When this tick began, on the clock of performance.now. */
  #began = 0;
  /** The number of frames in this tick. */
  #count = 0;
  /** Whether frames wait for the end of the tick. */
  #held = false;
  #isOver = false;
  #extras;
  #morphs;
  #debug;

  /**
   * @param {import("./extras.js").Extras} extras
   * @param {import("./part.js").Part<{}>} morphs
   * @param {(...words: unknown[]) => void} debug
   */
  constructor(extras, morphs, debug) {
    this.#extras = extras;
    this.#morphs = morphs;
    this.#debug = debug;
  }

  /**
   * @param {Arrival[]} updates of one frame
   * @param {object} message the frame
   * @param {import("./requests.js").Entry} [answered]
   */
  push(updates, message, answered) {
    for (const { update, isOOB = false, takes, step: after } of updates) {
      const isAction = parseSwap(String(Object(update).swap ?? "")).style === "action";
      const given = isAction ? undefined : this.#read(update);
      if (given) {
        /** @type {Step} */
        const step = { message, isOOB, takes, update: given, arrived: performance.now() };
        if (answered && relative.test(given.target)) this.#steps.push(() => this.#extras.use((more) => void (step.related = () => more.related(given.target, answered))));
        if (!ways.Rooms) this.#steps.push(() => needsMorph(given) && this.#morphs.use(nothing, nothing));
        this.#steps.push(step);
      } else if (isAction) this.#steps.push(() => this.#act(update, answered, takes));
      if (after) this.#steps.push(after);
    }
    const now = performance.now();
    if (!this.#held && now - this.#began > tick) [this.#began, this.#count] = [now, 0];
    if (++this.#count > perTick && !this.#held) this.#tick();
    // Browsers do not paint hidden pages, and delay their timers.
    if (!this.#held || answered || document.hidden) this.#run();
  }

  /** Drops all updates, and those that follow. */
  stop() {
    this.#isOver = true;
    this.#steps = [];
  }

  #tick = () => {
    this.#held = this.#count > perTick;
    this.#count = 0;
    if (this.#held) setTimeout(this.#tick, tick);
    this.#run();
  };

  /**
   * @param {unknown} update
   * @param {import("./requests.js").Entry} [answered]
   * @param {Takes} [takes]
   */
  #act(update, answered, takes) {
    const { target, args } = Object(update);
    const fail = () => this.#debug("no verb for action", update);
    if (!Array.isArray(args)) return fail();
    return this.#extras.use((more) => {
      const related = answered && relative.test(target) ? () => more.related(target, answered) : undefined;
      const found = this.#find(target, related);
      const targets = takes ? found.filter((to) => takes(to, "none")) : found;
      if ((targets.length > 0 || found.length === 0) && !more.act(targets, args)) fail();
    });
  }

  /**
   * @param {unknown} update
   * @returns {Update | undefined} undefined if there is nothing to apply
   */
  #read(update) {
    // Until the server receives our hello, it sends a style for original clients, and the full one beside it.
    const { target, html, swap: plain, full: swap = plain } = /** @type {Record<string, unknown>} */ (update ?? {});
    if (typeof target !== "string" || target === "") return undefined;
    const given = {
      target,
      html: typeof html === "string" || typeof html === "number" ? String(html) : "",
      swap: typeof swap === "string" ? swap : "innerHTML",
    };
    if (!isReserved(parseSwap(given.swap).style)) return given;
    this.#debug("no verb for swap", given.swap);
    return undefined;
  }

  /**
   * Runs fn once everything that arrived earlier has been applied.
   *
   * @param {() => void} fn
   */
  then(fn) {
    this.#steps.push(fn);
    this.#run();
  }

  #run() {
    // An event listener may push more; the loop below handles it in its turn.
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const step = this.#steps.shift();
      if (!step) break;
      if (typeof step === "function") {
        if (this.#waitsFor(step)) return;
        continue;
      }
      const { update, arrived } = step;
      const apply = () => this.#waitsFor(() => this.#apply(step));
      // A delay has no visible effect in a hidden page, where browsers delay timers by up to a minute.
      const delay = document.hidden ? 0 : Math.ceil(arrived + parseSwap(update.swap).delay - performance.now());
      if (delay > 0) return void setTimeout(() => apply() || this.#goOn(), delay);
      if (apply()) return;
    }
    this.#busy = false;
  }

  /**
   * @param {() => unknown} step
   * @returns {boolean} whether it returned a promise, which what follows waits for
   */
  #waitsFor(step) {
    const waits = attempt(step);
    if (!(waits instanceof Promise)) return false;
    waits.catch(() => {}).then(() => this.#goOn()); // the failure has been logged
    return true;
  }

  #goOn() {
    this.#busy = false;
    this.#run();
  }

  /** @param {Step} step */
  #apply(step) {
    if (this.#isOver) return undefined;
    // <html> stands for the body, because it cannot contain a fragment.
    const found = this.#find(step.update.target, step.related);
    const { takes, update } = step;
    const all = found.map((element) => (element === document.documentElement ? (document.body ?? element) : element));
    const targets = takes ? all.filter((to) => takes(to, parseSwap(update.swap).style)) : all;
    return this.#extras.around(targets, step.update.swap, () => targets.map((to) => attempt(() => this.#swap(to, step), step.update)));
  }

  /**
   * Finds the targets: the first match of a selector, or every match of "all .price".
   *
   * @param {string} selector
   * @param {Step["related"]} [related]
   * @returns {Element[]}
   */
  #find(selector, related) {
    try {
      const found = related?.() ?? lookUp(selector);
      if (found.length === 0) this.#debug("no element for target", selector);
      return found;
    } catch {
      this.#debug("invalid target", selector);
      return [];
    }
  }

  /**
   * @param {Element} target
   * @param {Step} step
   */
  #swap(target, { update: given, message, isOOB }) {
    const update = { ...given };
    const detail = () => ({
      message,
      element: target,
      update,
      isOOB,
      target,
      content: update.html,
      swapType: parseSwap(update.swap).style,
    });
    if (!emit(target, "wsx:beforeSwap", detail(), true)) return;
    // Parsed after the event, because listeners may change the update, or even remove the target.
    const spec = parseSwap(update.swap);
    if (isReserved(spec.style)) return this.#debug("no verb for swap", update.swap);
    if (spec.style.endsWith("Morph")) this.#morphs.expect(); // a listener may have changed it to a morph
    const known = Object.hasOwn(swaps, spec.style);
    if (!known) this.#debug("unknown swap, innerHTML instead", update.swap);
    const parent = unclobbered(target, "parentElement");
    const result = swaps[known ? spec.style : "innerHTML"](target, update.html);
    if (result && (spec.show ?? spec.scroll) !== undefined) this.#extras.use((more) => more.scroll(result, spec), nothing);
    setTimeout(() => {
      const at = [result, target, parent].find((element) => element?.isConnected) ?? document;
      emit(at, "wsx:afterSwap", { ...detail(), element: at });
    }, spec.settle);
    return result;
  }
}

/**
 * Reports whether an update is for the morphs: by its style, or because it brings an element that the page has.
 *
 * @param {Update} update
 */
function needsMorph({ swap, html }) {
  const ids = /^(before|after)/.test(swap) ? html.matchAll(/ id="?([^"> ]+)/g) : [];
  return /orph/.test(swap) || [...ids].some((found) => document.getElementById(found[1]));
}

/**
 * @param {string} selector
 * @returns {Element[]}
 */
function lookUp(selector) {
  if (selector.startsWith("all ")) return trees().flatMap((tree) => [...tree.querySelectorAll(selector.slice(4))]);
  for (const tree of trees()) {
    const found = tree.querySelector(selector);
    if (found) return [found];
  }
  return [];
}

/**
 * Runs a step and logs what it throws, so that the next steps follow.
 *
 * @template T
 * @param {() => T} step
 * @param {Update} [update]
 * @returns {T | undefined}
 */
export function attempt(step, update) {
  try {
    return step();
  } catch (error) {
    console.error("wsx: frame failed", error, update);
    return undefined;
  }
}
