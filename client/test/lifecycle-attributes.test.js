import { captured, equal, heard, manualTimers, ok, soon, test, until } from "./harness.js";
import { $, connected, FakeSocket, page, show, type } from "./page.js";

const handlers = (socket) => socket.requests.map((request) => request.handler);
const outcomes = (events) => events.map(({ detail: { success, code } }) => (success ? "success" : code));
const codes = (events) => events.map((event) => event.detail.code);

const ack = (socket, n) => socket.push({ type: "ack", id: `p1-${n}` });
const refuse = (socket, n, html) => socket.push({ type: "error", id: `p1-${n}`, code: html ? "user" : "internal", html });
const reply = (socket, n, html, target = "#t", swap = "innerHTML") => socket.push({ id: `p1-${n}`, target, html, swap });

// wx-validate.

test("wx-validate: what the browser would not submit is not sent, and nothing is told", async () => {
  const { socket } = await page(`<form id="f" wx-send="f" wx-trigger="change" wx-validate><input name="n" required></form>
    <form><input required><button id="b" type="button" wx-send="b" wx-validate></button></form>
    <input id="i" wx-send="i" wx-validate pattern="\\d+">`);
  const errors = heard("wsx:error");
  const over = heard("wsx:afterRequest");
  const change = () => $("#f").dispatchEvent(new Event("change", { bubbles: true }));
  change();
  $("#b").click();
  type($("#i"), "x");
  equal([handlers(socket), errors.length, over.length], [[], 0, 0]);
  for (const input of document.querySelectorAll("#stage [required]")) input.value = "1";
  change();
  $("#b").click();
  type($("#i"), "7");
  equal(handlers(socket), ["f", "b", "i"]);
});

test("wx-validate: a button with formnovalidate sends what there is", async () => {
  const { socket } = await page(`<form wx-send="f" wx-validate><input required name="n"><button formnovalidate></button></form>`);
  $("#stage button").click();
  equal(handlers(socket), ["f"]);
});

// wx-include.

test("wx-include: fields, forms and what stands around them go along, under the sender's own data", async () => {
  const { socket } = await page(`<input id="q" name="q" value="1"><form id="g"><input name="a" value="2"><input name="own" value="no"></form>
    <div id="d"><input type="checkbox" name="tag" value="x" checked><input type="checkbox" name="tag" value="y" checked>
      <input type="checkbox" name="tag" value="z"><input name="off" disabled value="1"><input value="nameless"></div>
    <p wx-include="#q, #g, :is(#d, #nothing)"><button wx-send="a" data-own="yes"></button></p>`);
  $("#stage button").click();
  equal(socket.requests[0].data, { q: "1", a: "2", own: "yes", tag: ["x", "y"] });
});

test("wx-include: form is the form around the sender, value and name are the sender's own", async () => {
  const { socket } = await page(`<form><input name="a" value="1"><button id="b" type="button" name="n" value="v" wx-send="a" wx-include="form"></button></form>
    <button id="c" name="n" value="v" wx-send="c" wx-include="name,value"></button>`);
  $("#b").click();
  $("#c").click();
  equal(socket.requests.map((r) => r.data), [{ a: "1" }, { name: "n", value: "v" }]);
});

test("wx-include: selectors may be relative to the sender", async () => {
  const { socket } = await page(`<ul><li><input name="a" value="1"><button wx-send="a" wx-include="closest li"></button><input name="b" value="2"></li></ul>
    <div wx-include="this"><input name="c" value="3"><button wx-send="b"></button></div>
    <input name="d" value="4"><button wx-send="c" wx-include="previous, next [name]"></button><p></p><input name="e" value="5">`);
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal(socket.requests.map((r) => r.data), [{ a: "1", b: "2" }, { c: "3" }, { d: "4", e: "5" }]);
});

test("wx-include: a selector that cannot be read is told and left out", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<input id="q" name="q" value="1"><button wx-send="a" wx-include="p[, #q, p:, #q"></button>`);
  $("#stage button").click();
  equal(handlers(socket), ["a"]);
  ok(warnings[0].includes("selector"), warnings[0]);
});

// wx-headers.

test("wx-headers: those of all ancestors are merged, the nearest wins", async () => {
  const { socket } = await page(`<div wx-headers='{"a":"far","b":"far"}'><p wx-headers='{"b":"near"}'><button wx-send="a" data-x="1"></button></p></div>`);
  $("#stage button").click();
  equal(socket.requests[0].data, { headers: { a: "far", b: "near" }, x: "1" });
});

test("wx-headers: what is not JSON is told, and the sender's own headers win", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<div wx-headers='{"a":1}'><p wx-headers='{a:1}'><button wx-send="a"></button>
    <button wx-send="b" wx-data='{"headers":"mine"}'></button></p></div>`);
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal(socket.requests.map((r) => r.data), [{ headers: { a: 1 } }, { headers: "mine" }]);
  ok(warnings[0].includes("{a:1}"), warnings[0]);
});

