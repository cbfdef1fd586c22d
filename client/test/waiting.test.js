import { captured, equal, heard, manualTimers, soon, test, until } from "./harness.js";
import { $, ack, codes, connected, FakeSocket, handlers, outcomes, page, refuse, reply, show } from "./page.js";

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
  socket.readyState = 2; // it closes, so what is made now waits
  $("#b").click();
  socket.drop();
  await until(() => FakeSocket.all.length === 2);
  const next = FakeSocket.last.accept();
  equal(next.requests.map(({ id }) => id), ["p1-1", "p1-2"]);
  reply(next, 2, "new");
  reply(next, 1, "old");
  equal($("#t").textContent, "new");
});

test("wx-retry: what a hand-over left without an answer is sent over the new socket at once", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-retry></button>`);
  const timers = manualTimers();
  $("#b").click();
  socket.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  const next = FakeSocket.last.accept();
  equal([next !== socket, next.requests], [true, []]);
  timers.ring(2000);
  equal(next.requests.map(({ id }) => id), ["p1-1"]);
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

test("wx-error: a success that was only late takes the timeout's words away", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-timeout="10s" wx-error="#e"></button><p id="e"></p>`);
  const timers = manualTimers();
  $("#b").click();
  timers.ring(10_000);
  equal($("#e").textContent, "That did not work. Please try again.");
  ack(socket, 1);
  equal($("#e").textContent, "");
});

test("wx-disable: a morph while the request is under way leaves the button disabled", async () => {
  const { socket } = await page(`<form id="t" wx-send="f" wx-disable><p>a</p><button></button></form>`);
  $("#t button").click();
  socket.push({ target: "#t", html: `<p>b</p><button></button>`, swap: "innerMorph" });
  equal([$("#t p").textContent, $("#t button").disabled], ["b", true]);
  ack(socket, 1);
  equal($("#t").innerHTML, `<p>b</p><button></button>`);
});

test("wx-disable: who presses twice while the file comes has pressed once", async () => {
  show(`<form wx-send="f" wx-disable><button></button></form>`);
  let bring;
  const socket = connected({}, { more: () => new Promise((resolve) => (bring = resolve)) });
  const [button] = $("#stage form");
  button.click();
  button.click();
  bring(await import("../src/more/more.js"));
  await until(() => button.disabled);
  await soon();
  equal(handlers(socket), ["f"]);
  ack(socket, 1);
  button.click();
  equal(handlers(socket), ["f", "f"]);
});

test("waiting: a file that never comes holds up nothing for ever, and is taken when it comes all the same", async () => {
  show(`<p id="t"></p><button wx-send="a" wx-confirm="Sure?"></button>`);
  const timers = manualTimers();
  const [told, errors] = [captured("error"), heard("wsx:error")];
  let bring;
  const socket = connected({}, { more: () => new Promise((resolve) => (bring = resolve)) });
  socket.push({ target: "#t", swap: "action", args: ["addClass", "x"] });
  socket.push({ target: "#t", html: "now" });
  $("#stage button").click();
  timers.ring(10_000);
  await until(() => $("#t").textContent === "now");
  equal([codes(errors), $("#t").className, told.length], [["closed"], "", 1]);
  bring(await import("../src/more/more.js"));
  await until(() => {
    socket.push({ target: "#t", swap: "action", args: ["addClass", "x"] });
    return $("#t").className === "x";
  });
});
