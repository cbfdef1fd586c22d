import { cleanup, equal, heard, manualTimers, needs, ok, soon, stub, test, until } from "./harness.js";
import { $, connected, show } from "./page.js";

/** Replaces the browser's view transitions: the test decides when they go on. */
function transitions() {
  const all = [];
  stub(document, "startViewTransition", (update) => {
    const [done, finished] = [Promise.withResolvers(), Promise.withResolvers()];
    const swap = () => (update(), done.resolve());
    all.push({ update: swap, finish: () => finished.resolve() });
    return { ready: Promise.reject(new Error("skipped")), updateCallbackDone: done.promise, finished: finished.promise, skipTransition: swap };
  });
  cleanup(() => all.forEach(({ finish }) => finish())); // or it would run on in the next case
  return all;
}

/** Says that the visitor wants motion, or not, whatever this machine says. */
function motion(isReduced) {
  stub(window, "matchMedia", (query) => ({ matches: query.includes("reduce") && isReduced }));
}

/** Shows html, and a client that has its animations. */
async function page(html) {
  show(html);
  const socket = connected();
  socket.push({ target: "html", html: "", swap: "action", args: ["dispatch", "test:ready", "null"] });
  await new Promise((done) => document.addEventListener("test:ready", done, { once: true }));
  await soon();
  return socket;
}

for (const [what, html, swap] of [
  ["wx-transition on the target", `<p id="a" wx-transition>old</p>`, "innerHTML"],
  ["wx-transition around it", `<div wx-transition="true"><p id="a">old</p></div>`, "innerHTML"],
  ["the swap itself", `<p id="a">old</p>`, "innerHTML transition:true"],
  ["the swap, against wx-transition", `<p id="a" wx-transition="false">old</p>`, "innerHTML transition:true"],
]) {
  test(`animation: ${what} asks for a view transition`, async () => {
    motion(false);
    const socket = await page(html);
    const all = transitions();
    socket.push({ target: "#a", html: "new", swap });
    equal([all.length, $("#a").textContent], [1, "old"]);
    all[0].update();
    equal($("#a").textContent, "new");
  });
}

for (const [what, html, swap, change] of [
  ["nobody asks", `<p id="a">old</p>`, "innerHTML", () => {}],
  ["the nearest says false", `<div wx-transition><p id="a" wx-transition="false">old</p></div>`, "innerHTML", () => {}],
  ["the swap says false", `<p id="a" wx-transition>old</p>`, "innerHTML transition:false", () => {}],
  ["the visitor wants no motion", `<p id="a" wx-transition>old</p>`, "innerHTML", () => motion(true)],
  ["nobody sees the page", `<p id="a" wx-transition>old</p>`, "innerHTML", () => stub(document, "hidden", true)],
  ["the target is not there", `<p id="a" wx-transition>new</p>`, "innerHTML", () => $("#a").setAttribute("id", "b")],
]) {
  test(`animation: no view transition when ${what}`, async () => {
    motion(false);
    const socket = await page(html);
    const all = transitions();
    change();
    socket.push({ target: "#a", html: "new", swap });
    equal([all.length, $("#stage p").textContent], [0, "new"]);
  });
}

test("animation: a browser without view transitions swaps at once", async () => {
  motion(false);
  const socket = await page(`<p id="a" wx-transition>old</p>`);
  stub(document, "startViewTransition", undefined);
  socket.push({ target: "#a", html: "new" });
  equal($("#a").textContent, "new");
});

test("animation: a view transition that does not begin, as where nothing is drawn, holds up nothing for long", async () => {
  motion(false);
  const socket = await page(`<p id="a" wx-transition></p>`);
  const [timers] = [manualTimers(), transitions()];
  socket.push({ target: "#a", html: "1" });
  socket.push({ target: "#a", html: "2", swap: "beforeend" });
  equal($("#a").textContent, "");
  timers.ring(500);
  await until(() => $("#a").textContent === "12");
});