// wx-disable.

test("wx-disable: a form's submit buttons are disabled while it is under way, and its data is complete", async () => {
  const { socket } = await page(`<form wx-send="f" wx-disable><fieldset><input name="n" value="1"><button id="s" name="by" value="s">s</button>
    <button id="d" disabled></button><input id="i" type="image" alt=""><button id="o" type="button"></button></fieldset></form>`);
  const disabled = () => [...document.querySelectorAll("#stage :disabled")].map(({ id }) => id);
  $("#s").focus();
  $("#s").click();
  equal([socket.requests[0].data, disabled()], [{ n: "1", by: "s" }, ["s", "d", "i"]]);
  ack(socket, 1);
  equal([disabled(), document.activeElement.id, $("#s").outerHTML], [["d"], "s", `<button id="s" name="by" value="s">s</button>`]);
});

test("wx-disable: a selector disables others, even a fieldset with the fields that are sent", async () => {
  const { socket } = await page(`<form wx-send="f" wx-disable="find fieldset, #x"><fieldset><input name="n" value="1"><button id="s"></button></fieldset></form>
    <input id="x">`);
  $("#s").click();
  equal([socket.requests[0].data, $("#s").matches(":disabled"), $("#x").disabled], [{ n: "1" }, true, true]);
  ack(socket, 1);
  equal([$("#s").matches(":disabled"), $("#x").disabled], [false, false]);
});

test("wx-disable: the sender stays disabled until the last of its requests is over", async () => {
  const { socket, wsx } = await page(`<button id="b" wx-send="a" wx-disable></button>`);
  wsx.trigger("#b");
  wsx.trigger("#b");
  ack(socket, 2);
  equal($("#b").disabled, true);
  ack(socket, 1);
  equal($("#b").disabled, false);
});

test("wx-disable: the focus stays where the visitor has put it meanwhile", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-disable></button><input id="i">`);
  $("#b").focus();
  $("#b").click();
  $("#i").focus();
  ack(socket, 1);
  equal(document.activeElement.id, "i");
});

test("wx-disable: after a morph nothing of ours is left, and what the server disabled stays", async () => {
  const { socket } = await page(`<div id="t"><button id="b" wx-send="a" wx-disable>1</button></div>`);
  $("#b").click();
  reply(socket, 1, `<button id="b" wx-send="a" wx-disable="">2</button>`, "#t", "innerMorph");
  equal($("#t").innerHTML, `<button id="b" wx-send="a" wx-disable="">2</button>`);
  $("#b").click();
  reply(socket, 2, `<button id="b" wx-send="a" wx-disable="" disabled>3</button>`, "#t", "innerMorph");
  equal($("#t").innerHTML, `<button id="b" wx-send="a" wx-disable="" disabled="">3</button>`);
});

test("wx-disable: a request that the page refuses disables nothing", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-disable></button>`);
  $("#b").addEventListener("wsx:beforeRequest", (event) => event.preventDefault());
  $("#b").click();
  equal([socket.requests, $("#b").outerHTML], [[], `<button id="b" wx-send="a" wx-disable=""></button>`]);
});

// wx-indicator, wx-loading, wx-loading-class.

test("wx-indicator: its elements are shown while any request needs them", async () => {
  const { socket } = await page(`<div wx-indicator="#s, next .spin"><button id="a" wx-send="a"></button><i class="spin" hidden></i><b class="spin"></b></div>
    <button id="b" wx-send="b" wx-loading="#s"></button><p id="s" hidden></p>`);
  const shown = () => [$("#s").hidden, $("#s").className, $("i").hidden, $("i").className, $("b").className];
  const before = shown();
  equal(before, [true, "", true, "spin", "spin"]);
  $("#a").click();
  $("#b").click();
  equal(shown(), [false, "wx-pending", false, "spin wx-pending", "spin"]);
  ack(socket, 1);
  equal(shown(), [false, "wx-pending", true, "spin", "spin"]);
  ack(socket, 2);
  equal(shown(), before);
});

test("wx-loading-class: the sender has the classes while it is pending, and keeps what it had", async () => {
  const { socket } = await page(`<button id="b" class="dim" wx-send="a" wx-loading-class="dim  busy"></button>`);
  $("#b").click();
  equal($("#b").className, "dim busy wx-pending");
  ack(socket, 1);
  equal($("#b").className, "dim");
});

// wx-timeout.

test("wx-timeout: the sender is told and free again, and a late answer is still shown", async () => {
  const { socket } = await page(`<div wx-timeout="10s"><button id="b" wx-send="a"></button></div><p id="t"></p>`);
  const timers = manualTimers();
  const [errors, over] = [heard("wsx:error"), heard("wsx:afterRequest")];
  $("#b").click();
  timers.ring(10_000);
  equal([codes(errors), errors[0].target.id, outcomes(over), $("#b").className], [["timeout"], "b", ["timeout"], ""]);
  reply(socket, 1, "late");
  equal([$("#t").textContent, errors.length, over.length], ["late", 1, 1]);
});

