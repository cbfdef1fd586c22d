import { equal, heard, manualTimers, ok, soon, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, press, show, type } from "./page.js";

// The bugs of the original client, by the names of the list in docs/guide/migrating.md. Each case shows that it is gone here.

test("C1: after an error nothing is invented, requests reach the server", async () => {
  show(`<button wx-send="act" wx-target="#t"></button><p id="t">real</p><p id="live-stats">real</p>`);
  client();
  FakeSocket.last.onerror?.({});
  FakeSocket.last.drop();
  await until(() => FakeSocket.all.length === 2);
  const socket = FakeSocket.last.accept();
  $("button").click();
  equal([socket.requests.length, $("#t").textContent, $("#live-stats").textContent], [1, "real", "real"]);
});

test("C2: isConnected is a method", () => {
  const wsx = client();
  equal(wsx.isConnected(), false);
  FakeSocket.last.accept();
  equal(wsx.isConnected(), true);
});

test("C3: it comes back after more than five failures, with growing random pauses", () => {
  const timers = manualTimers();
  client({ reconnectInterval: 1000 }, { random: () => 0.5 });
  const delays = [];
  for (let i = 0; i < 8; i++) {
    FakeSocket.last.drop();
    delays.push(timers.delays[0]);
    timers.ring(delays[i]);
  }
  equal(delays, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
});

test("C4: what is sent while disconnected is kept", async () => {
  show(`<form wx-send="save"><input name="a" value="1"><button></button></form>`);
  connected().drop();
  $("button").click();
  await until(() => FakeSocket.all.length === 2);
  equal(FakeSocket.last.accept().requests[0].data, { a: "1" });
});

test("C5: disconnect does not reconnect, reconnect leaves one socket", () => {
  const timers = manualTimers();
  const wsx = client();
  const first = FakeSocket.last.accept();
  wsx.disconnect();
  first.onclose?.({ code: 1005, reason: "" });
  equal([timers.delays, FakeSocket.alive], [[], 0]);
  wsx.connect();
  const second = FakeSocket.last.accept();
  wsx.reconnect();
  wsx.reconnect();
  second.onclose?.({ code: 1005, reason: "" });
  equal([FakeSocket.alive, second.closedWith], [1, 1000]);
});

test("C6: without wx-trigger hovering, keys and typing send nothing", () => {
  show(`<button wx-send="b"></button><form wx-send="f"><input></form>`);
  const socket = connected();
  $("button").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
  press($("button"), "a");
  type($("input"), "a");
  equal(socket.requests, []);
});

test("C7: of nested senders one fires", () => {
  show(`<div wx-send="a"><div wx-send="b"><button wx-send="c"></button></div></div>`);
  const socket = connected();
  $("button").click();
  equal(socket.requests.map((r) => r.handler), ["c"]);
});

test("C8: modifier keys are conditions of their own", () => {
  show(`<input wx-send="k" wx-trigger="keyup[ctrlKey+Enter]"><button wx-send="c" wx-trigger="click[shiftKey]"></button>`);
  const socket = connected();
  return soon().then(() => {
    press($("input"), "a", { ctrlKey: true });
    press($("input"), "Enter");
    equal(socket.requests.length, 0);
    press($("input"), "Enter", { ctrlKey: true });
    $("button").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
    equal(socket.requests.map((r) => r.handler), ["k", "c"]);
  });
});

test("C9: an oob update reaches markup that the same frame delivered", () => {
  show(`<div id="a"></div>`);
  connected().push({ target: "#a", html: `<p id="new"></p>`, oob: [{ target: "#new", html: "here" }] });
  equal($("#new").textContent, "here");
});

test("C10: a delayed frame cannot overwrite a newer one", async () => {
  show(`<p id="a"></p>`);
  const socket = connected();
  socket.push({ id: "c10", target: "#a", html: "first", swap: "innerHTML swap:20ms settle:0" });
  socket.push({ id: "c10", target: "#a", html: "second", swap: "innerHTML settle:0" });
  const after = heard("wsx:afterSwap", "c10");
  await until(() => after.length === 2);
  equal($("#a").textContent, "second");
});

test("C11: 'all' reaches every match", () => {
  show(`<i class="price"></i><i class="price"></i>`);
  connected().push({ target: "all .price", html: "7" });
  equal($("#stage").textContent, "77");
});

test("C12: scripts do not run, and that is the rule: behaviour comes from triggers in what was swapped in", () => {
  show(`<div id="a"></div>`);
  const socket = connected();
  socket.push({ target: "#a", html: `<script src="ran.js?c12"></script><button wx-send="b"></button>` });
  $("button").click();
  equal(socket.requests.length, 1);
  ok(!window.ran?.includes("?c12"), "a script ran");
});

test("C13: an update beside a field leaves its text, focus and caret", () => {
  show(`<input id="i"><p id="a"></p>`);
  const socket = connected();
  $("#i").focus();
  $("#i").value = "typed";
  $("#i").setSelectionRange(2, 3);
  socket.push({ target: "#a", html: "x" });
  equal([$("#i").value, document.activeElement.id, $("#i").selectionStart], ["typed", "i", 2]);
});

test("C14: an original server that never answers leaves nothing behind", () => {
  const timers = manualTimers();
  const wsx = client();
  const events = heard("wsx:error");
  const socket = FakeSocket.last.accept({ hello: false });
  wsx.send("a");
  timers.ring(1000);
  equal(socket.sent.length, 1);
  socket.drop();
  equal(events.length, 0, "nothing was waiting for an answer");
});

test("C15: events bubble to the document and can be refused", async () => {
  show(`<button wx-send="b"></button>`);
  const socket = connected();
  const before = heard("wsx:beforeSwap");
  const after = heard("wsx:afterSwap", "c15");
  socket.push({ id: "c15", target: "#stage button", html: "x", swap: "innerHTML settle:0" });
  await until(() => after.length === 1);
  equal(before[0].cancelable, true);
  document.addEventListener("wsx:beforeRequest", (event) => event.preventDefault(), { once: true });
  $("button").click();
  equal(socket.requests, []);
});

test("C16: settle:0 is 0", () => {
  show(`<p id="a"></p>`);
  const timers = manualTimers();
  const socket = connected();
  const before = timers.delays.length;
  socket.push({ target: "#a", html: "x", swap: "innerHTML settle:0" });
  equal(timers.delays.slice(before), [0]);
});

test("C17: nothing is left on elements", async () => {
  const input = show(`<input wx-send="q" wx-trigger="input changed once throttle:1ms">`);
  const socket = connected();
  const markup = input.outerHTML;
  type(input, "x");
  await until(() => socket.requests.length === 1);
  socket.push({ type: "ack", id: "p1-1" });
  equal(input.outerHTML, markup);
});

test("C18: delay sends once after the typing, throttle keeps the last value", async () => {
  show(`<input id="d" wx-send="d" wx-trigger="input delay:10ms"><input id="t" wx-send="t" wx-trigger="input throttle:10ms">`);
  const socket = connected();
  for (const value of ["a", "ab", "abc", "abcd", "abcde"]) {
    type($("#d"), value);
    type($("#t"), value);
  }
  await until(() => socket.requests.length === 3);
  const sent = (handler) => socket.requests.filter((r) => r.handler === handler).map((r) => r.data.value);
  equal([sent("d"), sent("t")], [["abcde"], ["a", "abcde"]]);
});

test("C19: several values of a name all arrive, files are named", () => {
  const form = show(`<form wx-send="f"><input type="checkbox" name="tag" value="a" checked><input type="checkbox" name="tag" value="b" checked><input type="file" name="file"></form>`);
  const files = new DataTransfer();
  files.items.add(new File(["x"], "a.txt"));
  $("[name=file]").files = files.files;
  const socket = connected();
  form.requestSubmit();
  equal(socket.requests[0].data, { tag: ["a", "b"], file: "a.txt" });
});

test("C20: trigger() leaves wx-data as it is", () => {
  show(`<button id="b" wx-send="b" wx-data='{"a":1}'></button>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  wsx.trigger("#b", { x: 1 });
  $("#b").click();
  equal(socket.requests.map((r) => r.data), [{ a: 1, x: 1 }, { a: 1 }]);
});

test("C21: two clients can work on one page", () => {
  show(`<div id="one"><button wx-send="a"></button></div><div id="two"><button wx-send="b"></button></div>`);
  client({ url: "/one", root: "#one" });
  const one = FakeSocket.last.accept();
  client({ url: "/two", root: "#two" });
  const two = FakeSocket.last.accept();
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal([one, two].map((socket) => socket.requests.map((r) => r.handler)), [["a"], ["b"]]);
});
