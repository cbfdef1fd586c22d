import { captured, equal, heard, ok, soon, test } from "./harness.js";
import { $, ack, codes, FakeSocket, handlers, outcomes, page, refuse, reply, type } from "./page.js";

test("wx-sync=drop: while one is under way others are ignored", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="drop"></button>`);
  const [errors, before] = [heard("wsx:error"), heard("wsx:beforeRequest")];
  $("#b").click();
  $("#b").click();
  equal([handlers(socket), errors.length, before.length], [["a"], 0, 1]);
  ack(socket, 1);
  $("#b").click();
  equal(handlers(socket), ["a", "a"]);
});

test("wx-sync=replace: the older answer is ignored whatever it brings, and the older request is over", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="replace"></button><p id="t"></p>`);
  const [errors, over] = [heard("wsx:error"), heard("wsx:afterRequest")];
  $("#b").click();
  $("#b").click();
  equal([outcomes(over), $("#b").className], [["replaced"], "wx-pending"]);
  reply(socket, 1, "old", "#t", "beforeend");
  equal([$("#t").textContent, $("#b").className], ["", "wx-pending"]);
  reply(socket, 2, "new", "#t", "beforeend");
  equal([$("#t").textContent, $("#b").className, errors.length, outcomes(over)], ["new", "", 0, ["replaced", "success"]]);
});

test("wx-sync=replace: what was not sent yet leaves the queue", async () => {
  const { wsx } = await page(`<input id="i" wx-send="a" wx-sync="replace">`);
  FakeSocket.last.drop();
  for (const value of ["a", "ab", "abc"]) type($("#i"), value);
  wsx.reconnect();
  equal(FakeSocket.last.accept().requests.map((r) => r.data.value), ["abc"]);
});

test("wx-sync=replace: a new request that the page refuses replaces nothing", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="replace"></button><p id="t"></p>`);
  $("#b").click();
  $("#b").addEventListener("wsx:beforeRequest", (event) => event.preventDefault());
  $("#b").click();
  reply(socket, 1, "old");
  equal($("#t").textContent, "old");
});

test("wx-sync=queue: one goes after another, in the order of the events, with the data of each event", async () => {
  const { socket } = await page(`<input id="i" wx-send="a" wx-sync="queue">`);
  const told = [];
  for (const name of ["wsx:beforeRequest", "wsx:afterRequest"]) heard(name).push = ({ detail }) => told.push(name.slice(4, 10) + detail.request.id);
  for (const value of ["a", "b", "c"]) type($("#i"), value);
  const sent = () => socket.requests.map((r) => r.data.value).join("");
  equal(sent(), "a");
  refuse(socket, 1);
  await soon();
  equal(sent(), "ab");
  ack(socket, 2);
  await soon();
  equal(sent(), "abc");
  equal(told, ["beforep1-1", "afterRp1-1", "beforep1-2", "afterRp1-2", "beforep1-3"]);
});

test("wx-sync=queue last: of those that wait only the newest is kept", async () => {
  const { socket } = await page(`<input id="i" wx-send="a" wx-sync="queue last">`);
  for (const value of ["a", "b", "c"]) type($("#i"), value);
  ack(socket, 1);
  await soon();
  ack(socket, 3);
  await soon();
  equal(socket.requests.map((r) => r.data.value), ["a", "c"]);
});

test("wx-sync=queue: one that the page refuses holds up nobody, and the hundred and first is refused", async () => {
  const { socket, wsx } = await page(`<button id="b" wx-send="a" wx-sync="queue"></button>`);
  const errors = heard("wsx:error");
  $("#b").click();
  $("#b").addEventListener("wsx:beforeRequest", (event) => event.preventDefault(), { once: true });
  for (let i = 0; i < 101; i++) equal(wsx.trigger("#b"), undefined);
  equal(codes(errors), ["queue"]);
  ack(socket, 1);
  await soon();
  equal(socket.requests.map(({ id }) => id), ["p1-1", "p1-3"]);
});

test("wx-sync: a selector names the element that shares the turn", async () => {
  const { socket } = await page(`<form wx-send="f" wx-sync="this:drop"><input wx-send="i"><button></button></form>
    <div wx-sync="drop"><button class="own" wx-send="x"></button><button class="own" wx-send="y"></button></div>`);
  type($("#stage input"), "x");
  $("#stage form button").click();
  for (const button of document.querySelectorAll("#stage .own")) button.click();
  equal(handlers(socket), ["i", "x", "y"]);
});

test("wx-sync: what cannot be read is told, and the request is sent", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="abort"></button>`);
  $("#b").click();
  equal(handlers(socket), ["a"]);
  ok(warnings[0].includes("abort"), warnings[0]);
});

test("wx-sync: with wx-confirm a second event while one is under way asks nothing", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="drop" wx-confirm="Sure?"></button>`);
  const asked = heard("wsx:confirm");
  $("#b").addEventListener("wsx:confirm", (event) => event.detail.proceed());
  $("#b").click();
  $("#b").click();
  equal([handlers(socket), asked.length], [["a"], 1]);
});

test("wx-sync=queue: one that cannot be made, because its data are no JSON, holds up nobody", async () => {
  const told = captured("error");
  const { socket } = await page(`<button id="b" wx-send="a" wx-sync="queue"></button>`);
  $("#b").click();
  $("#b").addEventListener("wsx:beforeRequest", ({ detail }) => (detail.request.data.x = 1n), { once: true });
  $("#b").click();
  $("#b").click();
  ack(socket, 1);
  await soon();
  equal([socket.requests.map(({ id }) => id), told.length], [["p1-1", "p1-3"], 1]);
});
