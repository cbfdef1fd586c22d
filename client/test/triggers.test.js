import { parseTriggers } from "../src/core/trigger-spec.js";
import { captured, equal, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, press, show, type } from "./page.js";

const handlers = (socket) => socket.requests.map((request) => request.handler);
const values = (socket) => socket.requests.map((request) => request.data.value);

async function listening() {
  await soon(); // what was swapped in is noticed when the task is over
}

test("trigger: a button sends on click, a form on submit", () => {
  show(`<button id="b" wx-send="b"></button><form id="f" wx-send="f"><button id="s"></button></form>`);
  const socket = connected();
  $("#b").click();
  $("#s").click();
  equal(socket.requests.map((r) => [r.handler, r.trigger]), [["b", "click"], ["f", "submit"]]);
});

test("trigger: text fields send on input; selects, checkboxes and radios on change", () => {
  show(`<input id="i" wx-send="i"><textarea id="t" wx-send="t"></textarea><select id="s" wx-send="s"><option>1</select>
    <input id="c" type="checkbox" wx-send="c"><input id="r" type="radio" wx-send="r"><input id="b" type="button" wx-send="b">`);
  const socket = connected();
  for (const element of $("#stage").children) {
    for (const event of ["input", "change"]) element.dispatchEvent(new Event(event, { bubbles: true }));
  }
  $("#b").click();
  equal(socket.requests.map((r) => r.handler + r.trigger), ["iinput", "tinput", "schange", "cchange", "rchange", "bclick"]);
});

test("trigger: trigger carries the attribute as written", () => {
  const input = show(`<input wx-send="i" wx-trigger="input changed, blur" value="">`);
  const socket = connected();
  type(input, "x");
  equal(socket.requests[0].trigger, "input changed, blur");
});

test("trigger: a list reacts to each of its events", async () => {
  show(`<button wx-send="b" wx-trigger="mouseover, my-event , keyup[Enter]"></button>`);
  const socket = connected();
  await listening();
  $("button").dispatchEvent(new Event("mouseover", { bubbles: true }));
  $("button").dispatchEvent(new CustomEvent("my-event"));
  press($("button"), "a");
  press($("button"), "Enter");
  $("button").click();
  equal(socket.requests.length, 3);
});

test("trigger: events that do not bubble work", async () => {
  show(`<input id="f" wx-send="focus" wx-trigger="focus"><input id="b" wx-send="blur" wx-trigger="blur">
    <div id="s" class="scroller" wx-send="scroll" wx-trigger="scroll"><p class="tall"></p></div>`);
  const socket = connected();
  await listening();
  $("#f").dispatchEvent(new FocusEvent("focus"));
  $("#b").dispatchEvent(new FocusEvent("blur"));
  $("#s").scrollTop = 50;
  await until(() => socket.requests.length >= 3);
  equal(handlers(socket).slice(0, 3), ["focus", "blur", "scroll"]);
});

test("trigger: what is swapped in works, with events that nothing used before", async () => {
  show(`<div id="t"></div>`);
  const socket = connected();
  socket.push({ target: "#t", html: `<button id="b" wx-send="new" wx-trigger="brand-new-event, click"></button>` });
  await listening();
  $("#b").click();
  $("#b").dispatchEvent(new Event("brand-new-event"));
  equal(handlers(socket), ["new", "new"]);
});

test("trigger: an attribute changed by a script counts", async () => {
  const button = show(`<button wx-send="b"></button>`);
  const socket = connected();
  button.setAttribute("wx-trigger", "another-event");
  await listening();
  button.click();
  button.dispatchEvent(new Event("another-event", { bubbles: true }));
  equal(socket.requests.length, 1);
});

test("trigger: delay waits for a pause and sends the last value", async () => {
  const input = show(`<input wx-send="q" wx-trigger="input delay:30ms">`);
  const socket = connected();
  for (const value of ["a", "ab", "abc"]) type(input, value);
  equal(socket.requests.length, 0);
  await until(() => socket.requests.length > 0);
  equal(values(socket), ["abc"]);
});

test("trigger: queue is a delay of 300 ms, or of its own time", async () => {
  const input = show(`<input wx-send="q" wx-trigger="input queue:20ms">`);
  const socket = connected();
  type(input, "a");
  type(input, "ab");
  equal(socket.requests.length, 0);
  await until(() => socket.requests.length > 0);
  equal(values(socket), ["ab"]);
});

