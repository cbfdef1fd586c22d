// The entry of wsx-debug.js: a panel that shows developers what the client does.

import { Log } from "./debug-log.js";
import { style } from "./debug-style.js";

/**
 * @typedef {import("./debug-log.js").Entry} Entry
 *
 * Receives frames as they arrived, frames as they were sent, and words for developers.
 *
 * @typedef {(kind: "in" | "out" | "note", about: any) => void} Tap
 *
 * @typedef {object} Client
 * @property {{ url: string }} config
 * @property {() => boolean} isConnected
 * @property {(shown?: boolean) => Promise<void>} debug
 *
 * @typedef {{ rooms?: { readonly all: ReadonlyMap<string, { pos?: unknown }> } }} Rooms
 */

/** @type {Panel | undefined} */
let open;

/**
 * Shows the panel of a client, or closes it. Showing it closes the panel of any other client.
 *
 * @param {boolean} shown
 * @param {Client} client
 * @param {Rooms} rooms
 * @returns {Tap | undefined}
 */
export function panel(shown, client, rooms) {
  if (shown && open?.client === client) return open.tap;
  if (!shown && open?.client !== client) return undefined;
  const other = open;
  open = undefined;
  other?.close();
  if (other && other.client !== client) void other.client.debug(false);
  if (shown) open = new Panel(client, rooms);
  return open?.tap;
}

const kinds = { "": "Everything", in: "Received", out: "Sent", request: "Requests", problem: "Problems", note: "Notes" };

class Panel {
  client;
  #rooms;
  #log = new Log((entry) => this.#show(entry));
  #isPaused = false;
  /** The items of the list, by entry. @type {Map<Entry, HTMLElement>} */
  #items = new Map();

  #host = document.createElement("div");
  #status = create("p", { className: "status" });
  #pause = create("button", { type: "button", textContent: "Pause", ariaPressed: "false", onclick: () => this.#setPaused(!this.#isPaused) });
  #filter = create("input", { type: "search", placeholder: "Filter", ariaLabel: "Show entries that contain", oninput: () => this.#sift() });
  #kind = create("select", { ariaLabel: "Show", onchange: () => this.#sift() });
  #names = create("p", { className: "rooms" });
  #list = create("ol", { tabIndex: 0, ariaLabel: "Events, newest last" });

  /**
   * @param {Client} client
   * @param {Rooms} rooms
   */
  constructor(client, rooms) {
    this.client = client;
    this.#rooms = rooms;
    for (const [value, textContent] of Object.entries(kinds)) this.#kind.append(create("option", { value, textContent }));
    this.#build();
    for (const [name, listener] of Object.entries(this.#events)) document.addEventListener(name, listener);
    this.#showStatus();
    this.#showRooms();
  }

  close() {
    for (const [name, listener] of Object.entries(this.#events)) document.removeEventListener(name, listener);
    this.#host.remove();
  }

  /** @type {Tap} */
  tap = (kind, about) => this.#log[kind](about);

  /** @type {Record<string, (event: any) => void>} */
  #events = {
    "wsx:error": ({ detail }) => this.#log.failed(detail),
    "wsx:connected": () => this.#log.status(this.#showStatus()),
    "wsx:disconnected": ({ detail: { code, reason } }) => this.#log.status(`${this.#showStatus()}: ${code} ${reason}`),
  };

  #build() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    const section = create("section", { ariaLabel: "wsx debug" });
    const bar = create("header");
    bar.append(
      create("h2", { textContent: "wsx" }),
      this.#status,
      this.#pause,
      create("button", { type: "button", textContent: "Clear", onclick: () => this.#clear() }),
      create("button", { type: "button", textContent: "Close", onclick: () => this.client.debug(false) }),
    );
    const tools = create("div", { className: "tools" });
    tools.append(this.#filter, this.#kind);
    section.append(bar, tools, this.#names, this.#list);
    section.addEventListener("keydown", (event) => {
      event.stopPropagation(); // keys in the panel are not the page's shortcuts
      if (event.key === "Escape") void this.client.debug(false);
    });
    shadow.append(section);
    this.#host.setAttribute("wx-ignore", "");
    this.#host.dataset.wsxDebug = "";
    // Outside the body, which pages may replace.
    document.documentElement.append(this.#host);
  }

  #showStatus() {
    const isLive = this.client.isConnected();
    const word = isLive ? "connected" : "disconnected";
    this.#status.textContent = `${word}, ${this.client.config.url}`;
    this.#status.classList.toggle("live", isLive);
    return word;
  }

  #showRooms() {
    const names = [...(this.#rooms.rooms?.all ?? [])].map(([name, { pos }]) => `${name} at ${pos ?? "?"}`);
    this.#names.replaceChildren(...names.map((textContent) => create("span", { textContent })));
  }

  /** @param {Entry} entry */
  #show(entry) {
    if (this.#isPaused) return;
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 8;
    const item = itemOf(entry);
    item.hidden = !this.#wants(entry);
    this.#items.set(entry, item);
    this.#list.append(item);
    for (const [old, { isConnected }] of this.#items) {
      if (isConnected && this.#items.size <= this.#log.entries.length) break;
      this.#items.get(old)?.remove();
      this.#items.delete(old);
    }
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
    queueMicrotask(() => this.#showRooms()); // the client counts the frame after logging it
  }

  /** @param {boolean} isPaused */
  #setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.#pause.ariaPressed = String(isPaused);
    if (isPaused) return;
    this.#items.clear();
    this.#list.replaceChildren();
    for (const entry of this.#log.entries) this.#show(entry);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #clear() {
    this.#log.clear();
    this.#items.clear();
    this.#list.replaceChildren();
  }

  #sift() {
    for (const [entry, item] of this.#items) item.hidden = !this.#wants(entry);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** @param {Entry} entry */
  #wants({ kind, what, more }) {
    if (this.#kind.value && this.#kind.value !== kind) return false;
    return `${what} ${more}`.toLowerCase().includes(this.#filter.value.trim().toLowerCase());
  }
}

const words = { in: "received", out: "sent", request: "request", problem: "problem", note: "note" };

/** @param {Entry} entry */
function itemOf({ kind, at, what, more, bytes, took }) {
  const item = create("li", { className: kind });
  const details = create("details");
  const summary = create("summary");
  const size = took === undefined ? (bytes === undefined ? "" : `${bytes} B`) : `${took.toFixed(took < 10 ? 1 : 0)} ms`;
  summary.append(
    create("time", { textContent: clock(at) }),
    create("span", { className: "kind", textContent: words[kind] }),
    create("span", { className: "what", textContent: what }),
    create("span", { className: "size", textContent: size }),
  );
  const text = create("pre");
  details.ontoggle = () => (text.textContent = details.open ? pretty(more) : "");
  details.append(summary, text);
  item.append(details);
  return item;
}

/** @param {Date} at */
function clock(at) {
  return `${at.toLocaleTimeString([], { hour12: false })}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
 * @returns {HTMLElementTagNameMap[Name]}
 */
function create(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
