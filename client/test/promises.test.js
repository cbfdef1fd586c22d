import { WSX } from "../src/core/client.js";
import { readConfig } from "../src/core/config.js";
import { captured, equal, heard, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, client, codes, connected, FakeSocket, handlers, outcomes, page, press, refuse, reply, show, type } from "./page.js";

// What the original's documentation promises and works here, by the rows of docs/guide/migrating.md:
// internal/acceptance/promises_test.go compares the names. The cases ask for what is promised and no more; the limits of each thing are in the tests of that thing.

const promise = (row, fn) => test(`original: ${row}`, fn);
const click = (selector) => $(selector).click();

promise("headers in a request", async () => {
  const { socket } = await page(`<button id="b" wx-send="x" wx-headers='{"lang": "en"}'></button>`);
  click("#b");
  equal(socket.requests[0].data, { headers: { lang: "en" } });
});

promise("delay in oob", () => {
  show(`<p id="t"></p><p id="u"></p>`);
  const timers = manualTimers();
  connected().push({ target: "#t", html: "now", oob: [{ target: "#u", html: "later", swap: "innerHTML swap:1s" }] });
  equal([$("#t").textContent, $("#u").textContent], ["now", ""]);
  timers.ring(1000);
  equal($("#u").textContent, "later");
});

promise("an answer to an unknown handler", () => {
  show(`<button id="b" wx-send="nobody"></button>`);
  const [socket, errors] = [connected(), heard("wsx:error")];
  click("#b");
  socket.push({ type: "error", id: "p1-1", code: "unknown" });
  equal(codes(errors), ["unknown"]);
});

promise("a batch frame", () => {
  show(`<p id="t"></p><p id="u"></p>`);
  connected().push({ type: "batch", updates: [{ target: "#t", html: "1" }, { target: "#u", html: "2" }] });
  equal([$("#t").textContent, $("#u").textContent], ["1", "2"]);
});

promise(`{type: "error"} and the like, shown by hand`, () => {
  const [socket, errors] = [connected(), heard("wsx:error")];
  socket.push({ type: "error", code: "user", html: "Too &lt;late&gt;" });
  socket.push({ type: "shutdown", message: "ignored" });
  equal(errors.map(({ detail }) => detail.text), ["Too <late>"]);
});

promise("url, reconnectInterval, maxReconnectAttempts, debug", () => {
  const { config } = client({ url: "/live", reconnectInterval: 50, maxReconnectAttempts: 2, debug: true });
  equal([config.reconnectInterval, config.maxReconnectAttempts, config.debug], [50, 2, true]);
  equal(FakeSocket.last.url, `ws://${location.host}/live`);
});

promise("timeout", async () => {
  const { socket } = await page(`<button id="b" wx-send="x"></button>`, { timeout: 5 });
  const errors = heard("wsx:error");
  click("#b");
  await until(() => errors.length === 1);
  equal([codes(errors), handlers(socket)], [["timeout"], ["x"]]);
});

promise("retryAttempts, retryDelay, retryStrategy", async () => {
  const { socket } = await page(`<button id="b" wx-send="x" wx-retry="2"></button>`);
  click("#b");
  socket.drop();
  await until(() => FakeSocket.last !== socket);
  FakeSocket.last.accept();
  equal(handlers(FakeSocket.last), ["x"]);
});

promise("validateConfig, configValidator", () => {
  show(`<p wx-config='{url: "/live"}'></p>`);
  const said = captured("error");
  equal(readConfig($("#stage p")), undefined);
  ok(said[0].includes("wx-config cannot be used"), said[0]);
});

promise("offline", async () => {
  show(`<p id="s" wx-status></p><button id="b" wx-send="x"></button>`);
  const wsx = client();
  wsx.disconnect();
  await until(() => $("#s").dataset.wsxStatus === "offline");
  click("#b");
  wsx.connect();
  FakeSocket.last.accept();
  equal(handlers(FakeSocket.last), ["x"]);
});

