import { Pace } from "./pace.js";
import { keysMatch, parseTriggers } from "./trigger-spec.js";

/**
 * @typedef {import("./trigger-spec.js").Trigger} Trigger
 * @typedef {(sender: Element, trigger: Trigger, submitter: HTMLElement | null) => void} Send
 */

// Two clients on a page share it by their roots: an element belongs to the nearest one, and to the first that took it.
/** @type {Map<Node, Triggers>} */
const roots = new Map();

/**
 * Listens on the window for everything that any wx-trigger names, so that elements need no listeners of their own and what
 * is swapped in works at once.
 */
export class Triggers {
  #root;
  #send;
  /** @type {Set<string>} */
  #events = new Set();
  /** @type {WeakMap<Element, Map<Trigger, Pace>>} */
  #paces = new WeakMap();
  #observer = new MutationObserver((records) => this.#observe(records));
  #running = false;

  /**
   * @param {Document | Element} root
   * @param {Send} send
   */
  constructor(root, send) {
    this.#root = root;
    this.#send = send;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    if (!roots.has(this.#root)) roots.set(this.#root, this);
    for (const event of ["click", "submit", "input", "change"]) this.#listen(event);
    this.#scan(document);
    this.#observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-trigger"] });
  }

  stop() {
    if (!this.#running) return;
    this.#running = false;
    if (roots.get(this.#root) === this) roots.delete(this.#root);
    this.#observer.disconnect();
    for (const event of this.#events) {
      window.removeEventListener(event, this.#early, true);
      window.removeEventListener(event, this.#late);
    }
    this.#events.clear();
  }

  /** @param {MutationRecord[]} records */
  #observe(records) {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") this.#listenFor(/** @type {Element} */ (target));
      for (const node of addedNodes) if (node instanceof Element) this.#scan(node);
    }
  }

  /** @param {Document | Element} node */
  #scan(node) {
    if (node instanceof Element) this.#listenFor(node);
    for (const element of node.querySelectorAll("[wx-trigger]")) this.#listenFor(element);
  }

  /** @param {Element} element */
  #listenFor(element) {
    const text = element.getAttribute("wx-trigger");
    if (text) for (const { event } of parseTriggers(text)) this.#listen(event);
  }

  /** @param {string} event */
  #listen(event) {
    if (this.#events.has(event)) return;
    this.#events.add(event);
    window.addEventListener(event, this.#early, true);
    window.addEventListener(event, this.#late);
  }

  /**
   * On the way down: the only chance to see events that do not bubble (focus, blur, scroll), and the safe place to keep a form
   * from leaving the page, which a script further down might prevent us from doing.
   */
  #early = (/** @type {Event} */ event) => {
    const form = event.target;
    if (event.type === "submit" && form instanceof HTMLFormElement && this.#owns(form) && form.method !== "dialog") {
      event.preventDefault();
    }
    if (!event.bubbles) this.#handle(event);
  };

  #late = (/** @type {Event} */ event) => {
    if (event.bubbles) this.#handle(event);
  };

  /** @param {Event} event */
  #handle(event) {
    const path = (event.bubbles ? event.composedPath() : [event.target]).filter((at) => at instanceof Element);
    // The innermost sender that wants the event gets it, its ancestors do not: a button in a card means the button.
    for (const sender of path) {
      const trigger = this.#owns(sender) && triggersOf(sender).find((t) => !t.from && wants(sender, t, event));
      if (!trigger) continue;
      if (event.type === "click" && leadsAway(sender)) event.preventDefault();
      this.#run(sender, trigger, event);
      break;
    }
    for (const sender of document.querySelectorAll(`[wx-send][wx-trigger*="from:"]`)) {
      if (!this.#owns(sender)) continue;
      const trigger = triggersOf(sender).find((t) => t.from && comesFrom(t.from, path, event) && wants(sender, t, event));
      if (trigger) this.#run(sender, trigger, event);
    }
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
    const field = event.target instanceof Element && "value" in event.target ? event.target : sender;
    const submitter = /** @type {Partial<SubmitEvent>} */ (event).submitter ?? null;
    pace.event(field, () => {
      if (this.#running && sender.isConnected) this.#send(sender, trigger, submitter);
    });
  }

  /** @param {Element} sender */
  #owns(sender) {
    if (!sender.hasAttribute("wx-send")) return false;
    /** @type {Node | null} */
    let node = sender;
    while (node && !roots.has(node)) node = node.parentNode ?? /** @type {Partial<ShadowRoot>} */ (node).host ?? null;
    return node !== null && roots.get(node) === this;
  }
}

/**
 * @param {Element} sender
 * @returns {Trigger[]}
 */
function triggersOf(sender) {
  return parseTriggers(sender.getAttribute("wx-trigger")?.trim() || defaultEvent(sender));
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
 * @param {Element} sender
 * @param {Trigger} trigger
 * @param {Event} event
 */
function wants(sender, { event: name, keys, target }, event) {
  if (name !== event.type || (keys && !keysMatch(keys, event))) return false;
  if (target && !(event.target instanceof Element && event.target.matches(target))) return false;
  // With such a key held, a click on a link opens another tab or saves it: the visitor's wish, unless the trigger names keys.
  const { ctrlKey, metaKey, shiftKey } = /** @type {Partial<MouseEvent>} */ (event);
  return !(name === "click" && !keys && (ctrlKey || metaKey || shiftKey) && sender.closest("a[href]"));
}

/**
 * @param {string} from
 * @param {Element[]} path
 * @param {Event} event
 */
function comesFrom(from, path, event) {
  if (from === "window") return event.bubbles || event.target === window;
  if (from === "document") return event.target === document || (event.bubbles && event.target !== window);
  return path.some((element) => element.matches(from));
}

/**
 * Whether the browser would do something of its own with a click that the sender took.
 *
 * @param {Element} sender
 */
function leadsAway(sender) {
  if (sender instanceof HTMLButtonElement || sender instanceof HTMLInputElement) {
    return /^(submit|image)$/.test(sender.type) && sender.form !== null;
  }
  return sender.closest("a[href]") !== null;
}
