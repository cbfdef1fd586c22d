import { collectData } from "../src/data.js";
import { equal, test } from "./harness.js";
import { $, connected, show } from "./page.js";

// A form's fields hide the form's own members: with <input name="remove"> inside, form.remove is that field.

const names = [
  ..."id attributes before after append prepend remove replaceWith replaceChildren contains parentNode parentElement".split(" "),
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
