import { WSX } from "../src/core/client.js";
import { parse } from "../src/core/html.js";
import { captured, equal, heard, manualTimers, ok, soon, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

// A position belongs to the element that shows it.

WSX.swaps["x-dress"] = (target) => void (target.className = "dressed");

const frames = (socket, ...types) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => types.includes(frame.type));
const joins = (socket) => frames(socket, "join");
const item = (n) => `<li id="m${n}">m${n}</li>`;
const region = (ticket, ...items) => `<div id="region" wx-ticket="${ticket}"><ul id="list">${items.map(item).join("")}</ul></div>`;
const fresh = (html) => parse(html, null).firstElementChild;
const message = (n, html = item(n)) => ({ target: "#list", html, swap: "beforeend", room: "r", pos: `r.${n}` });
const shown = () => [...$("#list").children].map((li) => li.textContent).join(" ");
const texts = (selector) => $(selector).textContent;

/** Says that the last join starts at this position, and sends what follows. */
function answer(socket, at, ...messages) {
  const { gen, tickets } = joins(socket).at(-1);
  socket.push({ type: "joined", gen, rooms: { r: at }, each: tickets.map(() => ["r"]), tickets: tickets.map((_, i) => `fresh${gen}${i}`) });
  for (const n of messages) socket.push(message(n));
}

/** A page that was rendered with m1, joined, and has been sent m2 and m3. */
function following() {
  show(region("T", 1));
  const socket = connected();
  answer(socket, "r.1", 2, 3);
  return socket;
}

/** The socket after the present one was lost. */
async function comeBack() {
  const count = FakeSocket.all.length;
  FakeSocket.last.drop();
  await until(() => FakeSocket.all.length > count);
  return FakeSocket.last.accept();
}

test("positions: a region made anew from the same html while there is no connection starts where its ticket does", async () => {
  following().drop();
  $("#region").replaceWith(fresh(region("T", 1)));
  const count = FakeSocket.all.length;
  await until(() => FakeSocket.all.length > count || FakeSocket.last.readyState === 0);
  const socket = FakeSocket.last.accept();
  equal(joins(socket), [{ type: "join", gen: 2, tickets: ["T"], pos: {} }]);
  answer(socket, "r.1", 2, 3, 4, 5);
  equal(shown(), "m1 m2 m3 m4 m5");
});

test("positions: a region that comes just before the connection is lost starts where its ticket does", async () => {
  const socket = following();
  $("#region").replaceWith(fresh(region("T", 1)));
  await until(() => joins(socket).length === 2);
  const next = await comeBack();
  equal([joins(next)[0].tickets, joins(next)[0].pos], [["T"], {}]);
  answer(next, "r.1", 2, 3, 4);
  equal(shown(), "m1 m2 m3 m4");
});

test("positions: no message goes into a region that came in the same task before its join is answered", async () => {
  const socket = following();
  $("#region").replaceWith(fresh(region("U", 1)));
  socket.push(message(4));
  equal([shown(), joins(socket).at(-1).tickets], ["m1", ["U"]]);
  socket.push(message(5));
  answer(socket, "r.1", 2, 3, 4, 5, 6);
  await until(() => shown() === "m1 m2 m3 m4 m5 m6");
});

test("positions: a region whose ticket and children were set is a new one, even with the same ticket", async () => {
  const socket = following();
  await soon();
  const html = fresh(region("T", 1));
  $("#region").setAttribute("wx-ticket", "T");
  $("#list").replaceWith(html.firstElementChild);
  socket.push(message(4));
  equal([shown(), joins(socket).length], ["m1", 2]);
  answer(socket, "r.1", 2, 3, 4, 5);
  await until(() => shown() === "m1 m2 m3 m4 m5");
});

test("positions: a region that only loses its attribute shows what it did, and bears it again", async () => {
  const socket = following();
  await soon();
  $("#region").removeAttribute("wx-at");
  await until(() => $("#region").getAttribute("wx-at") === `{"r":"r.3"}`);
  $("#region").removeAttribute("wx-at");
  socket.push(message(4));
  equal([joins(socket).length, shown()], [1, "m1 m2 m3 m4"]);
});

for (const [what, change] of Object.entries({
  "a text in it": () => ($("#m3").firstChild.data = "other"),
  "an element in it": () => $("#m3").remove(),
  "an attribute in it": () => $("#list").setAttribute("class", "x"),
  "another attribute": () => $("#region").setAttribute("title", "x"),
})) {
  test(`positions: a region that loses its attribute and ${what} is a new one`, async () => {
    const socket = following();
    await soon();
    $("#region").removeAttribute("wx-at");
    change();
    await until(() => joins(socket).length === 2);
    equal(joins(socket)[1].tickets, ["T"]);
  });
}

