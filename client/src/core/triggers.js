// Listens for events on the window and finds the senders that they trigger.

import { wanted } from "./extras.js";
import { cancels, isRepeated, leadsAway, opensElsewhere, pathOf, staysHere } from "./native.js";
import { Pace } from "./pace.js";
import { isNew, shadows, trees } from "./shadows.js";
import { keysMatch, parseTriggers, rare } from "./trigger-spec.js";
import { originOf } from "../shared/origin.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {import("./trigger-spec.js").Trigger} Trigger
 * @typedef {(sender: Element, trigger: Trigger, submitter: HTMLElement | null) => ReturnType<import("./pace.js").Send>} Send
 * @typedef {[sender: Element, trigger: Trigger, source: Element | Document | Window]} Taker source is the node it listens to
 */

// Those of all clients of a page. An element belongs to the nearest root and the first client there.
/** @type {Set<Triggers>} */
const all = new Set();

/** Tells all clients that elements may belong to another one now. */
export function tellAll() {
  for (const one of all) one.changed();
}

/**
 * Makes what is inside an open shadow root send, and what is inside those of all elements in the node. Otherwise that begins
 * with the first click, focus or input inside.
 *
 * @param {ParentNode} node
 */
export function process(node) {
  enter(node);
  for (const { shadowRoot } of [/** @type {Partial<Element>} */ (node), ...node.querySelectorAll("*")]) if (shadowRoot) process(shadowRoot);
}

/** @param {unknown} node */
function enter(node) {
  if (isNew(node)) for (const one of all) one.enter(node);
}

// Listeners stay, so the limit stops pages that generate names of events.
const mostEvents = 500;

/**
 * Listens on the window for all events that any wx-trigger names, so that elements need no listeners and new ones work at
 * once.
 */
export class Triggers {
  #find;
  #entry;
  /** @type {Node | null} */
  #root = null;
  #send;
  #extras;
  changed;
  #entered;
  /** @type {Set<string>} */
  #events = new Set();
  /** @type {WeakMap<Element, Map<Trigger, Pace>>} */
  #paces = new WeakMap();
  #observer = new MutationObserver((records) => this.#observe(records));

  /**
   * @param {() => Node | null} find finds the root, and the one that replaces it when it has left the page
   * @param {Send} send
   * @param {import("./extras.js").Extras} extras
   * @param {() => void} changed called when elements may have come to this client from another one, or left it
   * @param {(root: ShadowRoot) => void} entered called when a shadow root has come into the page
   * @param {{ element: Element }} [entry] the element with the client's wx-config
   */
  constructor(find, send, extras, changed, entered, entry) {
    this.#find = find;
    this.#send = send;
    this.#extras = extras;
    this.changed = changed;
    this.#entered = entered;
    this.#entry = entry;
  }

  get #at() {
    if (!this.#root?.isConnected) this.#root = this.#find();
    return this.#root;
  }

  start() {
    if (all.has(this)) return;
    all.add(this);
    for (const event of ["click", "submit", "input", "change", "focusin"]) this.#listen(event);
    this.#scan(document);
    for (const root of shadows) if (root.isConnected) this.enter(root);
    process(document);
  }

  /** @param {ShadowRoot} root */
  enter(root) {
    for (const event of this.#events) this.#hear(root, event);
    this.#scan(root);
    this.#extras.here?.enter(root);
    this.#entered(root);
  }

  stop() {
    all.delete(this);
    this.#observer.disconnect();
    for (const event of this.#events) this.#hear(window, event, "removeEventListener"); // a shadow root takes its own with it
    this.start = () => {};
  }

  /** @param {MutationRecord[]} records */
  #observe(records) {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") this.#listenFor(/** @type {Element} */ (target));
      for (const node of addedNodes) if (node instanceof Element) this.#scan(node);
    }
  }

