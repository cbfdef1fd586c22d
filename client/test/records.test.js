import { equal, test } from "./harness.js";
import { $, connected, show, type } from "./page.js";

// Whose draft it is, and what a morph keeps of what the visitor did.

let socket;
function page(html) {
  show(html);
  socket = connected();
}
const push = (html, swap = "outerMorph") => socket.push({ target: "#t", html, swap });
const values = (selector) => [...document.querySelectorAll(selector)].map((field) => field.value);

/** A form with numbered names, as frameworks make them for nested records. */
const numbered = (row, ...records) =>
  `<form id="t" wx-send="x"><ul>${records.map(([id, text], i) => `<li ${row(id)}><input name="items[${i}][name]" value="${text}"></li>`).join("")}</ul></form>`;

for (const [what, row] of Object.entries({ id: (id) => `id="r${id}"`, "data-id": (id) => `data-id="${id}"`, "data-key": (id) => `data-key="${id}"` })) {
  test(`records: a draft stays in its row, known by ${what}, when names are numbered anew`, () => {
    page(numbered(row, [6, "six"], [7, "seven"], [8, "eight"]));
    const [six, seven] = document.querySelectorAll("#t input");
    type(six, "six-A");
    type(seven, "seven-B");
    push(numbered(row, [7, "seven"], [8, "eight"]));
    equal(values("#t input"), ["seven-B", "eight"]);
  });
}

const customer = (id, text, { more = "", form = "" } = {}) =>
  `<section id="t"><h2>Customer ${id}</h2><form wx-send="save" ${form}><input type="hidden" name="id" value="${id}">${more}<textarea name="note">${text}</textarea></form></section>`;

test("records: the draft for one record is not shown with the next one in the same form", () => {
  page(customer(1, "one"));
  type($("#t textarea"), "one DRAFT");
  push(customer(1, "one!"));
  equal(values("#t textarea"), ["one DRAFT"], "the same record");
  push(customer(2, "two"));
  equal(values("#t textarea"), ["two"]);
});

for (const [what, of] of Object.entries({
  "its action": (id) => ({ form: `action="/customers/${id}"` }),
  "its wx-data": (id) => ({ form: `wx-data='{"id":${id}}'` }),
  "a data attribute": (id) => ({ form: `data-customer="${id}"` }),
  "the formaction of a button": (id) => ({ more: `<button formaction="/c/${id}">Save</button>` }),
  "the wx-data of a button": (id) => ({ more: `<button wx-send="x" wx-data='{"id":${id}}'>Save</button>` }),
})) {
  test(`records: ${what} says which record a form is about`, () => {
    const form = (id, text) => customer(1, text, of(id));
    page(form(1, "one"));
    type($("#t textarea"), "one DRAFT");
    push(form(1, "1"));
    equal(values("#t textarea"), ["one DRAFT"]);
    push(form(2, "two"));
    equal(values("#t textarea"), ["two"]);
  });
}

test("records: a token that is new with each rendering says nothing about the record", () => {
  const form = (token) => customer(1, "one", { more: `<input type="hidden" name="csrf_token" value="${token}">` });
  page(form("a"));
  type($("#t textarea"), "DRAFT");
  push(form("b"));
  equal(values("#t textarea"), ["DRAFT"]);
});

test("records: rows that only a hidden field tells apart never show the draft of another one", () => {
  const form = (...records) =>
    `<form id="t" wx-send="x">${records.map(([id, text], i) => `<p><input type="hidden" name="i[${i}][id]" value="${id}"><input name="i[${i}][n]" value="${text}"></p>`).join("")}</form>`;
  page(form([6, "six"], [7, "seven"], [8, "eight"]));
  type(document.getElementsByName("i[0][n]")[0], "DRAFT");
  push(form([7, "seven"], [8, "eight"]));
  equal(values("#t input:not([type=hidden])"), ["seven", "eight"]);
});

test("records: a field that was put back to its old value follows the server", () => {
  page(`<form id="t" wx-send="x"><input id="i" name="a" value="old"></form>`);
  type($("#i"), "mine");
  type($("#i"), "old");
  push(`<form id="t" wx-send="x"><input id="i" name="a" value="new"></form>`);
  equal(values("#i"), ["new"]);
});

test("records: a field that was sent and then put back is a draft", () => {
  page(`<form id="t" wx-send="x"><input id="i" name="a" value="old"></form>`);
  type($("#i"), "mine");
  $("#t").requestSubmit();
  type($("#i"), "old");
  push(`<form id="t" wx-send="x"><input id="i" name="a" value="mine"></form>`);
  equal(values("#i"), ["old"]);
});