test("positions: a region that loses its attribute and a class is a new one only if the server has given it the class", async () => {
  const socket = following();
  $("#region").className = "swapping"; // as libraries do while they swap
  await soon();
  $("#region").removeAttribute("wx-at");
  $("#region").removeAttribute("class");
  await until(() => $("#region").hasAttribute("wx-at"));
  equal(joins(socket).length, 1);
  socket.push({ ...message(4), target: "#region", swap: "x-dress" });
  await soon();
  $("#region").removeAttribute("wx-at");
  $("#region").removeAttribute("class");
  await until(() => joins(socket).length === 2);
});

test("positions: a region that the server's own answer brings shows what was read for it, and what follows", async () => {
  const socket = following();
  socket.push({ target: "#region", html: region("U", 1, 2), swap: "outerMorph" });
  socket.push(message(4));
  answer(socket, "r.2", 3, 4, 5);
  await until(() => shown() === "m1 m2 m3 m4 m5");
});

test("positions: an answer that makes a region anew with its old ticket, in one task with updates, is replayed to", async () => {
  const socket = following();
  socket.push({ target: "#region", html: region("T", 1), swap: "outerMorph" });
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].tickets, ["T"]);
  answer(socket, "r.1", 2, 3, 4);
  await until(() => shown() === "m1 m2 m3 m4");
});

test("positions: a node that was away when its join was answered starts where its own ticket does", async () => {
  show(region("T", 1));
  const socket = connected();
  const node = $("#region");
  node.remove();
  socket.push(message(2)); // the page is looked at before it
  answer(socket, "r.0");
  $("#stage").append(node);
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].tickets, ["T"]);
});

/** A page with two regions whose connection is being replaced: one shows m1 by its ticket, and the other one asks from m0. */
async function handOver() {
  show(`<div id="one" wx-ticket="T"><p>1</p></div><div id="more"></div>`);
  const old = connected();
  answer(old, "r.1");
  old.push({ type: "reconnect", after: 0 });
  await until(() => FakeSocket.all.length === 2);
  return [old, FakeSocket.last];
}

test("positions: what a replaced socket is asked to send again is not for the regions that still follow it", async () => {
  const [old, next] = await handOver();
  next.accept();
  old.push({ type: "joined", gen: 9, rooms: { r: "r.0" }, each: [["r"]], tickets: ["N"], starts: [["r.0"]], sent: { r: "r.1x" } });
  for (const n of [0, 1]) old.push({ ...message(n, n), target: "all p" });
  old.push({ type: "pos", rooms: { r: "r.1x" } });
  old.push({ ...message(2, 2), target: "all p" });
  equal(texts("#one"), "12");
});

test("positions: a region does not wait for the end of a replay that a reset has ended", async () => {
  const socket = following();
  const come = async (ticket, count) => {
    $("#stage").append(fresh(`<div wx-ticket="${ticket}"></div>`));
    await until(() => joins(socket).length === count);
  };
  const joined = (gen, sent) => socket.push({ type: "joined", gen, rooms: { r: "r.1" }, each: [["r"]], tickets: [`F${gen}`], starts: [["r.1"]], sent });
  await come("T", 2);
  joined(2, { r: "r.3x" });
  await come("X", 3);
  await come("T", 4);
  socket.push({ type: "reset", gen: 3, rooms: ["r"], tickets: [0], after: 100_000 });
  joined(4, {});
  for (const n of [2, 3, 4]) socket.push(message(n));
  equal(shown(), "m1 m2 m3 m4");
});

test("positions: nothing is asked over a new socket before the server greets", async () => {
  const [, next] = await handOver();
  next.accept({ hello: false });
  $("#more").append(fresh(`<div wx-ticket="U"><p></p></div>`));
  for (let i = 0; i < 3; i++) await soon(); // the page is looked at in a task of its own
  equal(joins(next), []);
  next.push({ type: "hello", v: 1, conn: "c2", ping: 25000, t: "t" });
  equal(joins(next).flatMap(({ tickets }) => tickets).sort(), ["U", "fresh10"]);
});

test("positions: what is replayed for a second region is not repeated in the first one, nor made anew", async () => {
  show(`<div id="one" wx-ticket="T"><p></p></div><div id="more"></div>`);
  const socket = connected();
  const send = (n) => socket.push({ ...message(n, `<i>${n}</i>`), target: "all p" });
  answer(socket, "r.0");
  for (const n of [1, 2]) send(n);
  const [first] = $("#one p").children;
  $("#more").append(fresh(`<div wx-ticket="T"><p></p></div>`));
  await until(() => joins(socket).length === 2);
  answer(socket, "r.0");
  for (const n of [1, 2, 3]) send(n);
  await until(() => texts("#more") === "123");
  equal(texts("#one"), "123");
  ok($("#one p").firstChild === first, "the same node");
});