  /** @param {Document | ShadowRoot | Element} node */
  #scan(node) {
    if (node instanceof Element) this.#listenFor(node);
    else this.#observer.observe(node, { childList: true, subtree: true, attributeFilter: ["wx-trigger"] });
    for (const element of unclobbered(node, "querySelectorAll")(`[wx-trigger],${wanted}`)) this.#listenFor(element);
  }

  /** @param {Element} element */
  #listenFor(element) {
    const text = unclobbered(element, "getAttribute")("wx-trigger");
    let isWanted = unclobbered(element, "matches")(wanted);
    for (const { event, condition, problems } of text ? parseTriggers(text) : []) {
      this.#listen(event);
      isWanted ||= Boolean(condition || problems) || rare.test(event);
    }
    if (isWanted) this.#extras.expect();
  }

  /** @param {string} event */
  #listen(event) {
    if (this.#events.has(event)) return;
    if (this.#events.size >= mostEvents) return console.warn(`wsx: wx-trigger: too many events: ${event}`);
    this.#events.add(event);
    for (const at of [window, ...shadows]) this.#hear(at, event);
  }

  /**
   * @param {Window | ShadowRoot} at
   * @param {string} event
   * @param {"addEventListener" | "removeEventListener"} [how]
   */
  #hear(at, event, how = "addEventListener") {
    at[how](event, this.#early, true);
    at[how](event, this.#late);
  }

  /**
   * Listens in the capturing phase: for events that do not bubble (focus, blur, scroll), and to keep forms from leaving the page
   * before a script can stop the event.
   */
  #early = (/** @type {Event} */ event) => {
    if (isHeardOutside(event)) return;
    event.composedPath().forEach(enter);
    const form = event.target;
    if (event.type === "submit" && form instanceof HTMLFormElement && this.#owns(form) && !staysHere(event)) {
      event.preventDefault();
    }
    if (!event.bubbles) this.#handle(event);
  };

  #late = (/** @type {Event} */ event) => {
    if (event.bubbles && !isHeardOutside(event)) this.#handle(event);
  };

  /** @param {Event} event */
  #handle(event) {
    if (cancels(event)) return;
    const takers = this.#takers(event);
    const waits = !this.#extras.here && takers.some(([sender, { condition }]) => condition || isGuarded(sender));
    for (const [sender, trigger, source] of takers) {
      const at = source instanceof Element ? source : document.documentElement;
      if (!trigger.target && isRepeated(event, at)) continue;
      if (leadsAway(event, at, at === sender)) event.preventDefault();
      if (!waits) this.#run(sender, trigger, event);
    }
    if (!waits) return;
    const path = event.composedPath();
    event.composedPath = () => path; // browsers clear it after the event
    Promise.resolve(this.#extras.use(() => this.#handle(event))).catch(() => {}); // the failure has been logged
  }

  /**
   * @param {Event} event
   * @returns {Taker[]}
   */
  #takers(event) {
    /** @type {Taker[]} */
    const takers = [];
    const path = event.bubbles ? pathOf(event) : [originOf(event)].filter((at) => at instanceof Element);
    /**
     * @param {Element} sender
     * @param {(from?: string) => Taker[2] | false | undefined} sourceFor
     */
    const takes = (sender, sourceFor) =>
      this.#owns(sender) &&
      triggersOf(sender).some((trigger) => {
        const source = this.#wants(sender, trigger, event) && sourceFor(trigger.from);
        return source && takers.push([sender, trigger, source]);
      });
    // Only the innermost sender that wants the event gets it: a button in a card means the button.
    path.some((sender) => takes(sender, (from) => !from && sender));
    for (const tree of trees()) {
      for (const sender of tree.querySelectorAll(`[wx-send][wx-trigger*="from:"]`)) {
        takes(sender, (from) => from !== undefined && sourceOf(from, path, event));
      }
    }
    return takers;
  }

  /**
   * @param {Element} sender
   * @param {Trigger} trigger
   * @param {Event} event
   */
  #wants(sender, trigger, event) {
    return wants(trigger, event) && (!trigger.condition || this.#extras.here?.holds(trigger.condition, sender, event) !== false);
  }

  /**
   * @param {Element} sender
   * @param {Trigger} trigger
   * @param {Event} event
   */
  #run(sender, trigger, event) {
    const paces = this.#paces.get(sender) ?? new Map();
    this.#paces.set(sender, paces);
    const pace = paces.get(trigger) ?? new Pace(trigger);
    paces.set(trigger, pace);
    const target = originOf(event);
    const field = target instanceof HTMLElement && ("value" in target || target.isContentEditable) ? target : sender;
    const submitter = /** @type {Partial<SubmitEvent>} */ (event).submitter ?? null;
    pace.event(field, () => {
      if (!all.has(this) || !unclobbered(sender, "isConnected")) return true;
      if (isGuarded(sender) && !this.#extras.here?.allows(sender, event)) return false;
      return this.#send(sender, trigger, submitter);
    });
  }

  /** @param {Element} sender */
  #owns(sender) {
    return unclobbered(sender, "hasAttribute")("wx-send") && this.owns(sender);
  }

  /** @param {Element} element */
  owns(element) {
    const some = (/** @type {(one: Triggers) => unknown} */ is) => [...all].some(is);
    /** @type {Node | null} */
    let node = element;
    while (node) {
      const has = node instanceof Element && unclobbered(node, "hasAttribute");
      if (has && node !== element && has("wx-ignore")) return false;
      for (const one of all) if (one.#at === node) return one === this;
      // With a wx-config that no client has, unless the page starts all clients by itself.
      if (has && has("wx-config") && some((one) => one.#entry) && !some((one) => one.#entry?.element === node)) return false;
      node = unclobbered(node, "parentNode") ?? /** @type {Partial<ShadowRoot>} */ (node).host ?? null;
    }
    return false;
  }
}

/**
 * @param {Element} sender
 * @returns {Trigger[]}
 */
export function triggersOf(sender) {
  return parseTriggers(unclobbered(sender, "getAttribute")("wx-trigger")?.trim() || defaultEvent(sender));
}

/** @param {Element} sender */
function isGuarded(sender) {
  return unclobbered(sender, "matches")("[wx-if],[wx-unless]");
}

/** @param {Element} sender */
function defaultEvent(sender) {
  if (sender instanceof HTMLFormElement) return "submit";
  if (sender instanceof HTMLSelectElement) return "change";
  if (sender instanceof HTMLTextAreaElement) return "input";
  if (!(sender instanceof HTMLInputElement)) return "click";
  if (/^(button|submit|reset|image)$/.test(sender.type)) return "click";
  return /^(checkbox|radio|file)$/.test(sender.type) ? "change" : "input";
}

/**
 * @param {Trigger} trigger
 * @param {Event} event
 */
function wants({ event: name, keys, target }, event) {
  if (name !== event.type || (keys && !keysMatch(keys, event))) return false;
  const origin = target && originOf(event);
  if (target && !(origin instanceof Element && unclobbered(origin, "matches")(target))) return false;
  return Boolean(keys) || !opensElsewhere(event);
}

/**
 * Reports whether a shadow root hears an event that the window hears too.
 *
 * @param {Event} event
 */
function isHeardOutside(event) {
  return event.composedPath().at(-1) !== event.currentTarget;
}

/**
 * Returns the node where a sender that listens elsewhere heard the event; undefined if it did not.
 *
 * @param {string} from
 * @param {Element[]} path
 * @param {Event} event
 */
function sourceOf(from, path, event) {
  const [origin] = event.composedPath(); // the load event of a window has the document as its target
  if (from === "window") return event.bubbles || origin === window ? window : undefined;
  if (from === "document") return origin === document || (event.bubbles && origin !== window) ? document : undefined;
  return path.find((element) => unclobbered(element, "matches")(from));
}