promise("two endpoints on one page", () => {
  show(`<div id="one"><button wx-send="a"></button></div><div id="two"><button wx-send="b"></button></div>`);
  const sockets = ["#one", "#two"].map((root) => connected({ root }));
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal(sockets.map(handlers), [["a"], ["b"]]);
});

promise("wx-target with this, closest, find and lists", async () => {
  const { socket } = await page(`<div id="t"><p wx-target="this" id="p"><button id="b1" wx-send="x"></button></p>
    <b class="a"><button id="b2" wx-send="x" wx-target="closest .a"></button></b>
    <i id="b3" wx-send="x" wx-target="find u"><u></u></i><s class="l"></s><s class="l"></s></div>`);
  for (const id of ["#b1", "#b2", "#b3"]) click(id);
  socket.requests.forEach(({ target }, i) => reply(socket, i + 1, `${i}`, target));
  reply(socket, 9, "all", "all .l");
  await soon();
  equal(["#p", ".a", "#b3 u", ".l", ".l ~ .l"].map((at) => $(at).textContent), ["0", "1", "2", "all", "all"]);
});

promise("inheritance", () => {
  show(`<div wx-target="#t" wx-swap="beforeend"><button id="b" wx-send="x"></button></div>`);
  const socket = connected();
  click("#b");
  equal([socket.requests[0].target, socket.requests[0].swap], ["#t", "beforeend"]);
});

promise("wx-headers, wx-validate, wx-confirm, wx-disable, wx-indicator, wx-include", async () => {
  const { socket } = await page(`<form><input name="q" value="1"><i id="i" hidden></i>
    <button type="button" id="b" wx-send="x" wx-headers='{"h": 1}' wx-validate wx-confirm="Sure?" wx-disable wx-indicator="#i" wx-include="form"></button></form>`);
  const asked = [];
  stub(window, "confirm", (question) => asked.push(question) > 0);
  $("[name=q]").required = true;
  $("[name=q]").value = "";
  click("#b");
  equal(handlers(socket), []);
  $("[name=q]").value = "1";
  click("#b");
  equal([asked, socket.requests[0].data], [["Sure?"], { q: "1", headers: { h: 1 } }]);
  equal([$("#b").disabled, $("#i").hidden], [true, false]);
  reply(socket, 2, "", "#none");
  equal([$("#b").disabled, $("#i").hidden], [false, true]);
});

promise("wx-loading, wx-loading-class", async () => {
  const { socket } = await page(`<i id="i" hidden></i><button id="b" wx-send="x" wx-loading="#i" wx-loading-class="busy"></button>`);
  click("#b");
  equal([$("#i").hidden, $("#b").classList.contains("busy")], [false, true]);
  reply(socket, 1, "", "#none");
  equal([$("#i").hidden, $("#b").classList.contains("busy")], [true, false]);
});

promise("wx-if, wx-unless", async () => {
  const { socket } = await page(`<input id="i" name="q" wx-send="x" wx-if="value" wx-unless="value == 'no'">`);
  for (const value of ["", "no", "yes"]) type($("#i"), value);
  equal(socket.requests.map(({ data }) => data.q), ["yes"]);
});

promise("classes wsx-settling, wsx-settled", async () => {
  const { socket } = await page(`<p id="t" class="p" wx-swap="innerHTML settle:1ms"></p>`);
  const seen = [];
  const observer = new MutationObserver(() => seen.push($("#t").className));
  observer.observe($("#t"), { attributes: true });
  socket.push({ target: "#t", html: "x", swap: "innerHTML settle:30ms" });
  await until(() => seen.length === 3);
  equal(seen, ["p wsx-settling", "p wsx-settled", "p"]);
});

promise("focus, blur, load, scroll", async () => {
  const names = ["focus", "blur", "load", "scroll"];
  const { socket } = await page(names.map((name) => `<p wx-send="${name}" wx-trigger="${name}" id="on-${name}"></p>`).join(""));
  for (const name of ["focus", "blur", "scroll"]) $(`#on-${name}`).dispatchEvent(new Event(name));
  await until(() => handlers(socket).length === 4);
  equal(handlers(socket).toSorted(), names.toSorted());
});

