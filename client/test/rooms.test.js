import { captured, equal, heard, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

const frames = (socket, ...types) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => types.includes(frame.type));
const joins = (socket) => frames(socket, "join");
const append = (room, pos, html) => ({ target: "#t", html, swap: "beforeend", room, pos });

/** Answers the socket's last join: the tickets name these rooms, and all of them are joined at 0. */
function answer(socket, each, rooms = Object.fromEntries(each.flat().map((room) => [room, `${room}.0`]))) {
  const { gen } = joins(socket).at(-1);
  socket.push({ type: "joined", gen, rooms, each, tickets: each.map((_, i) => `fresh${gen}${i}`) });
}

/** A page with a region for room r, joined. */
function following(html = `<div id="t" wx-ticket="T"></div>`) {
  show(html);
  const socket = connected();
  answer(socket, [["r"]]);
  return socket;
}

/** The socket after the present one was lost. */
async function comeBack() {
  const count = FakeSocket.all.length;
  FakeSocket.last.drop();
  await until(() => FakeSocket.all.length > count);
  return FakeSocket.last.accept();
}

test("rooms: hello, one join with every ticket, then the requests, in one task", () => {
  show(`<p id="a" wx-ticket="A"></p><p id="b" wx-ticket="B"></p><p wx-ticket="A"></p>`);
  const wsx = client();
  wsx.send("x");
  const socket = FakeSocket.last.accept();
  equal(socket.sent.map((text) => JSON.parse(text).type ?? "request"), ["hello", "join", "request"]);
  equal(joins(socket), [{ type: "join", gen: 1, tickets: ["A", "B"], pos: {}, starts: true }]);
});

test("rooms: a page without tickets sends no join", () => {
  equal(joins(connected()), []);
});

test("rooms: a plain server gets no join", async () => {
  const timers = manualTimers();
  show(`<p wx-ticket="A"></p>`);
  client();
  const socket = FakeSocket.last.accept({ hello: false });
  timers.ring(1000);
  $("p").after($("p").cloneNode());
  await null; // new tickets are noticed then,
  timers.ring(0); // and looked at in a task of their own
  equal(socket.sent, []);
});

test("rooms: a new connection joins with fresh tickets, the last positions applied and the newest t", async () => {
  const socket = following();
  socket.push(append("r", "r.1", "1"));
  socket.push({ type: "ping", t: "t7" });
  const next = await comeBack();
  equal(joins(next), [{ type: "join", gen: 2, tickets: ["fresh10"], pos: { r: "r.1" }, t: "t7" }]);
  equal($("#t").getAttribute("wx-ticket"), "T");
});

test("rooms: a ping while a join is under way brings no t, and hello none", async () => {
  show(`<div id="t" wx-ticket="T"></div>`);
  connected().push({ type: "ping", t: "early" });
  equal(joins(await comeBack())[0].t, undefined);
});

