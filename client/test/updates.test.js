import { Updates } from "../src/core/updates.js";
import { captured, cleanup, equal, heard, manualTimers, ok, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show, type } from "./page.js";

test("updates: a frame is applied in the task that brought it, oob included", () => {
  show(`<p id="a"></p><p id="b"></p><p id="c"></p>`);
  connected().push({ id: "1", target: "#a", html: "1", oob: [{ target: "#b", html: "2" }, { target: "#c", html: "3", swap: "textContent" }] });
  equal($("#stage").textContent, "123");
});

test("updates: a frame may have oob only", () => {
  show(`<p id="b"></p>`);
  connected().push({ oob: [{ target: "#b", html: "2" }] });
  equal($("#b").textContent, "2");
});

test("updates: a batch is applied in one task and in order", () => {
  show(`<p id="a"></p>`);
  connected().push({ type: "batch", updates: [{ target: "#a", html: "<i id=x></i>" }, { target: "#x", html: "1" }, { target: "#a", html: "2", swap: "beforeend" }] });
  equal($("#a").textContent, "12");
});

test("updates: a swap delay blocks what follows", async () => {
  show(`<p id="a"></p><p id="b"></p>`);
  const socket = connected();
  socket.push({ target: "#a", html: "first", swap: "innerHTML swap:30ms" });
  socket.push({ target: "#b", html: "other" });
  socket.push({ target: "#a", html: "second" });
  equal($("#stage").textContent, "");
  await until(() => $("#a").textContent === "second");
  equal($("#b").textContent, "other");
});

test("updates: a delayed oob comes after the main update and before the next frame", async () => {
  show(`<p id="a"></p>`);
  const socket = connected();
  socket.push({ target: "#a", html: "1", oob: [{ target: "#a", html: "2", swap: "beforeend swap:20ms" }] });
  socket.push({ target: "#a", html: "3", swap: "beforeend" });
  equal($("#a").textContent, "1");
  await until(() => $("#a").textContent === "123");
});

test("updates: delays run side by side, from each arrival", () => {
  show(`<p id="a"></p>`);
  const timers = manualTimers();
  let now = 1000;
  stub(performance, "now", () => now);
  const socket = connected();
  const waiting = () => timers.delays.filter((delay) => delay < 10_000);
  for (const html of ["1", "2"]) socket.push({ target: "#a", html, swap: "beforeend swap:1s settle:7ms" });
  now += 400;
  socket.push({ target: "#a", html: "3", swap: "beforeend swap:1s settle:7ms" });
  socket.push({ target: "#a", html: "4", swap: "beforeend settle:7ms" });
  equal(waiting(), [1000]);
  now = 2000;
  timers.ring(1000);
  equal([$("#a").textContent, waiting()], ["12", [7, 7, 400]]);
  now = 2400;
  timers.ring(400);
  equal($("#a").textContent, "1234");
});

test("updates: reserved verbs leave the target alone and tell nobody but the debugger", async () => {
  show(`<p id="a">x</p>`);
  const debug = captured("debug");
  const events = heard("wsx:beforeSwap");
  const socket = connected({ debug: true });
  for (const swap of ["action", "x-chart", "x-chart swap:1s"]) socket.push({ target: "#a", html: "{}", swap, args: [1] });
  await until(() => debug.filter((line) => line.includes("no verb")).length === 3);
  equal([$("#a").textContent, events.length], ["x", 0]);
  $("#a").addEventListener("wsx:beforeSwap", (event) => (event.detail.update.swap = "x-chart"), { once: true });
  socket.push({ target: "#a", html: "y" });
  equal($("#a").textContent, "x");
});

test("updates: nothing that goes wrong between them stops the next ones", () => {
  show(`<p id="a">x</p>`);
  const errors = captured("error");
  const updates = new Updates({ around: (targets, text, swap) => swap() }, {});
  updates.then(() => { throw new Error("broken step"); });
  updates.push([{ update: { target: "#a", html: "y" }, isOOB: false }], {});
  equal([$("#a").textContent, errors.length], ["y", 1]);
});

test("updates: settling does not block what follows", () => {
  show(`<p id="a"></p>`);
  const socket = connected();
  socket.push({ target: "#a", html: "1", swap: "innerHTML settle:10s" });
  socket.push({ target: "#a", html: "2", swap: "beforeend settle:10s" });
  equal($("#a").textContent, "12");
});

/** A page whose clock stands still, and to which many frames have just been sent: one digit each. */
function crowded() {
  show(`<p id="a"></p>`);
  const timers = manualTimers();
  stub(performance, "now", () => 1000);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  const send = (count) => {
    for (let i = 0; i < count; i++) socket.push({ target: "#a", html: String(i % 10), swap: "beforeend" });
  };
  send(80);
  return { wsx, socket, timers, send, count: () => $("#a").textContent.length };
}

test("updates: of many frames at once the first are applied at once, and the others together", () => {
  const { timers, count } = crowded();
  const first = count();
  ok(first >= 20 && first < 80, `${first} were applied`);
  timers.ring(50);
  equal($("#a").textContent, "0123456789".repeat(8));
});

