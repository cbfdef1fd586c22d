import { captured, equal, heard, ok, stub, test, until } from "./harness.js";
import { $, connected, show } from "./page.js";

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

test("updates: settling does not block what follows", () => {
  show(`<p id="a"></p>`);
  const socket = connected();
  socket.push({ target: "#a", html: "1", swap: "innerHTML settle:10s" });
  socket.push({ target: "#a", html: "2", swap: "beforeend settle:10s" });
  equal($("#a").textContent, "12");
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
  connected().push({ target: "#a", html: "1", oob: [{ target: "#a", html: "2", swap: "textContent" }] });
  equal($("#a").textContent, "2");
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