test("rooms: a region that is swapped in joins without positions; several in one task by one join", async () => {
  const socket = following(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  socket.push({ target: "#more", html: `<p wx-ticket="A"></p>`, swap: "beforeend" });
  socket.push({ target: "#more", html: `<b><p wx-ticket="B"></p></b>`, swap: "beforeend" });
  await until(() => joins(socket).length > 1);
  equal(joins(socket).slice(1), [{ type: "join", gen: 2, tickets: ["A", "B"], starts: true }]);
});

test("rooms: a region that goes leaves the rooms that nobody else needs", async () => {
  show(`<p id="a" wx-ticket="A"></p><p id="b" wx-ticket="B"></p>`);
  const socket = connected();
  answer(socket, [["one", "both", "server"], ["both"]]);
  socket.push({ type: "joined", gen: 1, server: true, rooms: { server: "s.1" }, each: [["server"]], tickets: ["S"] });
  $("#a").remove();
  await until(() => frames(socket, "leave").length > 0);
  equal(frames(socket, "leave"), [{ type: "leave", gen: 2, rooms: ["one"] }]);
});

test("rooms: a region that goes before its join is answered leaves afterwards", async () => {
  show(`<p id="a" wx-ticket="A"></p>`);
  const socket = connected();
  $("#a").remove();
  await soon();
  await soon();
  equal(frames(socket, "leave"), []);
  answer(socket, [["r"]]);
  equal(frames(socket, "leave"), [{ type: "leave", gen: 2, rooms: ["r"] }]);
});

test("rooms: a move within one task neither joins nor leaves", async () => {
  const socket = following(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  const region = $("#t");
  region.remove();
  await undefined;
  $("#more").append(region);
  await soon();
  await soon();
  equal(frames(socket, "join", "leave").length, 1);
});

test("rooms: a region that was away while something came for it joins from where it was", async () => {
  const socket = following(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  const region = $("#t");
  region.remove();
  socket.push(append("r", "r.1", "<i>1</i>"));
  $("#more").append(region);
  await until(() => joins(socket).length === 2);
  equal([joins(socket)[1].tickets, joins(socket)[1].pos], [["fresh10"], { r: "r.0" }]);
  answer(socket, [["r"]]);
  socket.push(append("r", "r.1", "<i>1</i>"));
  equal(region.textContent, "1");
});

test("rooms: a region that its own room brings joins once, although the message comes again", async () => {
  const socket = following(`<div id="t" wx-ticket="T"></div>`);
  const push = { target: "#t", html: `<div id="t" wx-ticket="T">2</div>`, swap: "outerHTML", room: "r", pos: "r.2" };
  socket.push(append("r", "r.1", "1"));
  socket.push(push);
  equal(joins(socket).length, 2);
  answer(socket, [["r"]]);
  socket.push(append("r", "r.1", "1"));
  socket.push(push);
  socket.push(append("r", "r.3", "3"));
  await soon();
  await soon();
  equal([joins(socket).length, $("#t").textContent], [2, "213"]);
});

test("rooms: a region that its own room brings beside something else joins once, too", async () => {
  const socket = following(`<p id="x"></p><div id="t" wx-ticket="T"></div>`);
  const oob = [{ target: "#t", html: `<div id="t" wx-ticket="T">2</div>`, swap: "outerHTML" }];
  for (let i = 0; i < 3; i++) {
    socket.push({ target: "#x", html: "1", oob, room: "r", pos: "r.2" });
    answer(socket, [["r"]]);
    await soon();
    await soon();
  }
  equal(joins(socket).length, 2);
});

test("rooms: a region from elsewhere is brought up to date by what brought another", async () => {
  const socket = following(`<div id="t" wx-ticket="T"></div>`);
  const push = { target: "#t", html: `<div id="t" wx-ticket="T">new</div>`, swap: "outerHTML", room: "r", pos: "r.2" };
  socket.push(push);
  answer(socket, [["r"]]);
  socket.push(push);
  socket.push({ target: "#t", html: `<div id="t" wx-ticket="T">old</div>`, swap: "outerHTML" });
  await until(() => joins(socket).length === 3);
  answer(socket, [["r"]]);
  socket.push(push);
  equal($("#t").textContent, "new");
});

test("rooms: another ticket on the same element is joined", async () => {
  const socket = following();
  $("#t").setAttribute("wx-ticket", "U");
  await until(() => joins(socket).length === 2);
  equal(frames(socket, "join", "leave").slice(1).map(({ type, gen, tickets, rooms }) => [type, gen, tickets ?? rooms]), [["leave", 2, ["r"]], ["join", 3, ["U"]]]);
});

test("rooms: tickets belong to the client of their root", () => {
  show(`<div id="root"><p wx-ticket="A"></p></div><p wx-ticket="B"></p>`);
  client();
  const outer = FakeSocket.last;
  const socket = connected({ root: "#root" });
  equal([joins(socket)[0].tickets, joins(outer.accept())[0].tickets], [["A"], ["B"]]);
});

test("rooms: what comes before joined, for other rooms and after leaving is ignored", async () => {
  show(`<div id="t" wx-ticket="T"></div>`);
  const socket = connected();
  socket.push(append("r", "r.1", "early"));
  answer(socket, [["r"]]);
  socket.push(append("other", "o.1", "other"));
  socket.push(append("r", "r.1", "1"));
  socket.push({ type: "batch", updates: [append("other", "o.2", "other"), append("r", "r.2", "2"), { target: "#t", html: "3", swap: "beforeend" }] });
  const next = await comeBack();
  next.push(append("r", "r.3", "early"));
  answer(next, [["r"]]);
  next.push({ type: "left", rooms: ["r"] });
  next.push(append("r", "r.3", "late"));
  equal($("#t").textContent, "123");
});

test("rooms: after left the position is forgotten", async () => {
  const socket = following();
  socket.push({ type: "joined", gen: 1, server: true, rooms: { s: "s.1" }, each: [["s"]], tickets: ["S"] });
  socket.push({ type: "left", rooms: ["r", "s"] });
  const [join] = joins(await comeBack());
  equal([join.tickets, join.pos], [["fresh10"], {}]);
});

test("rooms: while a second region asks, the first one takes what comes, and its replay is for the second one alone", async () => {
  const socket = following(`<div id="t" wx-ticket="T"><p></p></div><div id="more"></div>`);
  socket.push({ target: "#more", html: `<div wx-ticket="T"><p></p></div>` });
  await until(() => joins(socket).length === 2);
  socket.push({ ...append("r", "r.1", "1"), target: "all p" });
  equal($("#more").textContent, "");
  answer(socket, [["r"]]);
  for (const n of [1, 2]) socket.push({ ...append("r", `r.${n}`, n), target: "all p" });
  equal([$("#t").textContent, $("#more").textContent], ["12", "12"]);
});

test("rooms: an answer to an older join does not count for a region that has asked after it", async () => {
  show(`<div id="t" wx-ticket="T"></div><div id="more"></div>`);
  const socket = connected();
  const { gen } = joins(socket)[0];
  answer(socket, [["r"]]);
  socket.push({ target: "#more", html: `<p wx-ticket="T"></p>` });
  await until(() => joins(socket).length === 2);
  socket.push({ type: "joined", gen, rooms: { r: "r.0" }, each: [["r"]], tickets: [""] });
  socket.push({ ...append("r", "r.1", "ignored"), target: "#more p" });
  equal($("#more").textContent, "");
});

test("rooms: a position counts when its update was applied, after the swap's delay, target or not", async () => {
  const socket = following();
  let now = performance.now();
  stub(performance, "now", () => now);
  socket.push({ ...append("r", "r.1", ""), target: "#nowhere" });
  socket.push({ ...append("r", "r.2", "2"), oob: [{ target: "#t", html: "oob", swap: "beforeend swap:60ms" }] });
  const first = await comeBack();
  equal(joins(first)[0].pos, { r: "r.1" });
  now += 1000;
  await until(() => $("#t").textContent === "2oob");
  answer(first, [["r"]]);
  first.push(append("r", "r.2", "again"));
  first.push({ type: "batch", updates: [append("r", "r.3", "3"), append("r", "r.3", "3b")] });
  equal($("#t").textContent, "2oob33b");
  equal(joins(await comeBack())[0].pos, { r: "r.3" });
});

test("rooms: pos frames move the positions in order with the updates", async () => {
  const socket = following();
  const timers = manualTimers();
  socket.push({ ...append("r", "r.1", "1"), swap: "beforeend swap:1s" });
  socket.push({ type: "pos", rooms: { r: "r.5", other: "o.1" } });
  socket.drop();
  timers.ring(0);
  equal(joins(FakeSocket.last.accept())[0].pos, { r: "r.0" });
  FakeSocket.last.drop();
  timers.ring(timers.delays.find((delay) => delay > 900 && delay <= 1000));
  timers.ring(0);
  equal(joins(FakeSocket.last.accept())[0].pos, { r: "r.5" });
});

test("rooms: hand-over: the old connection counts until joined, and nothing is shown twice", async () => {
  const old = following();
  const timers = manualTimers();
  old.push(append("r", "r.1", "1"));
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  const next = FakeSocket.last.accept();
  equal(joins(next)[0].pos, { r: "r.1" });
  old.push(append("r", "r.2", "2"));
  old.push({ type: "batch", updates: [append("r", "r.3", "3")] });
  next.push(append("r", "r.2", "too early"));
  answer(next, [["r"]], { r: "r.1" });
  old.push(append("r", "r.4", "too late"));
  for (const n of [2, 3, 4]) next.push(append("r", `r.${n}`, n));
  equal($("#t").textContent, "1234");
});

test("rooms: what the server joined by itself is joined again with its ticket", async () => {
  show(`<div id="t"></div>`);
  const socket = connected();
  socket.push({ type: "joined", gen: 0, server: true, rooms: { s: "s.1" }, each: [["s"]], tickets: ["S1"] });
  socket.push(append("s", "s.2", "2"));
  socket.push({ type: "joined", gen: 0, server: true, rooms: { s: "s.2" }, each: [["s"]], tickets: ["S2"] });
  const next = await comeBack();
  equal([$("#t").textContent, joins(next)[0].tickets, joins(next)[0].pos], ["2", ["S2"], { s: "s.2" }]);
  next.push({ type: "joined", gen: 1, server: true, rooms: { s: "s.9" }, each: [["s"]], tickets: ["S3"] });
  next.push(append("s", "s.9", "ignored: the join is under way"));
  answer(next, [["s"]], { s: "s.2" });
  next.push(append("s", "s.3", "3"));
  equal($("#t").textContent, "23");
});

test("rooms: a page from the browser's cache joins with its positions", () => {
  const socket = following();
  socket.push(append("r", "r.1", "1"));
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal(joins(FakeSocket.last.accept())[0].pos, { r: "r.1" });
});

test("rooms: frames with anything in them break nothing", () => {
  const socket = following();
  const events = heard("wsx:reset");
  captured("error");
  for (const type of ["joined", "reset", "left", "pos"]) {
    for (const odd of [undefined, null, 1, "x", {}, [null], [["r", 1]]]) socket.push({ type, gen: -1, rooms: odd, tickets: odd, each: odd, after: odd });
  }
  socket.push({ ...append({}, [], "x") });
  socket.push(append("r", "r.1", "1"));
  equal([$("#t").textContent, events.length], ["1", 0]);
  ok(FakeSocket.all.length === 1, "still there");
});

test("rooms: a ticket inside wx-ignore does not count", () => {
  show(`<div wx-ignore><p wx-ticket="A"></p></div><p wx-ticket="B"></p>`);
  equal(joins(connected()).map(({ tickets }) => tickets), [["B"]]);
});