promise("mouseenter, dblclick, contextmenu, resize, events of the page, names with hyphens", async () => {
  const names = ["mouseenter", "dblclick", "contextmenu", "resize", "saved", "user-logged-in"];
  show(names.map((name) => `<p wx-send="${name}" wx-trigger="${name}${name === "resize" ? " from:window" : ""}" id="on-${name}"></p>`).join(""));
  const socket = connected();
  for (const name of names) (name === "resize" ? window : $(`#on-${name}`)).dispatchEvent(new Event(name, { bubbles: name !== "mouseenter" }));
  equal(handlers(socket), names);
});

promise("every:5s, interval:5s", async () => {
  const { socket } = await page(`<p wx-send="e" wx-trigger="every:100ms"></p><p wx-send="i" wx-trigger="interval:100ms"></p>`);
  await until(() => handlers(socket).filter((name) => name === "e").length > 1 && handlers(socket).includes("i"));
});

promise("intersect, intersect:0.5", async () => {
  const { socket } = await page(`<p wx-send="a" wx-trigger="intersect">x</p>`);
  socket.push({ target: "#stage p", html: `<p wx-send="b" wx-trigger="intersect:0.5">y</p>`, swap: "afterend" });
  await until(() => handlers(socket).length === 2);
  equal(handlers(socket).toSorted(), ["a", "b"]);
});

promise("[Enter], [Space], [ctrlKey], [ctrlKey+Enter]", () => {
  show(["Enter", "Space", "ctrlKey", "ctrlKey+Enter"].map((keys) => `<input wx-send="${keys}" wx-trigger="keyup[${keys}]">`).join(""));
  const socket = connected();
  for (const field of document.querySelectorAll("#stage input")) for (const key of ["Enter", " ", "a"]) for (const ctrlKey of [false, true]) press(field, key, { ctrlKey });
  const counts = Object.entries(Object.groupBy(handlers(socket), (name) => name)).map(([name, all]) => [name, all.length]);
  equal(counts, [["Enter", 2], ["Space", 2], ["ctrlKey", 3], ["ctrlKey+Enter", 1]]);
});

promise("[value], [checked], scroll[bottom]", async () => {
  const { socket } = await page(`<input id="v" wx-send="v" wx-trigger="input[value]"><input id="c" type="checkbox" wx-send="c" wx-trigger="change[checked]">
    <div id="s" class="scroller" wx-send="s" wx-trigger="scroll[bottom]"><p class="tall"></p></div>`);
  for (const value of ["", "a"]) type($("#v"), value);
  for (const _ of [1, 2]) click("#c");
  for (const top of [20, 1e6]) {
    $("#s").scrollTop = top;
    $("#s").dispatchEvent(new Event("scroll"));
  }
  equal(handlers(socket), ["v", "c", "s"]);
});

promise("[value='x'], [checkValidity()], [length>2]", async () => {
  const { socket } = await page(["value='x'", "checkValidity()", "length>2"].map((it) => `<input required wx-send="${it}" wx-trigger="input[${it}]">`).join(""));
  for (const field of document.querySelectorAll("#stage input")) for (const value of ["", "x", "abc"]) type(field, value);
  equal(handlers(socket), ["value='x'", "checkValidity()", "checkValidity()", "length>2"]);
});

promise("once, changed", () => {
  show(`<button id="b" wx-send="once" wx-trigger="click once, dblclick"></button><input id="i" wx-send="changed" wx-trigger="keyup changed">`);
  const socket = connected();
  click("#b");
  click("#b");
  $("#b").dispatchEvent(new Event("dblclick", { bubbles: true }));
  $("#i").value = "a";
  for (const key of ["a", "Shift"]) press($("#i"), key);
  equal(handlers(socket), ["once", "once", "changed"]);
});

