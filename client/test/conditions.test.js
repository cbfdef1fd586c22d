import { holds, read } from "../src/more/condition.js";
import { captured, equal, heard, ok, soon, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, press, show, type } from "./page.js";

const field = `<input id="i" class="ready big" name="n" value="abc" data-user-id="7" data-n="5" required min="1">`;
const key = (init) => new KeyboardEvent("keyup", init);
const custom = (detail) => new CustomEvent("x", { detail });

// [condition, what it is for the field above, the event]
const rows = [
  ["true", true], ["false", false], ["null", false], ["1", true], ["0", false], ["-1.5", true], ["'a'", true], ["''", false], [`"a"`, true],
  ["value", true], ["checked", false], ["value == 'abc'", true], ["value=='abc'", true], ["value = 'abc'", true], ["value === 'abc'", true],
  ["value != 'abc'", false], ["value !== 'x'", true], ["value < 'b'", true], ["value > 'b'", false], ["value = 'a b, c'", false],
  ["length > 2", true], ["length>3", false], ["length >= 3", true], ["length <= 2", false], ["value.length == 3", true],
  ["!value", false], ["!checked", true], ["!!value", true], ["not value", false], ["not value == 'x'", true], ["!value == 'x'", false],
  ["value && checked", false], ["value and not checked", true], ["checked || value", true], ["checked or value", true],
  ["false && false || true", true], ["true || false && false", true], ["(true || false) && false", false], ["((value))", true],
  ["dataset.userId == 7", true], ["dataset.userId === 7", false], ["dataset.n >= 5", true], ["dataset.none", false], ["dataset.none == null", true],
  ["none.of.these", false], ["none.of == null", true], ["name == 'n'", true], ["type == 'text'", true], ["checkValidity()", true], ["validity.valid", true],
  ["matches('.ready')", true], ["matches('.ready.big') && matches('input')", true], ["!matches('#other')", true], ["matches('.a, .b')", false],
  ["target.value == 'abc'", true], ["target.matches('input')", true], ["parentElement.matches('#stage')", true], ["form == null", true],
  ["key == 'Enter'", true, key({ key: "Enter" })], ["key=='Enter' && value", true, key({ key: "Enter" })], ["key == 'Enter'", false, key({ key: "a" })],
  ["ctrlKey && key = 'k'", true, key({ key: "k", ctrlKey: true })], ["key == 'Enter'", false, key({ key: "Enter", isComposing: true })],
  ["detail.x == 3", true, custom({ x: 3 })], ["detail.user.name == 'Ann'", true, custom({ user: { name: "Ann" } })], ["detail.list.length > 1", true, custom([])],
  ["detail", true, custom({})], ["detail == null", false, custom({})], ["detail == null", true, custom(null)], ["detail > 2", true, custom(3)],
  ["  value  ", true], ["android", false], ["notvalue", false], ["orders or value", true], ["parentElement.id == 'stage'", true],
];
rows[rows.findIndex(([text]) => text.startsWith("detail.list"))][2] = custom({ list: [1, 2] });

for (const [text, want, event] of rows) {
  test(`conditions: ${text} is ${want}${event ? ` of ${event.key ?? JSON.stringify(event.detail)}` : ""}`, () => equal(holds(text, show(field), event), want));
}

const nested = (depth) => "(".repeat(depth) + "value" + ")".repeat(depth);

// What is refused as a whole, with a word of why.
for (const text of [
  "", " ", "value value", "value &&", "&& value", "value & checked", "value | checked", "(value", "value)", "()", "value ==", "== 1", "1 < 2 < 3", "value == 'a",
  "value + 1", "value = 'a' + 'b'", "value;checked", "value, checked", "value ? 1 : 2", "value => 1", "[value]", "{value}", "`value`", "value.", ".value", "value..length",
  "1a", "1.2.3", "5s", "value[0]", "value['length']", "a-b", "\\u0061", "ä", "not", "!", "or", "and or not", "value not checked",
  "constructor", "value.constructor", "constructor.constructor('alert(1)')()", "__proto__", "value.__proto__.x", "__defineGetter__", "detail.prototype", "target.constructor.name",
  "alert(1)", "alert()", "eval('1')", "click()", "remove()", "target.remove()", "value.trim()", "value.constructor()", "matches()", "matches(value)", "matches('a', 'b')",
  "matches('<')", "matches('')", "checkValidity(1)", "checkValidity().x", "form.submit()", "matches('a')('b')", "toString()", "setTimeout('x')", "import('x')",
  nested(21), "!".repeat(21) + "value", "not ".repeat(21) + "value", `value == '${"x".repeat(500)}'`, "(".repeat(100_000),
]) {
  test(`conditions: ${text.slice(0, 50)}${text.length > 50 ? `... (${text.length})` : ""} is refused, and told once`, () => {
    const warnings = captured("warn");
    const element = show(field);
    ok(read(text) === undefined && holds(text, element) === undefined && holds(text, element, custom({})) === undefined, "it means something");
    ok(warnings.length === 1 && warnings[0].length < 700, warnings.join());
  });
}