test("positions: a second region that is older than the page lets the first one wait for the place where it starts", async () => {
  show(`<div id="one" wx-ticket="T"><p>12</p></div><div id="more"></div>`);
  const socket = connected();
  const send = (n) => socket.push({ ...message(n, n), target: "all p" });
  answer(socket, "r.2");
  $("#more").append(fresh(`<div wx-ticket="Old"><p></p></div>`));
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].starts, true);
  socket.push({ type: "joined", gen: 2, rooms: { r: "r.0" }, each: [["r"]], tickets: ["N"], starts: [["r.0"]], sent: { r: "r.2x" } });
  for (const n of [1, 2]) send(n);
  socket.push({ type: "pos", rooms: { r: "r.2x" } });
  send(3);
  equal([texts("#one"), texts("#more")], ["123", "123"]);
});

test("positions: the same node out and in again shows what it showed", async () => {
  const socket = following();
  for (const li of $("#list").children) li.removeAttribute("id");
  const node = $("#region");
  node.remove();
  await until(() => frames(socket, "leave").length === 1);
  $("#stage").append(node);
  await until(() => joins(socket).length === 2);
  equal([joins(socket)[1].tickets, joins(socket)[1].pos, joins(socket)[1].t], [["fresh10"], { r: "r.3" }, undefined]);
  answer(socket, "r.3");
  socket.push(message(4, "<li>m4</li>"));
  await until(() => shown() === "m1 m2 m3 m4");
});

test("positions: a node that was away may not vouch for that time with the clock", async () => {
  const socket = following();
  const node = $("#region");
  node.remove();
  await until(() => frames(socket, "leave").length === 1);
  socket.push({ type: "ping", t: "later" });
  socket.drop();
  $("#stage").append(node);
  await until(() => FakeSocket.all.length === 2);
  equal(joins(FakeSocket.last.accept()).map(({ pos, t }) => [pos, t]), [[{ r: "r.3" }, undefined]]);
});

test("positions: a copy carries them, and goes on from there", async () => {
  const socket = following();
  await soon();
  equal($("#region").getAttribute("wx-at"), `{"r":"r.3"}`);
  const copy = $("#region").cloneNode(true);
  socket.push(message(4));
  $("#region").replaceWith(copy);
  await until(() => joins(socket).length === 2);
  equal([joins(socket)[1].tickets, joins(socket)[1].pos], [["T"], { r: "r.3" }]);
  answer(socket, "r.3", 4, 5);
  equal(shown(), "m1 m2 m3 m4 m5");
});

test("positions: two copies of different age ask each for itself", async () => {
  const socket = following();
  await soon();
  const old = $("#region").cloneNode(true);
  socket.push(message(4));
  await soon();
  const newer = $("#region").cloneNode(true);
  $("#region").replaceWith(old, newer);
  await until(() => joins(socket).length === 3);
  equal(joins(socket).slice(1).map(({ tickets, pos }) => [tickets, pos]), [[["T"], { r: "r.3" }], [["T"], { r: "r.4" }]]);
});

test("positions: pages that change without loading keep their order, forth and back", async () => {
  show(region("A", 1));
  const socket = connected();
  answer(socket, "r.1", 2);
  await soon();
  const first = $("#region").cloneNode(true);
  $("#region").replaceWith(fresh(region("B", 1, 2)));
  socket.push(message(3));
  answer(socket, "r.2", 3, 4);
  await until(() => shown() === "m1 m2 m3 m4");
  $("#region").replaceWith(first);
  socket.push(message(5));
  equal(joins(socket).at(-1).pos, { r: "r.2" });
  answer(socket, "r.2", 3, 4, 5, 6);
  await until(() => shown() === "m1 m2 m3 m4 m5 m6");
});

test("positions: what is held back when the connection is cut is replayed, not shown", async () => {
  const socket = following();
  $("#stage").append(fresh(`<p wx-ticket="X"></p>`));
  socket.push(message(4));
  equal(shown(), "m1 m2 m3");
  const next = await comeBack();
  equal(joins(next)[0].pos, { r: "r.3" });
  const { gen } = joins(next)[0];
  next.push({ type: "joined", gen, rooms: { r: "r.3", x: "x.1" }, each: [["r"], ["x"]], tickets: ["a", "b"] });
  for (const n of [4, 5]) next.push(message(n));
  await until(() => shown() === "m1 m2 m3 m4 m5");
});

/** A socket whose server takes messages of at most this length. */
function greet(max) {
  const socket = FakeSocket.last.accept({ hello: false });
  socket.push({ type: "hello", v: 1, conn: "c1", ping: 25000, t: "t", max });
  return socket;
}

