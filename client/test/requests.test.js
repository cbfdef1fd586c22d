import { equal, heard, manualTimers, ok, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

const codes = (events) => events.map((event) => event.detail.code);

test("request: ids are the page's name and a count", () => {
  show(`<button wx-send="a"></button>`);
  const socket = connected();
  $("button").click();
  $("button").click();
  equal(socket.requests.map((r) => r.id), ["p1-1", "p1-2"]);
});

test("request: each page load has a name of its own", () => {
  const names = [1, 2].map(() => JSON.parse(connected({}, { page: undefined }).sent[0]).page);
  ok(names[0] !== names[1] && /^[a-z0-9]{20,64}$/.test(names[0]), names.join());
});

test("request: the client answers the server's hello before its first request", () => {
  show(`<button wx-send="a"></button>`);
  client();
  $("button").click();
  const socket = FakeSocket.last.accept({ hello: false });
  equal(socket.sent, [], "waits for the hello");
  socket.push({ type: "hello", v: 1, conn: "c", ping: 25000, t: "t" });
  socket.push({ type: "hello", v: 1, conn: "c", ping: 25000, t: "t" });
  equal(socket.sent.map((text) => JSON.parse(text).type ?? "request"), ["hello", "request"]);
});

test("request: a server without hello is spoken to as the original did, after a second", () => {
  const timers = manualTimers();
  show(`<button wx-send="a" data-x="1"></button>`);
  client();
  const socket = FakeSocket.last.accept({ hello: false });
  $("button").click();
  equal(socket.sent, []);
  timers.ring(1000);
  equal(socket.sent, [`{"id":"p1-1","handler":"a","target":"body","trigger":"click","data":{"x":"1"},"swap":"innerHTML"}`]);
  socket.drop();
  timers.ring(0);
  FakeSocket.last.accept({ hello: false });
  $("button").click();
  equal(FakeSocket.last.sent.length, 1, "remembered: no second wait");
});

test("request: a late hello switches to the full protocol", () => {
  const timers = manualTimers();
  const wsx = client();
  const socket = FakeSocket.last.accept({ hello: false });
  wsx.send("a");
  timers.ring(1000);
  socket.push({ type: "hello", v: 1, conn: "c", ping: 25000, t: "t" });
  equal(socket.sent.map((text) => JSON.parse(text).type), [undefined, "hello"]);
});

test("request: an error frame is told on the sender, with its text", () => {
  show(`<div id="box"><button id="b" wx-send="save"></button></div>`);
  const socket = connected();
  const events = heard("wsx:error");
  $("#b").click();
  socket.push({ type: "error", id: "p1-1", code: "user", html: "Name &amp; date, please" });
  equal(events[0].target.id, "b");
  const html = "Name &amp; date, please";
  const { request, element, ...words } = events[0].detail;
  equal(words, { code: "user", id: "p1-1", html, text: "Name & date, please", handler: "save" });
  equal([request, element.id], [socket.requests[0], "b"]);
});

test("request: an error that cannot be parsed is told without its text", () => {
  const socket = connected();
  const events = heard("wsx:error");
  for (const name of ["innerHTML", "setHTMLUnsafe"]) {
    const refuse = () => {
      throw new TypeError("no policy");
    };
    stub(HTMLTemplateElement.prototype, name, undefined);
    Object.defineProperty(HTMLTemplateElement.prototype, name, { configurable: true, get: () => refuse, set: refuse });
  }
  socket.push({ type: "error", id: "7", code: "user", html: "x" });
  socket.push({ type: "error", id: "8", code: "user" });
  equal(events.map((e) => [e.detail.id, e.detail.html, e.detail.text]), [["7", "x", undefined], ["8", undefined, undefined]]);
});

test("request: an error about nothing that is known is told on the document", () => {
  const socket = connected();
  const events = heard("wsx:error");
  socket.push({ type: "error", id: "?", code: "bad_request" });
  const { element, ...words } = events[0].detail;
  equal(words, { code: "bad_request", id: "?", handler: "" });
  ok(element === document && events[0].target === document, "document");
});

test("request: an error whose sender has gone is told on the document", () => {
  show(`<button id="b" wx-send="save"></button>`);
  const socket = connected();
  const events = heard("wsx:error");
  $("#b").click();
  $("#b").remove();
  socket.push({ type: "error", id: "p1-1", code: "internal" });
  ok(events[0].target === document, "document");
});

test("request: an error comes after the updates that came before it", async () => {
  show(`<p id="a"></p>`);
  const socket = connected();
  const seen = [];
  heard("wsx:error").push = () => seen.push($("#a").textContent);
  socket.push({ target: "#a", html: "1", swap: "innerHTML swap:20ms" });
  socket.push({ type: "error", id: "p1-1", code: "user" });
  await until(() => seen.length === 1);
  equal(seen, ["1"]);
});

test("request: cut off after sending, it is lost and the sender is told; what was answered is not", async () => {
  show(`<button id="a" wx-send="a"></button><button id="b" wx-send="b"></button><button id="c" wx-send="c"></button>`);
  const socket = connected();
  const events = heard("wsx:error");
  for (const id of ["#a", "#b", "#c"]) $(id).click();
  socket.push({ type: "ack", id: "p1-1" });
  socket.push({ id: "p1-2", target: "#nowhere", html: "" });
  socket.drop();
  equal(events.map((e) => [e.target.id, e.detail.code, e.detail.id]), [["c", "lost", "p1-3"]]);
  await until(() => FakeSocket.all.length === 2);
  equal(FakeSocket.last.accept().requests, [], "not sent again");
});

test("request: made while offline, it is sent after the reconnect, in order", async () => {
  const wsx = client();
  FakeSocket.last.accept().drop();
  wsx.send("a");
  wsx.send("b");
  await until(() => FakeSocket.all.length === 2);
  equal(FakeSocket.last.accept().requests.map((r) => r.handler), ["a", "b"]);
});

test("request: the hundred and first that waits is refused with code queue", () => {
  const wsx = client();
  const events = heard("wsx:error");
  for (let i = 0; i < 101; i++) wsx.send("a");
  equal(codes(events), ["queue"]);
  equal(events[0].detail.id, "p1-101");
  equal(FakeSocket.last.accept().requests.length, 100);
});

test("request: when the client has given up, visitors are told at once", () => {
  const wsx = client();
  const events = heard("wsx:error");
  FakeSocket.last.accept();
  FakeSocket.last.readyState = 2;
  wsx.send("waiting");
  FakeSocket.last.drop(4403, "You have been banned");
  wsx.send("later");
  equal(codes(events), ["closed", "closed"]);
  wsx.connect();
  wsx.send("again");
  equal(FakeSocket.last.accept().requests.map((r) => r.handler), ["again"]);
});

test("request: wsx:beforeRequest bubbles and may change or refuse the request", () => {
  show(`<button id="a" wx-send="a" data-x="1"></button><button id="b" wx-send="b"></button>`);
  const socket = connected();
  const events = heard("wsx:beforeRequest");
  $("#a").addEventListener("wsx:beforeRequest", (event) => (event.detail.request.data.token = "t"));
  $("#b").addEventListener("wsx:beforeRequest", (event) => event.preventDefault());
  $("#a").click();
  $("#b").click();
  equal(socket.requests.map((r) => [r.handler, r.data]), [["a", { x: "1", token: "t" }]]);
  equal([events.length, events[0].detail.element.id, events[0].detail.request.handler], [2, "a", "a"]);
});

test("api: send(handler, options) asks without an element", () => {
  const wsx = client();
  const socket = FakeSocket.last.accept();
  equal(wsx.send("a"), "p1-1");
  wsx.send("b", { target: "#t", data: { x: [1] }, swap: "none" });
  equal(socket.requests, [
    { id: "p1-1", handler: "a", target: "body", trigger: "programmatic", data: {}, swap: "innerHTML" },
    { id: "p1-2", handler: "b", target: "#t", trigger: "programmatic", data: { x: [1] }, swap: "none" },
  ]);
});

test("api: send(handler, selector) names the target, null is nothing", () => {
  const wsx = client();
  const socket = FakeSocket.last.accept();
  wsx.send("load-dashboard", "#x");
  wsx.send("b", null);
  equal(socket.requests.map((r) => [r.handler, r.target, r.swap]), [["load-dashboard", "#x", "innerHTML"], ["b", "body", "innerHTML"]]);
});

test("api: send(object) sends the frame as it is", () => {
  const wsx = client();
  const socket = FakeSocket.last.accept();
  const events = heard("wsx:error");
  wsx.send({ id: "mine", handler: "a", extra: true });
  equal(socket.sent.at(-1), `{"id":"mine","handler":"a","extra":true}`);
  socket.drop();
  equal(events.map((e) => [e.detail.code, e.detail.id, e.detail.request.extra]), [["lost", "mine", true]]);
});

test("api: trigger(selector, data) sends what the element would, with more data", () => {
  const button = show(`<button id="b" wx-send="b" wx-target="#t" wx-data='{"a":1}' data-c="3"></button>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  wsx.trigger("#b", { b: 2, c: 4 });
  equal(socket.requests[0], { id: "p1-1", handler: "b", target: "#t", trigger: "programmatic", data: { a: 1, c: 4, b: 2 }, swap: "innerHTML" });
  equal(button.getAttribute("wx-data"), `{"a":1}`);
});

test("request: what is too large for the server fails before it is sent, and harms no other", () => {
  const form = show(`<form wx-send="echo"><textarea name="x"></textarea></form>`);
  client();
  const socket = FakeSocket.last.accept({ hello: false });
  socket.push({ type: "hello", v: 1, conn: "c1", ping: 25000, t: "t", max: 1000 });
  const events = heard("wsx:error");
  $("textarea").value = "é".repeat(600);
  form.requestSubmit();
  $("textarea").value = "é".repeat(300);
  form.requestSubmit();
  equal([events.map(({ detail }) => detail.code), socket.requests.map(({ data }) => data.x.length), socket.readyState], [["large"], [300], 1]);
});
