// Lets the requests of one element, or of several, go one at a time: wx-sync.

import { elementsOf, setting } from "./attributes.js";

/**
 * @typedef {import("../core/requests.js").Entry} Entry
 * @typedef {string | undefined | Promise<string | undefined>} Sent
 * @typedef {(begun: () => void) => string | undefined} Start
 *
 * @typedef {object} Group requests that must not be under way together
 * @property {Set<Entry>} open
 * @property {{ go: () => void, giveUp: () => void }[]} line requests that wait until none is open
 */

const mostWaiting = 100;

/** The groups of one client. */
export class Sync {
  #core;
  /** @type {WeakMap<Element, Group>} */
  #groups = new WeakMap();

  /** @param {import("./more.js").Core} core */
  constructor(core) {
    this.#core = core;
  }

  /**
   * Reports whether the request would be dropped. This is asked before wx-confirm asks the visitor.
   *
   * @param {Entry} entry
   */
  refuses({ at }) {
    const { how, group } = this.#find(at) ?? {};
    return how === "drop" && group !== undefined && isTaken(group);
  }

  /**
   * @param {Entry} entry
   * @param {Start} start
   * @returns {Sent} the id of the request; undefined if it is not sent
   */
  enter(entry, start) {
    const { how, group } = this.#find(entry.at) ?? {};
    if (!group) return start(() => {});
    const run = () => start(() => this.#open(entry, group));
    if (!isTaken(group)) return run();
    if (how === "drop") return undefined;
    if (how === "replace") return this.#replace(group, entry, run);
    if (how === "queue last") for (const { giveUp } of group.line.splice(0)) giveUp();
    if (group.line.length >= mostWaiting) return void this.#core.fail(entry, "queue");
    return new Promise((resolve) => group.line.push({ go: () => resolve(attempt(run)), giveUp: () => resolve(undefined) }));
  }

  /**
   * @param {Element | Document} sender
   * @returns {{ how: string, group: Group } | undefined} undefined if it has no wx-sync
   */
  #find(sender) {
    const { value, bearer } = setting(sender, "wx-sync") ?? {};
    if (!value || !bearer || !(sender instanceof Element)) return undefined;
    const parts = /^(?:(.+):)?\s*(drop|replace|queue)(?:\s+(last))?$/.exec(value.trim());
    if (!parts) {
      console.warn(`wsx: wx-sync must be drop, replace or queue, optionally after a selector and a colon: ${value}`);
      return undefined;
    }
    const [, selector, how, last] = parts;
    const shared = (selector && elementsOf(selector, sender, bearer)[0]) || sender;
    const group = this.#groups.get(shared) ?? { open: new Set(), line: [] };
    this.#groups.set(shared, group);
    return { how: last ? `${how} ${last}` : how, group };
  }

  /**
   * @param {Entry} entry
   * @param {Group} group
   */
  #open(entry, group) {
    group.open.add(entry);
    entry.ends.push(() => {
      group.open.delete(entry);
      void Promise.resolve().then(() => next(group)); // after the page has heard that this one is over
    });
  }

  /**
   * @param {Group} group
   * @param {Entry} entry
   * @param {() => string | undefined} run
   */
  #replace(group, entry, run) {
    const older = [...group.open];
    const id = run();
    if (id === undefined || entry.isOver) return id; // not sent, so the older ones stay
    for (const { giveUp } of group.line.splice(0)) giveUp();
    for (const old of older) {
      old.place = 0;
      this.#core.end(old, "replaced");
    }
    return id;
  }
}

/**
 * Catches what one request throws, such as data that is not JSON, so that the next one follows.
 *
 * @param {() => string | undefined} run
 */
function attempt(run) {
  try {
    return run();
  } catch (error) {
    console.error("wsx: a request could not be made", error);
    return undefined;
  }
}

/** @param {Group} group */
function isTaken({ open, line }) {
  return open.size + line.length > 0;
}

/** @param {Group} group */
function next({ open, line }) {
  while (open.size === 0 && line.length > 0) line.shift()?.go(); // a refused request does not hold up the next
}