test("records: what is being typed stays, although the answer to it has come", async () => {
  page(`<div id="t"><input id="q" name="q" wx-send="search" wx-trigger="input" wx-target="#t" wx-swap="outerMorph"></div>`);
  $("#q").focus();
  type($("#q"), "foo ");
  const html = `<div id="t"><input id="q" name="q" value="foo" wx-send="search" wx-trigger="input" wx-target="#t" wx-swap="outerMorph"></div>`;
  socket.push({ id: socket.requests[0].id, target: "#t", html, swap: "outerMorph" });
  push(html);
  equal(values("#q"), ["foo "]);
  $("#q").blur();
  push(html);
  equal(values("#q"), ["foo"]);
});

test("records: a field that the server locks takes its value", () => {
  for (const lock of ["readonly", "disabled"]) {
    page(`<form id="t"><input id="i" name="a" value="old"></form>`);
    type($("#i"), "mine");
    push(`<form id="t"><input id="i" name="a" value="theirs" ${lock}></form>`);
    equal(values("#i"), ["theirs"], lock);
  }
});

test("records: editable content that the server locks takes its text", () => {
  page(`<div id="t"><p id="p" contenteditable>old</p></div>`);
  $("#p").textContent = "mine";
  $("#p").dispatchEvent(new InputEvent("input", { bubbles: true }));
  push(`<div id="t"><p id="p" contenteditable="false">theirs</p></div>`);
  equal($("#p").textContent, "theirs");
});

test("records: of options with one value the chosen one stays chosen", () => {
  const html = (attributes, text = "") =>
    `<div id="t"><select id="s" ${attributes}><option value="">All</option><option value="">Any</option><option value="x">X</option></select>${text}</div>`;
  for (const attributes of ["", "multiple"]) {
    page(html(attributes));
    $("#s").options[1].selected = true;
    $("#s").options[0].selected = true;
    if (attributes) $("#s").options[1].selected = false;
    $("#s").dispatchEvent(new Event("change", { bubbles: true }));
    push(html(attributes, "new"));
    equal([...$("#s").selectedOptions].map(({ text }) => text), ["All"], attributes);
  }
});

test("records: details follow the server until the visitor opens or closes them, and again once both agree", () => {
  const html = (open) => `<div id="t"><details id="d" ${open}><summary>s</summary>${open}</details></div>`;
  page(html(""));
  push(html("open"));
  equal($("#d").open, true);
  push(html(""));
  equal($("#d").open, false);
  $("#d summary").click();
  push(html(""));
  equal($("#d").open, true, "the visitor has opened it");
  push(html("open"));
  push(html(""));
  equal($("#d").open, false);
});

test("records: a dialog follows the server unless it is modal or the visitor has closed it", () => {
  const html = (open) => `<div id="t"><dialog id="d" ${open}>${open}</dialog></div>`;
  page(html(""));
  push(html("open"));
  equal($("#d").open, true);
  push(html(""));
  equal($("#d").open, false);
});

test("records: a player takes its new source, and is left alone otherwise", () => {
  const html = (src, text = "") => `<div id="t"><video id="v"><source src="/nowhere/${src}.webm"></video>${text}</div>`;
  page(html("one"));
  let loads = 0;
  $("#v").load = () => loads++;
  push(html("one", "x"));
  push(html("two"));
  push(html("two", "y"));
  equal([loads, $("#v source").getAttribute("src")], [1, "/nowhere/two.webm"]);
});

test("records: what is new comes to life from the first to the last", () => {
  const order = [];
  const name = `x-tab-${Math.random().toString(36).slice(2)}`;
  customElements.define(name, class extends HTMLElement {
    connectedCallback() {
      order.push(this.id);
    }
  });
  page(`<div id="t"><p>old</p></div>`);
  const tab = (id) => `<${name} id="${id}"></${name}>`;
  push(`<div id="t">${tab("a")}${tab("b")}<section>${tab("c")}${tab("d")}</section></div>`);
  equal(order.join(" "), "a b c d");
});

test("records: an element keeps the nonce of the page", () => {
  page(`<div id="t"><p id="p" nonce="abc">1</p></div>`);
  push(`<div id="t"><p id="p" nonce="xyz">2</p></div>`);
  equal([$("#p").nonce, $("#p").textContent], ["abc", "2"]);
});

test("records: what comes again is morphed, with what the visitor did in it", async () => {
  page(`<ul id="t"><li id="r1"><details><summary>more</summary>x</details><input id="a" name="a"></li></ul>`);
  $("#r1 summary").click();
  type($("#a"), "typed");
  const before = $("#r1");
  push(`<li id="r1"><details><summary>more</summary>y</details><input id="a" name="a"></li><li id="r2">2</li>`, "beforeend");
  equal([$("#r1") === before, $("#r1 details").open, $("#a").value, $("#r1").textContent.trim(), $("#t").children.length], [true, true, "typed", "morey", 2]);
});