test("conditions: up to twenty parentheses are read", () => equal(holds(nested(20), show(field)), true));

test("conditions: a function, the document and the window are nothing, and nothing is behind them", () => {
  const element = show(field);
  const detail = { fn: () => 1, window, document, valueOf: () => 7 };
  for (const text of [
    "matches", "remove", "ownerDocument", "ownerDocument.cookie", "ownerDocument.defaultView", "value.trim", "view", "currentTarget", "path", "toString", "hasOwnProperty",
    "detail.fn", "detail.window", "detail.document", "detail.document.body", "detail.valueOf", "dataset.toString", "classList.add", "parentElement.getRootNode",
  ]) {
    equal(holds(text, element, custom(detail)), false, text);
  }
  equal([holds("detail == 7", element, custom(detail)), holds("detail > 1", element, custom(detail)), holds("detail != 7", element, custom(detail))], [false, false, true]);
});

test("conditions: what throws is neither true nor false", () => {
  const detail = { get x() { throw new Error("no"); } };
  equal([holds("detail.x", show(field), custom(detail)), holds("!detail.x", show(field), custom(detail))], [undefined, undefined]);
});

test("conditions: fields that are called like members hide nothing of a form", () => {
  const form = show(`<form id="f" class="c">${["matches", "checkValidity", "className", "id", "nodeType"].map((n) => `<input name="${n}">`).join("")}</form>`);
  equal(["className == 'c'", "id == 'f'", "matches('.c')", "checkValidity()"].map((text) => holds(text, form)), [true, true, true, true]);
});

test("conditions: texts that were not used for long are forgotten", () => {
  const [first, used] = [read("value > 1"), read("value > 2")];
  for (let i = 0; i < 1100; i++) {
    read(`value == ${i}`);
    read("value > 2");
  }
  equal([read("value > 1") === first, read("value > 2") === used], [false, true]);
});

const listening = () => soon();

/** The values that were sent when the field had each of these in turn. */
async function sent(written, ...typed) {
  const input = show(`<input required wx-send="k" wx-trigger="${written}">`);
  const socket = await withFile();
  for (const value of typed) type(input, value);
  return socket.requests.map(({ data }) => data.value);
}

/** A connected page that has the file on demand. */
async function withFile() {
  const socket = connected();
  const probe = document.createElement("i");
  for (const [name, value] of [["wx-send", "probe"], ["wx-trigger", "load"]]) probe.setAttribute(name, value);
  $("#stage").append(probe);
  await until(() => socket.requests.length === 1);
  socket.sent = [];
  return socket;
}

test("1.9: input[value] sends when there is one", async () => equal(await sent("input[value]", "a", "", "b"), ["a", "b"]));
test("1.9: input[value='x'] compares", async () => equal(await sent("input[value='x y']", "x", "x y"), ["x y"]));
test("1.9: input[length>2] counts", async () => equal(await sent("input[length > 2]", "ab", "abc", "a", "abcd"), ["abc", "abcd"]));
test("1.9: input[checkValidity()] asks the browser", async () => equal(await sent("input[checkValidity()]", "", "a"), ["a"]));

test("1.9: change[checked] sends for a tick, not for its removal", async () => {
  const box = show(`<input type="checkbox" wx-send="c" wx-trigger="change[checked]">`);
  const socket = connected();
  box.click();
  await until(() => socket.requests.length === 1);
  box.click();
  box.click();
  equal(socket.requests.length, 2);
});

test("1.9: scroll[bottom] and scroll[top] ask where the scroller is", async () => {
  const scroller = (id, end) => `<div id="${id}" class="scroller" wx-send="${id}" wx-trigger="scroll[${end}]"><p class="tall"></p></div>`;
  show(scroller("b", "bottom") + scroller("t", "top"));
  const socket = await withFile();
  const scrolled = (top) => {
    socket.sent = [];
    for (const scroller of $("#stage").querySelectorAll(".scroller")) {
      scroller.scrollTop = top;
      scroller.dispatchEvent(new Event("scroll"));
    }
    return socket.requests.map(({ handler }) => handler);
  };
  equal([scrolled(20), scrolled(1e6), scrolled(0)], [[], ["b"], ["t"]]);
});

test("conditions: an outer sender hears what the inner one's condition refuses", async () => {
  show(`<div wx-send="outer" wx-trigger="keyup"><input wx-send="inner" wx-trigger="keyup[key=='Enter' && value]"></div>`);
  const socket = connected();
  await listening();
  press($("input"), "Enter"); // while the file is on its way
  $("input").value = "";
  await until(() => socket.requests.length === 1);
  $("input").value = "x";
  press($("input"), "Enter");
  press($("input"), "a");
  equal(socket.requests.map(({ handler }) => handler), ["outer", "inner", "outer"]);
});