test("animation: what follows waits for the swap and not for the animation", async () => {
  motion(false);
  const socket = await page(`<p id="a" wx-transition></p><p id="b"></p>`);
  const all = transitions();
  socket.push({ target: "#a", html: "1" });
  socket.push({ target: "#b", html: "2" });
  socket.push({ target: "#a", html: "3", swap: "beforeend" });
  equal($("#stage").textContent, "");
  all[0].update();
  await until(() => $("#stage").textContent === "132");
  equal(all.length, 1, "the third takes part in the animation of the first");
  all[0].finish();
  await Promise.resolve();
  await Promise.resolve();
  await until(() => (socket.push({ target: "#a", html: "4" }), all.length === 2));
});

test("animation: a swap with a delay and a transition holds up what follows", async () => {
  motion(false);
  const socket = await page(`<p id="a" wx-transition></p>`);
  const all = transitions();
  socket.push({ target: "#a", html: "1", swap: "innerHTML swap:1ms" });
  socket.push({ target: "#a", html: "2", swap: "beforeend" });
  await until(() => all.length === 1);
  equal($("#a").textContent, "");
  all[0].update();
  await until(() => $("#a").textContent === "12");
});

test("animation: the first swap that asks does not wait for the file", async () => {
  motion(false);
  show(`<p id="a"></p>`);
  const all = transitions();
  const socket = connected();
  socket.push({ target: "#a", html: "1", swap: "innerHTML transition:true" });
  equal([$("#a").textContent, all.length], ["1", 0]);
  await until(() => (socket.push({ target: "#a", html: "2", swap: "innerHTML transition:true" }), all.length === 1));
});

test("animation: the browser's own view transition shows what came", async () => {
  needs("view transitions", document.startViewTransition);
  motion(false);
  const socket = await page(`<p id="a" wx-transition>old</p>`);
  socket.push({ target: "#a", html: "1" });
  socket.push({ target: "#a", html: "2", swap: "beforeend" });
  await until(() => $("#a").textContent === "12");
});

test("animation: a swap with a time to settle marks its result", async () => {
  const socket = await page(`<p id="a" class="x"></p>`);
  const timers = manualTimers();
  socket.push({ target: "#a", html: "1", swap: "innerHTML settle:100ms" });
  equal($("#a").className, "x wsx-settling");
  for (const delay of timers.delays.filter((delay) => delay === 100)) timers.ring(delay);
  equal($("#a").className, "x wsx-settled");
  timers.ring(116);
  equal($("#a").className, "x");
});

test("animation: the result of a swap that replaces its target is the new element", async () => {
  const socket = await page(`<p id="a"></p>`);
  const timers = manualTimers();
  socket.push({ target: "#a", html: `<b id="a"></b>`, swap: "outerHTML settle:100ms" });
  equal($("b#a").className, "wsx-settling");
  for (const delay of timers.delays.filter((delay) => delay === 100)) timers.ring(delay);
  timers.ring(116);
  equal($("#a").outerHTML, `<b id="a"></b>`);
});

test("animation: an element that is swapped again settles once, after the last", async () => {
  const socket = await page(`<p id="a"></p>`);
  const timers = manualTimers();
  socket.push({ target: "#a", html: "1", swap: "innerHTML settle:100ms" });
  socket.push({ target: "#a", html: "2", swap: "innerHTML settle:200ms" });
  for (const delay of timers.delays.filter((delay) => delay === 100)) timers.ring(delay);
  equal($("#a").className, "wsx-settling");
  for (const delay of timers.delays.filter((delay) => delay === 200)) timers.ring(delay);
  equal([$("#a").className, timers.delays.includes(216), timers.delays.includes(116)], ["wsx-settled", true, false]);
});

test("animation: without a time nothing is marked", async () => {
  const socket = await page(`<p id="a"></p>`);
  const events = heard("wsx:afterSwap");
  socket.push({ target: "#a", html: "1" });
  socket.push({ target: "#a", html: "2", swap: "innerHTML settle:0" });
  ok(!$("#a").hasAttribute("class"), $("#a").className);
  await until(() => events.length >= 2);
});
