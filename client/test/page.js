import { WSX } from "../src/core/client.js";
import { parse } from "../src/core/html.js";
import { ways } from "../src/core/swaps.js";
import { cleanup, soon } from "./harness.js";

/** A WebSocket in which the test is the server. All sockets of a case are in FakeSocket.all, the newest last. */
export class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }

  static get last() {
    return FakeSocket.all.at(-1);
  }

  /** How many are connecting or open. */
  static get alive() {
    return FakeSocket.all.filter((socket) => socket.readyState < 2).length;
  }

  send(text) {
    this.sent.push(text);
  }

  close(code) {
    this.readyState = 3;
    this.closedWith = code;
  }

  // What the server does.

  accept({ hello = true } = {}) {
    this.readyState = 1;
    this.onopen?.({});
    if (hello) this.push({ type: "hello", v: 1, conn: "c1", ping: 25000, t: "t" });
    return this;
  }

  push(frame) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  drop(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The requests that the page sent, without its hello. */
  get requests() {
    return this.sent.map((text) => JSON.parse(text)).filter((frame) => !frame.type);
  }
}

const stage = document.getElementById("stage");

/** Puts html into the page for one case. */
export function show(html) {
  stage.replaceChildren(parse(html, stage)); // not innerHTML: the page allows one Trusted Types policy, which is the client's
  cleanup(() => stage.replaceChildren());
  return stage.firstElementChild;
}

const more = () => import("../src/more/more.js");
const morphs = () => import("../src/morph/morph.js");
// As on a page that has morphed before: cases about the first time take it away.
Object.assign(ways, await morphs());

/** A client whose server is the test; random decides the pauses before attempts (0: none). */
export function client(config = {}, internals = {}) {
  FakeSocket.all = [];
  const wsx = new WSX({ url: "/ws", reconnectInterval: 10, ...config }, { WebSocket: FakeSocket, random: () => 0, page: "p1", more, morph: morphs, ...internals });
  cleanup(() => wsx.destroy());
  return wsx;
}

/** A client that is connected; returns its socket. */
export function connected(config, internals) {
  client(config, internals);
  return FakeSocket.last.accept();
}

/** The same with html in the page, and with wsx-more.js if the html needs it. */
export async function page(html, config, internals) {
  show(html);
  const wsx = client(config, internals);
  const socket = FakeSocket.last.accept();
  await more();
  await soon();
  return { socket, wsx };
}

export function $(selector) {
  return document.querySelector(selector);
}

export function press(element, key, more = {}) {
  element.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true, ...more }));
}

export function type(element, value) {
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Sends html for #t, or for another target, to be morphed. */
export function morph(html, swap = "outerMorph", target = "#t") {
  const socket = FakeSocket.last?.readyState === 1 ? FakeSocket.last : connected();
  socket.push({ target, html, swap: `${swap} settle:0` });
}

// What a case about requests says and sees. Requests are counted from 1.

export const ack = (socket, n) => socket.push({ type: "ack", id: `p1-${n}` });
export const refuse = (socket, n, html) => socket.push({ type: "error", id: `p1-${n}`, code: html ? "user" : "internal", html });
export const reply = (socket, n, html, target = "#t", swap = "innerHTML") => socket.push({ id: `p1-${n}`, target, html, swap });
export const handlers = (socket) => socket.requests.map((request) => request.handler);
export const codes = (events) => events.map((event) => event.detail.code);
export const outcomes = (events) => events.map(({ detail: { success, code } }) => (success ? "success" : code));
