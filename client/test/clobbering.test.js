import { collectData } from "../src/shared/data.js";
import { equal, ok, test } from "./harness.js";
import { $, connected, handlers, page, show } from "./page.js";

// A form's fields hide the form's own members: with <input name="remove"> inside, form.remove is that field.

const names = [
  ..."id attributes before after append prepend remove replaceWith replaceChildren contains parentNode parentElement".split(" "),
  ..."getAttribute hasAttribute setAttribute removeAttribute closest matches isConnected querySelectorAll classList".split(" "),
  ..."method action target children textContent nodeType".split(" "),
];
const fields = names.map((name) => `<input name="${name}">`).join("");

test("clobbering: a form's own data-* are sent whatever its fields are called", () => {
  equal(collectData(show(`<form data-user="7"><input name="attributes" value="x"></form>`), null), { attributes: "x", user: "7" });
});

for (const [swap, want] of [
  ["beforebegin", "new form"],
  ["afterend", "form new"],
  ["afterbegin", "form>new"],
  ["beforeend", "form>new"],
  ["innerHTML", "form>new"],
  ["textContent", "form"],
  ["outerHTML", "new"],
  ["delete", ""],
]) {
  test(`clobbering: ${swap} works on a form whose fields are called like members`, () => {
    show(`<form id="t">${fields}</form>`);
    connected().push({ target: "#t", html: "<b>new</b>", swap });
    const has = (selector) => $(`#stage ${selector}`) !== null;
    const order = [...$("#stage").children].map((element) => (element.localName === "b" ? "new" : "form")).join(" ");
    equal(has("form > b") ? `${order}>new` : order, want);
  });
}

test("clobbering: a form in a list is replaced by its twin", () => {
  show(`<div id="t"><form id="a">${fields}</form><i></i></div>`);
  connected().push({ target: "#t", html: `<form id="a">${fields}<b></b></form>`, swap: "beforeend" });
  equal([$("#t").children.length, $("#t").lastElementChild.localName, $("#a b") !== null], [2, "i", true]);
});

test("clobbering: a form elsewhere gives way to its twin", () => {
  show(`<form id="a">${fields}</form><div id="t"></div>`);
  connected().push({ target: "#t", html: `<form id="a">${fields}</form>`, swap: "beforeend" });
  equal([$("#stage").children.length, $("#t > form") !== null], [1, true]);
});

test("clobbering: a form that sends is recognized", () => {
  const form = show(`<form wx-send="f">${fields}<button></button></form>`);
  const socket = connected();
  addEventListener("submit", (event) => equal(event.defaultPrevented, true), { once: true });
  form.querySelector("button").click();
  equal(socket.requests.map((r) => r.handler), ["f"]);
});

test("clobbering: a form sends whatever its fields are called, with its wx-data", () => {
  show(`<form wx-send="f" wx-data='{"a":"b"}'>${fields}<button></button></form>`);
  const socket = connected();
  $("#stage button").click();
  equal([handlers(socket), socket.requests[0].data.a], [["f"], "b"]);
});

test("clobbering: the triggers of a form, and of others that listen to it, are heard", () => {
  show(`<form wx-send="f" wx-trigger="click target:b, ping from:#stage form">${fields}<b>go</b></form><p wx-send="p" wx-trigger="click from:#stage form"></p>`);
  const socket = connected();
  $("#stage form b").click();
  $("#stage form").dispatchEvent(new CustomEvent("ping", { bubbles: true }));
  equal(handlers(socket), ["f", "p", "f"]);
});

test("clobbering: wx-if, wx-disable, wx-indicator and wx-error work on a form", async () => {
  const { socket } = await page(`<form wx-send="f" wx-if="true" wx-disable="this, button" wx-indicator="closest form" wx-error="closest form">${fields}<button></button></form>`);
  const form = $("#stage form");
  $("#stage button").click();
  equal([handlers(socket), form.matches(".wx-pending[disabled]")], [["f"], true]);
  socket.push({ type: "error", id: "p1-1", code: "user", html: "No" });
  ok(!form.matches(".wx-pending,[disabled]"), "still pending");
  equal(form.matches("[role=alert]") && $("#stage").textContent, "No");
});