promise("queue:1s", () => {
  show(`<input id="i" name="q" wx-send="x" wx-trigger="input queue:1s">`);
  const [socket, timers] = [connected(), manualTimers()];
  for (const value of ["a", "ab"]) type($("#i"), value);
  timers.ring(1000);
  equal(socket.requests.map(({ data }) => data.q), ["ab"]);
});

promise("from:, target:", () => {
  show(`<p id="a"><button class="x"></button></p><p wx-send="f" wx-trigger="click from:(#a .x)"></p><div wx-send="t" wx-trigger="click target:.y"><b class="y"></b><b></b></div>`);
  const socket = connected();
  for (const each of document.querySelectorAll("#stage button, #stage b")) each.click();
  equal(handlers(socket), ["f", "t"]);
});

promise("consume", () => {
  show(`<p wx-send="outer"><button id="b" wx-send="inner" wx-trigger="click consume"></button></p>`);
  const socket = connected();
  click("#b");
  equal(handlers(socket), ["inner"]);
});

promise("a text swap", () => {
  show(`<p id="t"></p>`);
  connected().push({ target: "#t", html: "1 &lt; 2", swap: "textContent" });
  equal($("#t").textContent, "1 < 2");
});

promise("wsx:error, wsx:afterRequest with success", () => {
  show(`<button id="b" wx-send="x"></button>`);
  const [socket, errors, ends] = [connected(), heard("wsx:error"), heard("wsx:afterRequest")];
  click("#b");
  click("#b");
  refuse(socket, 1, "No");
  reply(socket, 2, "");
  equal([codes(errors), outcomes(ends)], [["user"], ["user", "success"]]);
});

promise("wsx:requestError", () => {
  show(`<button id="b" wx-send="x"></button>`);
  const [socket, errors] = [connected(), heard("wsx:error")];
  click("#b");
  refuse(socket, 1);
  equal(errors.map(({ target, detail }) => [target.id, detail.handler]), [["b", "x"]]);
});

promise("bubbling, cancelation, target, content, swapType", () => {
  show(`<p id="t">old</p>`);
  const events = heard("wsx:beforeSwap");
  const refusing = (event) => event.preventDefault();
  $("#t").addEventListener("wsx:beforeSwap", refusing);
  connected().push({ target: "#t", html: "new", swap: "beforeend" });
  const [{ detail }] = events;
  equal([$("#t").textContent, detail.target.id, detail.content, detail.swapType], ["old", "t", "new", "beforeend"]);
});

promise("codes WEBSOCKET_CLOSED, TIMEOUT", async () => {
  const { socket, wsx } = await page(`<button id="b" wx-send="x" wx-timeout="5ms"></button><button id="c" wx-send="x"></button>`);
  const errors = heard("wsx:error");
  click("#b");
  await until(() => errors.length === 1);
  click("#c");
  socket.drop(4403);
  wsx.destroy();
  click("#c");
  equal(codes(errors), ["timeout", "lost"]);
  wsx.send("x");
  equal(codes(errors), ["timeout", "lost", "closed"]);
});

promise("send(handler, …)", () => {
  const wsx = client();
  const socket = FakeSocket.last.accept();
  equal([wsx.send("load", "#x"), socket.requests[0].handler, socket.requests[0].target], ["p1-1", "load", "#x"]);
});

promise("sendForm", () => {
  show(`<form id="form" wx-send="save"><input name="a" value="1"></form>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  wsx.trigger("#form", { b: 2 });
  equal([socket.requests[0].handler, socket.requests[0].data], ["save", { a: "1", b: 2 }]);
});

promise("setConfig, getConfig", () => equal(client({ timeout: 7 }).config.timeout, 7));

promise("WSX.create", () => ok(client() instanceof WSX, "a client"));

promise("WSX.version", async () => {
  const { version } = await (await fetch("/package.json")).json();
  equal(WSX.version, version);
});