test("wx-timeout: a late answer does not overwrite that of a newer request", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-timeout="10s"></button><p id="t"></p>`);
  const timers = manualTimers();
  $("#b").click();
  timers.ring(10_000);
  $("#b").click();
  reply(socket, 2, "new");
  reply(socket, 1, "late");
  equal($("#t").textContent, "new");
});

test("wx-timeout: an answer in time stops the clock, even if its swap waits", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-timeout="10s"></button><p id="t"></p>`);
  const timers = manualTimers();
  $("#b").click();
  reply(socket, 1, "x", "#t", "innerHTML swap:500ms");
  equal(timers.delays.includes(10_000), false);
});

test("wx-timeout: what could not be sent in time is not sent later", async () => {
  const { wsx } = await page(`<button id="b" wx-send="a" wx-timeout="10s"></button>`);
  const errors = heard("wsx:error");
  FakeSocket.last.drop();
  const timers = manualTimers();
  $("#b").click();
  timers.ring(10_000);
  equal(codes(errors), ["timeout"]);
  wsx.connect();
  wsx.reconnect();
  equal(FakeSocket.last.accept().requests, []);
});

test("wx-timeout: config.timeout holds for everything, and 0 near by for nothing", async () => {
  const { wsx } = await page(`<button id="a" wx-send="a"></button><button id="b" wx-send="b" wx-timeout="0"></button>`, { timeout: 7000 });
  const timers = manualTimers();
  const errors = heard("wsx:error");
  $("#b").click();
  equal(timers.delays.includes(7000), false);
  $("#a").click();
  timers.ring(7000);
  wsx.send("c");
  timers.ring(7000);
  equal(errors.map(({ detail }) => [detail.handler, detail.code]), [["a", "timeout"], ["c", "timeout"]]);
});

// wx-retry.

test("wx-retry: what was cut off is sent again with the same id, as often as it says", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-retry="2"></button><button id="c" wx-send="c"></button>`);
  const errors = heard("wsx:error");
  $("#b").click();
  $("#c").click();
  const [sent] = socket.sent.slice(-2);
  for (let i = 0; i < 2; i++) {
    FakeSocket.last.drop();
    const count = FakeSocket.all.length;
    await until(() => FakeSocket.all.length === count + 1);
    equal(FakeSocket.last.accept().sent.at(-1), sent);
    equal($("#b").className, "wx-pending");
  }
  FakeSocket.last.drop();
  equal(errors.map(({ detail }) => [detail.handler, detail.code]), [["c", "lost"], ["a", "lost"]]);
  equal($("#b").className, "");
});

test("wx-retry: bare it is three times, and an answer ends it", async () => {
  const { socket } = await page(`<div wx-retry><button id="b" wx-send="a"></button></div>`);
  const over = heard("wsx:afterRequest");
  $("#b").click();
  socket.drop();
  await until(() => FakeSocket.all.length === 2);
  ack(FakeSocket.last.accept(), 1);
  equal(outcomes(over), ["success"]);
});

test("wx-retry: what is sent again goes before what was made since, and no later answer is overwritten by it", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-retry></button><p id="t"></p>`);
  $("#b").click();
  socket.drop();
  $("#b").click();
  await until(() => FakeSocket.all.length === 2);
  const next = FakeSocket.last.accept();
  equal(next.requests.map(({ id }) => id), ["p1-1", "p1-2"]);
  reply(next, 2, "new");
  reply(next, 1, "old");
  equal($("#t").textContent, "new");
});

// wx-error.

test("wx-error: it shows the server's words, or a sentence, and is emptied by the next request", async () => {
  const { socket } = await page(`<form wx-send="f" wx-error="find .problem"><p class="problem">from the server</p><button></button></form>`);
  const place = $("#stage .problem");
  $("#stage button").click();
  equal([place.textContent, place.getAttribute("role")], ["", "alert"]);
  refuse(socket, 1, "Name &amp; <i>date</i>, please");
  equal(place.textContent, "Name & date, please");
  $("#stage button").click();
  equal(place.textContent, "");
  refuse(socket, 2);
  equal(place.textContent, "That did not work. Please try again.");
});

test("wx-error: success empties it, but not what another sender told there", async () => {
  const { socket, wsx } = await page(`<div wx-error="#e"><button id="a" wx-send="a"></button><button id="b" wx-send="b"></button></div>
    <p id="e" role="note"></p>`, { errorText: "Das ging nicht." });
  for (const id of ["#a", "#a", "#b"]) wsx.trigger(id);
  refuse(socket, 1);
  equal([$("#e").textContent, $("#e").getAttribute("role")], ["Das ging nicht.", "note"]);
  ack(socket, 3);
  equal($("#e").textContent, "Das ging nicht.");
  ack(socket, 2);
  equal($("#e").textContent, "");
});

// wx-sync.

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