test("updates: while many come they are applied in ticks, and afterwards at once again", () => {
  const { timers, send, count } = crowded();
  timers.ring(50);
  for (const total of [130, 180]) {
    send(50);
    equal(count(), total - 50);
    timers.ring(50);
    equal(count(), total);
  }
  timers.ring(50);
  ok(!timers.delays.includes(50), "the ticks go on");
  send(1);
  equal(count(), 181);
});

test("updates: an answer waits for no tick, and comes after what was there before it", () => {
  const { wsx, socket, count } = crowded();
  ok(count() < 80, "frames wait");
  const id = wsx.send("ask", { target: "#a" });
  socket.push({ id, target: "#a", html: "!", swap: "beforeend" });
  equal($("#a").textContent, `${"0123456789".repeat(8)}!`);
});

test("updates: a client that was destroyed leaves the page as it is", () => {
  const { wsx, timers, count } = crowded();
  const first = count();
  wsx.destroy();
  timers.ring(50);
  equal(count(), first);
});

test("updates: nor does it do what waits behind a swap", async () => {
  show(`<p id="a">old</p>`);
  const timers = manualTimers();
  const wsx = client();
  const socket = FakeSocket.last.accept();
  let ran = 0;
  wsx.constructor.verbs["x-late"] = () => void ran++;
  cleanup(() => delete wsx.constructor.verbs["x-late"]);
  socket.push({ target: "#a", html: "1", swap: "innerHTML swap:50ms" });
  socket.push({ target: "#a", swap: "action", args: ["x-late"] });
  wsx.destroy();
  timers.ring(50);
  await undefined;
  equal([$("#a").textContent, ran], ["old", 0]);
});

test("updates: a hidden page has no ticks", () => {
  stub(document, "hidden", true);
  const { count } = crowded();
  equal(count(), 80);
});

test("updates: in a hidden page nothing is delayed", () => {
  show(`<p id="a"></p>`);
  stub(document, "hidden", true);
  connected().push({ target: "#a", html: "1", swap: "innerHTML swap:5s" });
  equal($("#a").textContent, "1");
});

test("updates: an invalid or missing target skips that update only", () => {
  show(`<p id="a"></p>`);
  const debug = captured("debug");
  const socket = connected({ debug: true });
  socket.push({ target: "###", html: "x", oob: [{ target: "#nobody", html: "x" }, null, { target: 7 }, { target: "#a", html: "1" }] });
  equal($("#a").textContent, "1");
  ok(debug.some((line) => line.includes("###")) && debug.some((line) => line.includes("#nobody")), debug.join());
});

test("updates: a selector takes its first match, 'all' takes every match", () => {
  show(`<p class="p"></p><p class="p"></p>`);
  const socket = connected();
  socket.push({ target: ".p", html: "1" });
  equal($("#stage").textContent, "1");
  socket.push({ target: "all .p", html: "2" });
  equal($("#stage").textContent, "22");
});

test("updates: html that is missing or no text empties the target", () => {
  show(`<p id="a">x</p>`);
  connected().push({ target: "#a", html: {} });
  equal($("#a").textContent, "");
});

test("updates: a swap that fails leaves the rest of the frame to be applied", () => {
  show(`<p id="a">x</p>`);
  const errors = captured("error");
  $("#a").replaceChildren = () => { throw new Error("broken element"); };
  connected().push({ target: "#a", html: "1", oob: [{ target: "#a", html: "2", swap: "beforeend" }] });
  equal($("#a").textContent, "x2");
  ok(errors.length === 1, errors.join());
});

test("updates: frames that are not JSON objects are ignored", () => {
  show(`<p id="a">x</p>`);
  const socket = connected();
  for (const text of ["", "{", "null", "7", "[]", `"x"`, `[{"target":"#a","html":"y"}]`]) socket.push(text);
  socket.onmessage({ data: new Blob(["{}"]) });
  equal($("#a").textContent, "x");
});

test("updates: unknown types are ignored, even with a target", () => {
  show(`<p id="a">x</p>`);
  const socket = connected();
  socket.push({ type: "toString", target: "#a", html: "y" });
  socket.push({ type: "chart-update", target: "#a", html: "y" });
  socket.push({ type: 7, target: "#a", html: "y" });
  equal($("#a").textContent, "x");
});

test("updates: what a listener causes comes after the frame at hand", () => {
  show(`<p id="a"></p><p id="b"></p>`);
  const socket = connected();
  heard("wsx:beforeSwap");
  $("#a").addEventListener("wsx:beforeSwap", () => socket.push({ target: "#b", html: "late" }), { once: true });
  socket.push({ target: "#a", html: "1", oob: [{ target: "#b", html: "early" }] });
  equal($("#b").textContent, "late");
});

test("updates: what a server meant that has not heard the hello yet", () => {
  show(`<p id="a"><input id="i"></p>`);
  const socket = connected();
  type($("#i"), "mine");
  socket.push({ target: "#a", html: `<input id="i"> again`, swap: "innerHTML", full: "innerMorph", oob: [{ target: "#a", html: "<b></b>", swap: "beforeend" }] });
  equal([$("#i").value, $("#a").textContent, $("#a").lastChild.localName], ["mine", " again", "b"]);
});
