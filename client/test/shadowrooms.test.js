import { cleanup, equal, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";
import { parse } from "../src/core/html.js";

// Targets and regions in open shadow roots.

const frames = (socket, type) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => frame.type === type);
const joins = (socket) => frames(socket, "join");
const item = (n) => `<li id="m${n}">m${n}</li>`;
const region = (...items) => `<div id="region" wx-ticket="T"><ul id="list">${items.map(item).join("")}</ul></div>`;
const message = (n) => ({ target: "#list", html: item(n), swap: "beforeend", room: "r", pos: `r.${n}` });

/** A host in the page, with html in its shadow root. */
function host(html) {
  const element = document.createElement("div");
  $("#stage").append(element);
  cleanup(() => element.remove());
  element.attachShadow({ mode: "open" }).append(parse(html, element));
  return element;
}

const shown = ({ shadowRoot }) => [...shadowRoot.querySelectorAll("li")].map((li) => li.textContent).join(" ");

/** Says that the last join starts at this position, and sends what follows. */
function answer(socket, at, ...messages) {
  const { gen, tickets } = joins(socket).at(-1);
  socket.push({ type: "joined", gen, rooms: { r: at }, each: tickets.map(() => ["r"]), tickets: tickets.map(() => `fresh${gen}`) });
  for (const n of messages) socket.push(message(n));
}

/** A host whose region was rendered with m1, joined, and has been sent m2. */
function following() {
  show(`<p></p>`);
  const element = host(region(1));
  const socket = connected();
  answer(socket, "r.1", 2);
  equal(shown(element), "m1 m2");
  return { element, socket };
}

test("shadows: a push finds its target in the document first, then in the roots", () => {
  show(`<p id="out"></p>`);
  const one = host(`<p id="out" class="price"></p><p id="in" class="price"></p>`);
  const two = host(`<p id="in" class="price"></p>`);
  const socket = connected();
  socket.push({ target: "#out", html: "out" });
  socket.push({ target: "#in", html: "in" });
  const texts = () => [$("#out"), ...[one, two].flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll("p")])].map((p) => p.textContent);
  equal(texts(), ["out", "", "in", ""]);
  socket.push({ target: "all .price", html: "5" });
  equal(texts(), ["out", "5", "5", "5"]);
  one.remove();
  socket.push({ target: "#in", html: "last" });
  equal(texts(), ["out", "5", "5", "last"]);
});

test("shadows: a region in a root is joined, and what comes is for it", () => {
  const { element, socket } = following();
  socket.push(message(3));
  equal([joins(socket)[0].tickets, shown(element)], [["T"], "m1 m2 m3"]);
});

test("shadows: a region in a root that comes later is joined once the root is known", async () => {
  show(`<p></p>`);
  const socket = connected();
  const element = host(region(1));
  element.shadowRoot.querySelector("li").click();
  await until(() => joins(socket).length === 1);
  answer(socket, "r.1", 2);
  equal(shown(element), "m1 m2");
});

test("shadows: a region that is put into a known root is joined", async () => {
  const { element, socket } = following();
  element.shadowRoot.append(parse(`<div wx-ticket="U"></div>`, element));
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].tickets, ["U"]);
});

test("shadows: when the host leaves the page its rooms are left, and when it returns they are joined from there", async () => {
  const { element, socket } = following();
  element.remove();
  await until(() => frames(socket, "leave").length === 1);
  $("#stage").append(element);
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].pos, { r: "r.2" });
  answer(socket, "r.2", 3);
  equal(shown(element), "m1 m2 m3");
});

test("shadows: a new connection joins from where the region is", async () => {
  const { element, socket } = following();
  socket.drop();
  await until(() => FakeSocket.last !== socket);
  const next = FakeSocket.last.accept();
  equal(joins(next)[0].pos, { r: "r.2" });
  answer(next, "r.2", 3);
  equal(shown(element), "m1 m2 m3");
});

test("shadows: a message for around a host reaches the region in it, and is not repeated by a second one", async () => {
  show(`<p></p>`);
  const element = host(`<div wx-ticket="T"><section></section></div>`);
  const inner = element.shadowRoot.querySelector("section").attachShadow({ mode: "open" });
  inner.append(parse(`<ul id="list"></ul>`, element));
  const socket = connected();
  answer(socket, "r.1", 2);
  equal(inner.textContent, "m2");
  element.shadowRoot.append(parse(`<div wx-ticket="U"></div>`, element));
  await until(() => joins(socket).length === 2);
  answer(socket, "r.1", 2, 3);
  equal(inner.textContent, "m2m3");
});

test("shadows: a region in a root is fetched anew from a page that declares the root", async () => {
  show(`<p></p>`);
  const element = host(region(1));
  const html = `<!doctype html><title>x</title><div><template shadowrootmode="open">${region(1, 2, 3)}</template></div>`;
  const fetch = async (address) => Object.defineProperty(new Response(html, { headers: { "Content-Type": "text/html" } }), "url", { value: String(address) });
  client({}, { fetch });
  const socket = FakeSocket.last.accept();
  answer(socket, "r.1");
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => shown(element) === "m1 m2 m3");
  await until(() => joins(socket).length === 2);
});

test("shadows: a region in a root without an id says that it could not be fetched", async () => {
  show(`<p></p>`);
  const element = host(`<div wx-ticket="T"></div>`);
  const fetch = async (address) => Object.defineProperty(new Response("<p>x</p>", { headers: { "Content-Type": "text/html" } }), "url", { value: String(address) });
  client({}, { fetch });
  const socket = FakeSocket.last.accept();
  answer(socket, "r.1");
  const failed = [];
  element.shadowRoot.addEventListener("wsx:reset", ({ detail }) => detail.failed && failed.push(detail.rooms));
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => failed.length === 1);
  equal([failed, $("#stage p") !== null], [[["r"]], true]);
});
