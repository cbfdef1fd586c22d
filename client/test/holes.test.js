import { equal, heard, manualTimers, test, until } from "./harness.js";
import { $, connected, FakeSocket, show } from "./page.js";

const frames = (socket, ...types) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => types.includes(frame.type));
const joins = (socket) => frames(socket, "join");
const append = (room, pos, html) => ({ target: "#t", html, swap: "beforeend", room, pos });
const byServer = (room, pos, ticket, gen = 0) => ({ type: "joined", gen, server: true, rooms: { [room]: pos }, each: [[room]], tickets: [ticket] });
const answer = (socket, each, rooms) => socket.push({ type: "joined", gen: joins(socket).at(-1).gen, rooms, each, tickets: each.map((_, i) => `fresh${i}`) });

/** The socket after the present one was lost. */
async function comeBack() {
  const count = FakeSocket.all.length;
  FakeSocket.last.drop();
  await until(() => FakeSocket.all.length > count);
  return FakeSocket.last.accept();
}

test("holes: the server's own join, told while the page asks, does not hide what the page has not seen", async () => {
  show(`<div id="t"></div>`);
  const socket = connected();
  socket.push(byServer("s", "s.1", "S1"));
  socket.push(append("s", "s.2", "2"));
  const second = await comeBack();
  second.push(byServer("s", "s.9", "S9", 1));
  const third = await comeBack();
  equal(joins(third)[0].tickets, ["S1"], "a ticket is no right to what was before it");
  equal(joins(third)[0].pos, { s: "s.2" });
});

test("holes: a room that the server has joined anew is followed although its old ticket is refused", async () => {
  show(`<div id="t"></div>`);
  const html = `<body>${document.body.innerHTML}</body>`;
  const fetch = async (url) => Object.defineProperty(new Response(html, { headers: { "Content-Type": "text/html" } }), "url", { value: String(url) });
  connected({}, { fetch }).push(byServer("s", "s.1", "S1"));
  const socket = await comeBack();
  socket.push(byServer("s", "s.9", "S9", 1));
  socket.push({ type: "reset", gen: 1, ticket: 0, after: 0 });
  await until(() => joins(socket).length === 2);
  equal(joins(socket)[1].tickets, ["S9"]);
});

test("holes: a second region whose ticket is refused takes nothing from the first one", async () => {
  show(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  const socket = connected();
  const events = heard("wsx:reset");
  answer(socket, [["r"]], { r: "r.0" });
  socket.push({ target: "#more", html: `<p id="p" wx-ticket="T"></p>` });
  await until(() => joins(socket).length === 2);
  socket.push(append("r", "r.1", "1"));
  for (const element of document.querySelectorAll("[wx-ticket]")) element.addEventListener("wsx:reset", (event) => event.preventDefault());
  socket.push({ type: "reset", gen: 2, ticket: 0, after: 0 });
  await until(() => events.length > 0);
  socket.push(append("r", "r.2", "2"));
  equal(events.map(({ detail }) => [detail.element.id, detail.rooms]), [["p", ["r"]]]);
  equal($("#t").textContent, "12");
});

test("holes: hand-over: a room that a handler joined on the old connection is joined on the new one", () => {
  show(`<div id="t"></div>`);
  const timers = manualTimers();
  const old = connected();
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  const next = FakeSocket.last.accept();
  old.push(byServer("s", "s.1", "S1"));
  equal(joins(next).map(({ tickets }) => tickets), [["S1"]]);
  old.push(append("s", "s.2", "2"));
  answer(next, [["s"]], { s: "s.1" });
  next.push(append("s", "s.2", "2"));
  next.push(append("s", "s.3", "3"));
  equal($("#t").textContent, "23");
});

test("holes: a room that the server joins again after a reset is not left with the next change of the page", async () => {
  show(`<div id="t"></div><div id="more"></div>`);
  document.addEventListener("wsx:reset", (event) => event.preventDefault(), { once: true });
  const socket = connected();
  socket.push(byServer("s", "s.1", "S1"));
  socket.push({ type: "reset", gen: 0, rooms: ["s"], fresh: ["S2"], after: 0 });
  socket.push(byServer("s", "s.5", "S5"));
  $("#more").setAttribute("wx-ticket", "A");
  await until(() => joins(socket).length === 1);
  equal(frames(socket, "leave"), []);
  answer(socket, [["a"]], { a: "a.0" });
  socket.push(append("s", "s.6", "6"));
  equal($("#t").textContent, "6");
});

test("holes: a region that comes after a hand-over gets also what the others had from the old connection", async () => {
  show(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  const old = connected();
  answer(old, [["r"]], { r: "r.0" });
  old.push({ type: "reconnect", after: 0 });
  await until(() => FakeSocket.all.length === 2);
  const next = FakeSocket.last.accept();
  old.push(append("r", "r.1", `<i id="i1">1</i>`));
  answer(next, [["r"]], { r: "r.0" });
  next.push(append("r", "r.1", `<i id="i1">1</i>`));
  next.push({ target: "#t", html: `<div id="t" wx-ticket="T"></div>`, swap: "outerHTML" });
  await until(() => joins(next).length === 2);
  answer(next, [["r"]], { r: "r.0" });
  next.push(append("r", "r.1", `<i id="i1">1</i>`));
  equal($("#t").textContent, "1");
});

/** A page of a room that only the server has joined and that is reset; of the others' regions one is kept over every morph. */
function wholePage() {
  show(`<div id="t"></div><p id="same" wx-ticket="A"></p><p id="kept" wx-ticket="K" wx-preserve></p>`);
  const html = `<body>${document.body.innerHTML}</body>`;
  const page = {};
  const fetch = (url) =>
    new Promise((resolve) => {
      page.arrive = () => resolve(Object.defineProperty(new Response(html, { headers: { "Content-Type": "text/html" } }), "url", { value: String(url) }));
    });
  page.socket = connected({}, { fetch });
  answer(page.socket, [["a"], ["k"]], { a: "a.0", k: "k.0" });
  page.socket.push(byServer("lost", "l.1", "L1", 1));
  return page;
}

test("holes: a reset that fetches the whole page takes nothing back from rooms that needed none", async () => {
  const page = wholePage();
  const { socket } = page;
  socket.push(byServer("s", "s.1", "S1", 1));
  socket.push(append("s", "s.2", "2"));
  socket.push({ type: "reset", gen: 1, rooms: ["lost"], fresh: ["L2"], after: 0 });
  await until(() => page.arrive);
  socket.push(append("s", "s.3", "3"));
  page.arrive();
  await until(() => joins(socket).length === 3);
  equal([$("#t").textContent, joins(socket)[1].tickets, joins(socket)[1].pos.s], ["", ["L2", "S1"], "s.2"]);
  equal(joins(socket)[2].tickets, ["A"], "the region that the page has as it was; not that which is kept");
});