test("trigger: throttle sends the first event at once and the last value afterwards", () => {
  const input = show(`<input wx-send="q" wx-trigger="input throttle:30ms">`);
  const timers = manualTimers();
  const socket = connected();
  for (const value of ["a", "ab", "abc"]) type(input, value);
  equal(values(socket), ["a"]);
  timers.ring(30);
  equal(values(socket), ["a", "abc"]);
  type(input, "abcd");
  equal(socket.requests.length, 2, "a new time began");
  timers.ring(30);
  equal(values(socket), ["a", "abc", "abcd"]);
  timers.ring(30);
  equal(socket.requests.length, 3, "nothing happened in between");
  type(input, "z");
  equal(socket.requests.length, 4, "at once again");
});

test("trigger: nothing is sent for an element that has gone while it waited", () => {
  const input = show(`<input wx-send="gone" wx-trigger="input delay:10ms">`);
  const timers = manualTimers();
  const socket = connected();
  type(input, "a");
  input.remove();
  timers.ring(10);
  equal(socket.requests, []);
});

test("trigger: changed sends only another value than the last", async () => {
  const input = show(`<input wx-send="q" wx-trigger="keyup changed" value="x">`);
  const socket = connected();
  await listening();
  press(input, "ArrowLeft");
  input.value = "y";
  press(input, "y");
  press(input, "Shift");
  input.value = "x";
  press(input, "x");
  equal(values(socket), ["y", "x"]);
});

test("trigger: an event without a change does not use up the throttle", () => {
  const input = show(`<input wx-send="q" wx-trigger="input changed throttle:10s">`);
  const socket = connected();
  type(input, "");
  type(input, "a");
  equal(values(socket), ["a"]);
});

test("trigger: changed on a form looks at the field that changed", () => {
  show(`<form wx-send="f" wx-trigger="change changed"><input id="a" name="a"><select id="s" name="s"><option>1<option>2</select><input id="c" type="checkbox" name="c"></form>`);
  const socket = connected();
  const change = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));
  for (const id of ["#a", "#s", "#c"]) change($(id));
  equal(socket.requests.length, 0);
  $("#s").value = "2";
  $("#c").checked = true;
  for (const id of ["#a", "#s", "#c", "#s", "#c"]) change($(id));
  equal(socket.requests.length, 2);
});

test("trigger: once is once for that trigger, others go on", () => {
  const input = show(`<input wx-send="q" wx-trigger="click once, input">`);
  const socket = connected();
  input.click();
  input.click();
  type(input, "a");
  type(input, "b");
  equal(values(socket), ["", "a", "b"]);
});

test("trigger: from listens elsewhere in the document", async () => {
  show(`<button id="there"><i id="inner"></i></button><div id="box"><p class="x"></p></div>
    <div id="a" wx-send="a" wx-trigger="click from:#there"></div><div wx-send="b" wx-trigger="click from:(#box .x)"></div>
    <div wx-send="c" wx-trigger="resize from:window, doc-event from:document"></div>`);
  const socket = connected();
  await listening();
  $("#a").click();
  $("#inner").click();
  $("#box .x").click();
  $("#box").click();
  window.dispatchEvent(new Event("resize"));
  document.dispatchEvent(new Event("doc-event"));
  equal(handlers(socket), ["a", "b", "c", "c"]);
});

test("trigger: target takes events of matching elements only", () => {
  show(`<ul wx-send="u" wx-trigger="click target:.yes"><li class="yes"></li><li class="no"></li></ul>`);
  const socket = connected();
  $(".no").click();
  equal(socket.requests.length, 0);
  $(".yes").click();
  equal(socket.requests.length, 1);
});