test("conditions: a trigger whose condition makes no sense never fires, those beside it do", async () => {
  const warnings = captured("warn");
  const button = show(`<button wx-send="b" wx-trigger="click[value ==], click[alert(2)], keyup"></button>`);
  const socket = await withFile();
  button.click();
  press(button, "a");
  equal([socket.requests.length, warnings.length], [1, 2]);
});

/** A client whose file on demand comes when the case says so. */
function slow(config) {
  const files = [];
  const more = () => new Promise((resolve, reject) => files.push({ arrive: async () => resolve(await import("../src/more/more.js")), fail: () => reject(new Error("offline")) }));
  client(config, { more });
  return { socket: FakeSocket.last.accept(), files };
}

test("conditions: what happens while the file is on its way is not lost, and a form stays", async () => {
  show(`<form wx-send="f" wx-trigger="submit[checkValidity()]" action="/elsewhere"><input name="q" required value="a"><button name="b" value="1"></button></form>
    <a href="#elsewhere" wx-send="a" wx-if="true"></a><input id="n" wx-send="n" wx-trigger="input[value]">`);
  const { socket, files } = slow();
  const left = [];
  for (const name of ["submit", "click"]) {
    const listen = (event) => left.push([name, event.defaultPrevented]);
    $("#stage").ownerDocument.defaultView.addEventListener(name, listen, { once: true });
  }
  $("form button").click();
  $("a").click();
  type($("#n"), "x");
  equal([socket.requests.length, files.length, location.hash], [0, 1, ""]);
  files[0].arrive();
  await until(() => socket.requests.length === 3);
  equal(socket.requests.map(({ handler, data }) => [handler, data]), [["f", { q: "a", b: "1" }], ["a", {}], ["n", { value: "x" }]]);
  equal(left.find(([name]) => name === "submit"), ["submit", true]);
});

test("conditions: if the file cannot be had, nothing is sent, the console says why, and the next event asks again", async () => {
  const errors = captured("error");
  const button = show(`<button wx-send="b" wx-if="true"></button>`);
  const { socket, files } = slow();
  button.click();
  files[0].fail();
  await until(() => errors.length > 0);
  equal([socket.requests.length, errors.length, errors[0].includes("wsx-more.js")], [0, 1, true]);
  button.click();
  files[1].arrive();
  await until(() => socket.requests.length === 1);
});

test("conditions: what comes when the client is gone does nothing", async () => {
  const button = show(`<button wx-send="b" wx-if="true"></button><div wx-send="l" wx-trigger="load, every 1s"></div>`);
  const files = [];
  const wsx = client({}, { more: () => new Promise((resolve) => files.push(resolve)) });
  const socket = FakeSocket.last.accept();
  const loads = heard("wsx:load");
  button.click();
  wsx.destroy();
  files[0](await import("../src/more/more.js"));
  await soon();
  await soon();
  equal([socket.requests.length, loads.length], [0, 0]);
});

test("wx-if: asked when it would be sent, with the trigger's event", async () => {
  const input = show(`<input wx-send="q" wx-trigger="keyup delay:5ms" wx-if="value && key != 'Tab'">`);
  const socket = connected();
  await listening();
  press(input, "a");
  input.value = "later";
  await until(() => socket.requests.length === 1);
  press(input, "Tab");
  press(input, "b");
  await until(() => socket.requests.length === 2);
  equal(socket.requests.map(({ data }) => data.value), ["later", "later"]);
});

test("wx-if and wx-unless: both have to agree, and what they refuse is not the one of once", async () => {
  const button = show(`<button wx-send="b" wx-trigger="click once" wx-if="matches('.on')" wx-unless="matches('.busy')"></button>`);
  const socket = await withFile();
  const clicked = (name) => {
    button.className = name;
    button.click();
    return socket.requests.length;
  };
  equal(["", "on busy", "busy", "on", "on"].map(clicked), [0, 0, 0, 1, 1]);
});

test("wx-if and wx-unless: what makes no sense lets nothing through, an empty one everything", async () => {
  captured("warn");
  show(`<button wx-send="a" wx-if="alert(1)"></button><button wx-send="b" wx-unless="alert(1)"></button><button wx-send="c" wx-if="" wx-unless=""></button>`);
  const socket = connected();
  for (const button of $("#stage").children) button.click();
  await until(() => socket.requests.length === 1);
  equal(socket.requests[0].handler, "c");
});

test("wx-if: a form that may not send stays in the page", async () => {
  show(`<form wx-send="f" wx-if="false" action="/elsewhere"><button></button></form>`);
  const socket = await withFile();
  const left = [];
  addEventListener("submit", (event) => left.push(event.defaultPrevented), { once: true });
  $("button").click();
  equal([left, socket.requests.length], [[true], 0]);
});