test("positions: joins are as long as the server allows, also with positions", async () => {
  const names = Array.from({ length: 128 }, (_, i) => String(i).padEnd(255, "n"));
  show(names.map((name) => `<p wx-ticket="${name.repeat(2)}"></p>`).join(""));
  client();
  const socket = greet(undefined);
  ok(joins(socket).length > 1, "more than one");
  for (const { gen, tickets } of joins(socket)) {
    const each = tickets.map((ticket) => [ticket.slice(0, 255)]);
    socket.push({ type: "joined", gen, rooms: Object.fromEntries(each.map(([name]) => [name, "at"])), each, tickets });
  }
  socket.push({ type: "ping", t: "t1" });
  socket.drop();
  await until(() => FakeSocket.all.length === 2);
  const next = greet(20_000);
  ok(next.sent.every((text) => text.length <= 20_000), "short enough");
  equal(joins(next).flatMap(({ tickets }) => tickets).length, 128);
  ok(joins(next).every(({ tickets, pos, t }) => Object.keys(pos).length === tickets.length && t === "t1"), "each with its own positions");
});

test("positions: a join that is too long for the server is not sent again, which is told once", async () => {
  const lines = captured("error");
  show(`<p wx-ticket="A"></p>`);
  const events = heard("wsx:reset");
  client();
  for (let i = 0; i < 3; i++) {
    const socket = FakeSocket.last.accept();
    equal(joins(socket).length, i === 0 ? 1 : 0);
    const count = FakeSocket.all.length;
    socket.drop(1009);
    await until(() => FakeSocket.all.length > count);
  }
  equal([events.map(({ detail }) => detail.failed), lines.length], [[true], 1]);
});

test("positions: two tickets that are too long together are sent apart", async () => {
  show(`<p wx-ticket="A"></p><p wx-ticket="B"></p>`);
  client();
  FakeSocket.last.accept().drop(1009);
  await until(() => FakeSocket.all.length === 2);
  equal(joins(FakeSocket.last.accept()).map(({ tickets }) => tickets), [["A"], ["B"]]);
});

test("positions: more rooms than the server allows are told once, and nothing is fetched", async () => {
  const lines = captured("error");
  let fetched = 0;
  show(`<p wx-ticket="A"></p><p id="b" wx-ticket="B"></p><p id="c" wx-ticket="C"></p>`);
  const timers = manualTimers();
  const events = heard("wsx:reset");
  client({}, { fetch: () => (fetched++, Promise.reject(new Error("not wanted"))) });
  const refuse = (socket) => {
    const { gen } = joins(socket)[0];
    for (const [i, room] of [[1, "b"], [2, "c"]]) socket.push({ type: "reset", gen, rooms: [room], tickets: [i], after: 0, limit: 1 });
    socket.push({ type: "joined", gen, rooms: { a: "a.1" }, each: [["a"], ["b"], ["c"]], tickets: ["a", "b", "c"] });
  };
  refuse(FakeSocket.last.accept());
  FakeSocket.last.drop();
  timers.ring(0);
  refuse(FakeSocket.last.accept());
  while (timers.delays.includes(0)) timers.ring(0);
  equal([events.map(({ detail }) => [detail.element.id, detail.failed]), lines.length, fetched], [[["b", true], ["c", true]], 1, 0]);
});

test("positions: a page whose rooms cannot be followed for lack of the file says so, and sends its requests", async () => {
  const { ways } = await import("../src/core/swaps.js");
  const { Rooms } = ways;
  delete ways.Rooms;
  try {
    captured("error");
    const events = heard("wsx:reset");
    show(region("T", 1));
    const wsx = client({}, { morph: () => Promise.reject(new Error("gone")) });
    wsx.send("x");
    const socket = FakeSocket.last.accept();
    await until(() => socket.requests.length === 1);
    equal([events.map(({ detail }) => [detail.element.id, detail.failed]), joins(socket)], [[["region", true]], []]);
    socket.push(message(2));
    equal(shown(), "m1");
  } finally {
    ways.Rooms = Rooms;
  }
});

test("positions: what the server says about rooms waits for the file, in order", async () => {
  const { ways } = await import("../src/core/swaps.js");
  const all = { ...ways };
  delete ways.Rooms;
  let bring;
  show(`<ul id="list"></ul>`);
  const socket = connected({}, { morph: () => new Promise((resolve) => (bring = () => resolve(all))) });
  equal(bring, undefined);
  socket.push({ type: "joined", gen: 0, server: true, rooms: { r: "r.0" }, each: [["r"]], tickets: ["S"] });
  socket.push(message(1));
  socket.push({ target: "#list", html: "<li>reply</li>", swap: "beforeend" });
  equal(shown(), "");
  bring();
  await until(() => shown() === "m1 reply");
  equal(joins(await comeBack()).map(({ tickets, pos }) => [tickets, pos]), [[["S"], { r: "r.1" }]]);
});