for (const [written, right, wrong] of [
  ["[Enter]", ["Enter"], ["a"]],
  ["[Escape]", ["Escape"], ["Enter"]],
  ["[Space]", [" "], ["Enter"]],
  ["[ctrlKey+Enter]", ["Enter", { ctrlKey: true }], ["Enter"]],
  ["[ctrlKey+shiftKey+s]", ["S", { ctrlKey: true, shiftKey: true }], ["S", { ctrlKey: true }]],
  ["[ctrlKey]", ["x", { ctrlKey: true }], ["x", { shiftKey: true }]],
  ["[,]", [","], ["."]],
  ["[+]", ["+"], ["-"]],
]) {
  test(`trigger: keyup${written} reacts to that key only`, async () => {
    const input = show(`<input wx-send="k" wx-trigger="keyup${written}">`);
    const socket = connected();
    await listening();
    press(input, ...wrong);
    equal(socket.requests.length, 0);
    press(input, ...right);
    equal(socket.requests.length, 1);
  });
}

test("trigger: what is invalid is told once, with the attribute", async () => {
  const warnings = captured("warn");
  const button = show(`<button wx-send="b" wx-trigger="click sometimes:5, keyup[], every 2s soon, click delay:soon from:)("></button>`);
  const socket = connected();
  button.click();
  button.click();
  await until(() => warnings.length > 0);
  show(button.outerHTML);
  await listening();
  equal(warnings.length, 1);
  for (const part of ["sometimes:5", "keyup[]", "soon", "delay:soon"]) ok(warnings[0].split("invalid:")[1].includes(part), part);
  ok(warnings[0].includes(`wx-trigger="click sometimes`), warnings[0]);
  equal(socket.requests.length, 2, "the part that is understood works");
});

test("trigger: load of the window, and events that only begin like those of the client", async () => {
  const warnings = captured("warn");
  show(`<div wx-send="page" wx-trigger="load from:window"></div><div wx-send="custom" wx-trigger="every-change"></div>`);
  const socket = connected();
  await listening();
  window.dispatchEvent(new Event("load"));
  $("[wx-send=custom]").dispatchEvent(new Event("every-change"));
  equal([handlers(socket), warnings], [["page", "custom"], []]);
});

test("trigger: a key that chooses a word of an input method is none", async () => {
  const input = show(`<input wx-send="k" wx-trigger="keydown[Enter]">`);
  const socket = connected();
  await listening();
  for (const isComposing of [true, false]) {
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing }));
    equal(socket.requests.length, isComposing ? 0 : 1);
  }
});

test("trigger: the Enter that confirms a word in Safari, after it was composed, sends nothing", () => {
  const input = show(`<input wx-send="a" wx-trigger="keydown[Enter]">`);
  const socket = connected();
  const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
  Object.defineProperty(event, "keyCode", { value: 229 });
  input.dispatchEvent(event);
  equal(socket.requests.length, 0);
});

test("trigger: a request that was refused is not the one of once, nor the last of changed", () => {
  const input = show(`<input wx-send="q" wx-trigger="click once, input changed">`);
  const socket = connected();
  input.addEventListener("wsx:beforeRequest", (event) => event.preventDefault(), { once: true });
  input.click();
  input.click();
  input.click();
  equal(socket.requests.length, 1);
  input.addEventListener("wsx:beforeRequest", (event) => event.preventDefault(), { once: true });
  type(input, "a");
  type(input, "a");
  type(input, "a");
  equal(socket.requests.length, 2);
});

