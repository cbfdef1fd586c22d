import { emit } from "../shared/events.js";
import { unclobbered } from "../shared/unclobbered.js";
import { relative } from "../shared/relative.js";
import { scrollAfterSwap } from "./scroll.js";
import { parseSwap } from "../shared/swap-spec.js";
import { isReserved, swaps, ways } from "./swaps.js";

/**
 * @typedef {{ target: string, html: string, swap: string }} Update
 * @typedef {object} Arrival
 * @property {unknown} [update]
 * @property {boolean} [isOOB]
 * @property {() => boolean} [isDouble] asked in its turn: whether the page shows it already
 * @property {() => void} [applied] told when it is done, whatever became of it
 *
 * @typedef {object} Step
 * @property {Update} update
 * @property {object} message
 * @property {boolean} isOOB
 * @property {number} arrived by performance.now
 * @property {() => boolean} [isDouble]
 * @property {() => Element[]} [related] finds a target that is relative to the sender
 */

const nothing = () => {};

/** A page is painted again after each change, and that costs more than the change: what comes faster than this is applied in ticks. */
const tick = 50; // ms
const perTick = 30; // frames

/**
 * Applies what arrives strictly one after another: a swap that waits holds up everything behind it, so that an older
 * fragment can never overwrite a newer one. Without a wait a frame is applied at once, in the task that brought it, unless
 * so many come that painting them one by one would keep the page busy: then it changes twenty times a second. Waiting is
 * counted from the arrival: ten swaps that wait a second each are all done after one.
 */
export class Updates {
  /** @type {(Step | (() => unknown))[]} a function's promise holds up what follows */
  #steps = [];
  #busy = false;
  /** When this tick began, by performance.now. */
  #began = 0;
  /** Frames that came in this tick. */
  #count = 0;
  /** Whether frames wait for the end of the tick, because there were many. */
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
    for (const { update, isOOB = false, isDouble, applied } of updates) {
      const isAction = parseSwap(String(Object(update).swap ?? "")).style === "action";
      const given = isAction ? undefined : this.#read(update);
      if (given) {
        /** @type {Step} */
        const step = { message, isOOB, isDouble, update: given, arrived: performance.now() };
        if (answered && relative.test(given.target)) this.#steps.push(() => this.#extras.use((more) => void (step.related = () => more.related(given.target, answered))));
        if (parseSwap(given.swap).style.endsWith("Morph") && !ways.Resets) this.#steps.push(() => this.#morphs.use(nothing, nothing));
        this.#steps.push(step);
      } else if (isAction) this.#steps.push(() => this.#act(update, answered));
      if (applied) this.#steps.push(applied);
    }
    const now = performance.now();
    if (!this.#held && now - this.#began > tick) [this.#began, this.#count] = [now, 0];
    if (++this.#count > perTick && !this.#held) this.#tick();
    // Browsers do not paint hidden pages, and stretch their timers.
    if (!this.#held || answered || document.hidden) this.#run();
  }

  /** Leaves the page as it is. */
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
   */
  #act(update, answered) {
    const { target, args } = Object(update);
    const fail = () => this.#debug("no verb for action", update);
    if (!Array.isArray(args)) return fail();
    return this.#extras.use((more) => {
      const related = answered && relative.test(target) ? () => more.related(target, answered) : undefined;
      if (!more.act(this.#find(target, related), args)) fail();
    });
  }

  /**
   * @param {unknown} update
   * @returns {Update | undefined} undefined if there is nothing to do
   */
  #read(update) {
    // A server that has not heard our hello yet says beside the style of an original client which one it means.
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
   * Runs fn when all that arrived before has been applied.
   *
   * @param {() => void} fn
   */
  then(fn) {
    this.#steps.push(fn);
    this.#run();
  }

  #run() {
    // A listener of ours may cause more to be pushed; the loop below takes it in its turn.
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const step = this.#steps.shift();
      if (!step) break;
      if (typeof step === "function") {
        if (this.#waitsFor(step)) return;
        continue;
      }
      if (step.isDouble?.()) continue;
      const { update, arrived } = step;
      const apply = () => this.#waitsFor(() => this.#apply(step));
      // Nobody sees the effect in a hidden page, where browsers stretch timers up to a minute.
      const delay = document.hidden ? 0 : Math.ceil(arrived + parseSwap(update.swap).delay - performance.now());
      if (delay > 0) return void setTimeout(() => apply() || this.#goOn(), delay);
      if (apply()) return;
    }
    this.#busy = false;
  }

  /**
   * @param {() => unknown} step
   * @returns {boolean} whether it takes its time; what follows comes after it
   */
  #waitsFor(step) {
    const waits = attempt(step);
    if (!(waits instanceof Promise)) return false;
    waits.catch(() => {}).then(() => this.#goOn()); // why it failed has been told
    return true;
  }

  #goOn() {
    this.#busy = false;
    this.#run();
  }

  /** @param {Step} step */
  #apply(step) {
    if (this.#isOver) return undefined;
    // The whole page is its body: <html> cannot hold what a fragment brings.
    const found = this.#find(step.update.target, step.related);
    const targets = found.map((element) => (element === document.documentElement ? (document.body ?? element) : element));
    return this.#extras.around(targets, step.update.swap, () => targets.map((to) => attempt(() => this.#swap(to, step), step.update)));
  }

  /**
   * A selector means its first match, "all .price" every match.
   *
   * @param {string} selector
   * @param {Step["related"]} [related]
   * @returns {Element[]}
   */
  #find(selector, related) {
    try {
      const first = () => [document.querySelector(selector)].filter((element) => element !== null);
      const found = related?.() ?? (selector.startsWith("all ") ? [...document.querySelectorAll(selector.slice(4))] : first());
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
    // Read only now: listeners may have changed the update, or even removed the target.
    const spec = parseSwap(update.swap);
    if (isReserved(spec.style)) return this.#debug("no verb for swap", update.swap);
    if (spec.style.endsWith("Morph")) this.#morphs.expect(); // a listener may have made it one
    const known = Object.hasOwn(swaps, spec.style);
    if (!known) this.#debug("unknown swap, innerHTML instead", update.swap);
    const parent = unclobbered(target, "parentElement");
    const result = swaps[known ? spec.style : "innerHTML"](target, update.html);
    if (result?.isConnected && spec.style !== "delete") scrollAfterSwap(result, spec);
    setTimeout(() => {
      const at = [result, target, parent].find((element) => element?.isConnected) ?? document;
      emit(at, "wsx:afterSwap", { ...detail(), element: at });
    }, spec.settle);
    return result;
  }
}

/**
 * Whatever goes wrong with one step, the next ones follow.
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