test("trigger: changed knows editable content", () => {
  const box = show(`<div contenteditable wx-send="note" wx-trigger="input changed">a</div>`);
  const socket = connected();
  const edit = (text) => {
    box.textContent = text;
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  for (const text of ["b", "b", "c"]) edit(text);
  equal(socket.requests.length, 2);
});

test("trigger: a client that is alone again owns what two shared", () => {
  show(`<button wx-send="b"></button>`);
  const first = client();
  client();
  const second = FakeSocket.last.accept();
  $("button").click();
  equal(second.requests.length, 0, "the first one has it");
  first.destroy();
  $("button").click();
  equal(second.requests.length, 1);
});

test("trigger: inside wx-ignore nothing triggers, on it and behind it does", () => {
  show(`<div wx-ignore wx-send="on"><p><button id="in" wx-send="in"></button></p><form wx-send="f"><button id="submit"></button></form></div>
    <button id="out" wx-send="out"></button>`);
  const left = [];
  $("#stage").addEventListener("submit", (event) => (left.push(event.defaultPrevented), event.preventDefault()), { once: true });
  const socket = connected();
  $("#submit").click();
  $("#out").click();
  equal([socket.requests.map(({ handler }) => handler), left], [["on", "out"], [false]]);
  $("#in").click();
  equal(socket.requests.map(({ handler }) => handler), ["on", "out", "on"]);
});

test("trigger: a client whose root is inside wx-ignore has what is in its root", () => {
  show(`<div wx-ignore><div id="root"><button wx-send="a"></button></div></div>`);
  const socket = connected({ root: "#root" });
  $("button").click();
  equal(socket.requests.length, 1);
});

test("trigger: a page that makes up triggers without end is cut short", async () => {
  const warnings = captured("warn");
  connected();
  let listeners = 0;
  const original = window.addEventListener;
  stub(window, "addEventListener", (...given) => (listeners++, original.call(window, ...given)));
  const removed = window.removeEventListener;
  stub(window, "removeEventListener", (...given) => removed.call(window, ...given));
  show(Array.from({ length: 1200 }, (_, i) => `<i wx-send="x" wx-trigger="made-up-${i}"></i>`).join(""));
  await listening();
  ok(listeners < 1200 && warnings.length > 0, `${listeners} listeners, ${warnings.length} warnings`);
});

test("trigger: texts that were not used for long are forgotten", () => {
  const first = parseTriggers("click throttle:1ms");
  const used = parseTriggers("click throttle:2ms");
  for (let i = 0; i < 1100; i++) {
    parseTriggers(`click delay:${i}`);
    parseTriggers("click throttle:2ms");
  }
  equal([parseTriggers("click throttle:1ms") === first, parseTriggers("click throttle:2ms") === used], [false, true]);
});

test("trigger: of nested senders the innermost that wants the event gets it", () => {
  show(`<div wx-send="outer" wx-trigger="click, keyup[Enter]"><button id="b" wx-send="inner"><i></i></button></div>`);
  const socket = connected();
  $("#b i").click();
  equal(handlers(socket), ["inner"]);
});

test("trigger: an outer sender hears what the inner one does not want", async () => {
  show(`<div wx-send="outer" wx-trigger="keyup[Escape]"><input wx-send="inner" wx-trigger="keyup[Enter]"></div>`);
  const socket = connected();
  await listening();
  press($("input"), "Enter");
  press($("input"), "Escape");
  equal(handlers(socket), ["inner", "outer"]);
});

test("trigger: a form that sends on input never leaves the page", async () => {
  show(`<form wx-send="f" wx-trigger="input delay:10ms" action="/elsewhere"><input name="q"><button id="s"></button></form>`);
  const socket = connected();
  let prevented;
  addEventListener("submit", (event) => (prevented = event.defaultPrevented), { once: true });
  $("#s").click();
  equal(prevented, true);
  type($("input"), "a");
  await until(() => socket.requests.length === 1);
});

test("trigger: a form stays also when the page stops the event", () => {
  const form = show(`<form wx-send="f" action="/elsewhere"><button></button></form>`);
  connected();
  let event;
  form.addEventListener("submit", (e) => { event = e; e.stopPropagation(); });
  form.requestSubmit();
  equal(event.defaultPrevented, true);
});

test("trigger: a link does not navigate, but with a key held it is the browser's", () => {
  const link = show(`<a href="#elsewhere" wx-send="go"><b>go</b></a>`);
  const socket = connected();
  const click = (more) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...more });
    addEventListener("click", (e) => { event.was = e.defaultPrevented; e.preventDefault(); }, { once: true });
    link.firstChild.dispatchEvent(event);
    return event.was;
  };
  equal([click({}), socket.requests.length], [true, 1]);
  equal([click({ ctrlKey: true }), socket.requests.length], [false, 1]);
});

test("trigger: a sending button in a form does not submit the form as well", () => {
  show(`<form wx-send="form"><button id="b" wx-send="button"></button></form>`);
  const socket = connected();
  $("#b").click();
  equal(handlers(socket), ["button"]);
});

test("trigger: after destroy nothing is sent", () => {
  const input = show(`<input wx-send="a" wx-trigger="input delay:5ms, click">`);
  const timers = manualTimers();
  const wsx = client();
  const socket = FakeSocket.last.accept();
  type(input, "x");
  wsx.destroy();
  wsx.destroy();
  input.click();
  timers.ring(5);
  equal(socket.requests, []);
});
