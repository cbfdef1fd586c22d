import { cleanup, equal, ok, test, until } from "./harness.js";
import { $, connected, morph, show, type } from "./page.js";

// A field is dirty from the visitor's change until a request that carried that value has succeeded, or the form is reset.

const input = `<form id="t" wx-send="save"><input name="a" value="old"><button></button></form>`;
const renewed = `<form id="t" wx-send="save"><input name="a" value="new"><button></button></form>`;

function choose(element, checked = true) {
  element.checked = checked;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Selects the options with these values. */
function select(element, ...values) {
  for (const option of element.options) option.selected = values.includes(option.value);
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

const values = (element) => [...element.selectedOptions].map((option) => option.value);
const checks = () => [...document.querySelectorAll("#t [type]")].filter((box) => box.checked).map((box) => box.id);

test("dirty: text that was typed stays, with or without the focus", () => {
  show(input);
  type($("#t input"), "mine");
  morph(renewed);
  equal([$("#t input").value, $("#t input").getAttribute("value")], ["mine", "new"]);
});

test("dirty: text that was typed stays when its field moves", () => {
  show(input);
  const field = $("#t input");
  type(field, "mine");
  morph(`<form id="t" wx-send="save"><p><b><input name="a" value="new"></b></p></form>`);
  ok($("#t input") === field && field.value === "mine", field.value);
});

test("dirty: a field that nobody touched takes the new value", () => {
  show(input);
  morph(renewed);
  equal($("#t input").value, "new");
});

test("dirty: a value set by a script is not a change by the visitor", () => {
  show(input);
  $("#t input").value = "script";
  morph(renewed);
  equal($("#t input").value, "new");
  $("#t input").value = "script";
  morph(renewed);
  equal($("#t input").value, "new", "although the html is the same");
});

test("dirty: a value without an attribute is empty", () => {
  show(input);
  morph(`<form id="t" wx-send="save"><input name="a"></form>`);
  equal($("#t input").value, "");
});

test("dirty: a textarea keeps what was typed and else takes the text", () => {
  show(`<div id="t"><textarea id="a">1</textarea><textarea id="b">1</textarea></div>`);
  type($("#a"), "mine");
  $("#b").value = "script";
  morph(`<div id="t"><textarea id="a">2</textarea><textarea id="b">2</textarea></div>`);
  equal([$("#a").value, $("#b").value, $("#a").defaultValue], ["mine", "2", "2"]);
});

test("dirty: a textarea as the target of innerMorph", () => {
  show(`<textarea id="t">1</textarea>`);
  $("#t").value = "script";
  morph("2", "innerMorph");
  equal($("#t").value, "2");
  type($("#t"), "mine");
  morph("3", "innerMorph");
  equal($("#t").value, "mine");
});

test("dirty: checkboxes keep what the visitor did and else follow the html", () => {
  const box = (id, more = "") => `<input type="checkbox" id="${id}" ${more}>`;
  show(`<div id="t">${box("a")}${box("b", "checked")}${box("c")}${box("d", "checked")}${box("e")}</div>`);
  choose($("#a"), true);
  choose($("#b"), false);
  $("#e").checked = true;
  morph(`<div id="t">${box("a", "")}${box("b", "checked")}${box("c", "checked")}${box("d")}${box("e")}</div>`);
  equal(checks(), ["a", "c"]);
  equal($("#a").hasAttribute("value"), false, "no value was made up");
});

const radio = (id, more = "") => `<input type="radio" name="r" id="${id}" value="${id}" ${more}>`;

test("dirty: a radio button that was chosen stays chosen", () => {
  show(`<form id="t">${radio("a", "checked")}${radio("b")}</form>`);
  choose($("#b"));
  morph(`<form id="t">${radio("a", "checked")}${radio("b")}</form>`);
  equal(checks(), ["b"]);
  morph(`<form id="t">${radio("c", "checked")}${radio("b")}${radio("a", "")}</form>`);
  equal(checks(), ["b"], "although a new one comes checked");
});

test("dirty: radio buttons that nobody touched follow the html", () => {
  show(`<form id="t">${radio("a", "checked")}${radio("b")}</form>`);
  morph(`<form id="t">${radio("a")}${radio("b", "checked")}</form>`);
  equal(checks(), ["b"]);
  morph(`<form id="t">${radio("a")}${radio("b")}</form>`);
  equal(checks(), []);
});

test("dirty: groups of one name in two forms have nothing to do with each other", () => {
  const page = (a, c) => `<div id="t"><form id="f">${radio("a", a)}${radio("b")}</form><form id="g">${radio("c", c)}${radio("d", c ? "" : "checked")}</form></div>`;
  show(page("checked", "checked"));
  choose($("#b"));
  morph(page("checked", ""));
  equal(checks(), ["b", "d"]);
});

const options = (...selected) => ["1", "2", "3"].map((v) => `<option ${selected.includes(v) ? "selected" : ""}>${v}</option>`).join("");

test("dirty: a select keeps what was chosen, else it follows the html", () => {
  show(`<div id="t"><select id="a">${options("1")}</select><select id="b">${options("1")}</select><select id="c">${options()}</select></div>`);
  select($("#a"), "2");
  $("#c").value = "3";
  morph(`<div id="t"><select id="a">${options("3")}</select><select id="b">${options("3")}</select><select id="c">${options()}</select></div>`);
  equal([$("#a").value, $("#b").value, $("#c").value], ["2", "3", "1"]);
});

test("dirty: a select keeps its choice when options come before it, and gives it up when it goes", () => {
  show(`<select id="t">${options("1")}</select>`);
  select($("#t"), "2");
  morph(`<select id="t"><option selected>0</option>${options("1")}</select>`);
  equal(values($("#t")), ["2"]);
  morph(`<option>5</option><option selected>6</option>`, "innerMorph");
  equal(values($("#t")), ["6"]);
});

test("dirty: a select with multiple keeps all that was chosen", () => {
  show(`<div id="t"><select id="a" multiple>${options("1")}</select><select id="b" multiple>${options("1")}</select></div>`);
  select($("#a"), "2", "3");
  morph(`<div id="t"><select id="a" multiple>${options("1")}</select><select id="b" multiple>${options("2", "3")}</select></div>`);
  equal([values($("#a")), values($("#b"))], [["2", "3"], ["2", "3"]]);
});

test("dirty: a select as the target of innerMorph follows its options", () => {
  show(`<select id="t">${options("1")}</select>`);
  $("#t").value = "3";
  morph(options("2"), "innerMorph");
  equal($("#t").value, "2");
});

test("dirty: a chosen file stays until the form was sent", () => {
  const page = `<form id="t" wx-send="save"><input type="file" name="f" value="x"><p></p></form>`;
  show(page);
  const socket = connected();
  const files = new DataTransfer();
  files.items.add(new File(["x"], "a.txt"));
  $("#t input").files = files.files;
  $("#t input").dispatchEvent(new Event("change", { bubbles: true }));
  morph(page);
  equal($("#t input").files.length, 1);
  $("#t").requestSubmit();
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(page);
  equal($("#t input").files.length, 0);
});

test("dirty: what was written into a contenteditable stays, with or without the focus", () => {
  show(`<div id="t"><div id="e" contenteditable><b>a</b></div></div>`);
  $("#e").firstChild.textContent = "mine";
  $("#e").dispatchEvent(new Event("input", { bubbles: true }));
  morph(`<div id="t"><div id="e" contenteditable class="x"><b>theirs</b></div></div>`);
  equal([$("#e").textContent, $("#e").className], ["mine", "x"]);
  morph(`theirs`, "innerMorph", "#e");
  equal($("#e").textContent, "mine");
});

/** Types, submits, and answers with the frame; then the form is morphed. Returns what is in the field. */
function answered(frame, before = () => {}) {
  show(input);
  const socket = connected();
  type($("#t input"), "mine");
  $("#t").requestSubmit();
  before();
  socket.push({ ...frame, id: socket.requests[0].id });
  socket.push({ target: "#t", html: renewed, swap: "outerMorph" });
  return $("#t input").value;
}

test("dirty: an ack says that the server has the value", () => equal(answered({ type: "ack" }), "new"));
test("dirty: so does an update", () => equal(answered({ target: "#none", html: "" }), "new"));
test("dirty: and a batch", () => equal(answered({ type: "batch", updates: [] }), "new"));
test("dirty: the very update that answers brings the new value", () => {
  show(input);
  const socket = connected();
  type($("#t input"), "mine");
  $("#t").requestSubmit();
  socket.push({ id: socket.requests[0].id, target: "#t", html: `<form id="t" wx-send="save"><input name="a"></form>`, swap: "outerMorph" });
  equal($("#t input").value, "");
});
test("dirty: an error does not", () => equal(answered({ type: "error", code: "handler" }), "mine"));
test("dirty: what was typed after it was sent is not carried by it", () => {
  equal(answered({ type: "ack" }, () => type($("#t input"), "more")), "more");
});
test("dirty: a change back to what was sent is what was sent", () => {
  equal(answered({ type: "ack" }, () => (type($("#t input"), "more"), type($("#t input"), "mine"))), "new");
});

test("dirty: a field that tells once more of a change that was sent is not dirty again", () => {
  show(input);
  const socket = connected();
  type($("#t input"), "mine");
  $("#t").requestSubmit();
  socket.push({ type: "ack", id: socket.requests[0].id });
  $("#t input").dispatchEvent(new Event("change", { bubbles: true })); // as when it loses the focus
  morph(renewed);
  equal($("#t input").value, "new");
});

test("dirty: the answer to another request says nothing", () => {
  show(input + `<button id="b" wx-send="x"></button>`);
  const socket = connected();
  type($("#t input"), "mine");
  $("#b").click();
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(renewed);
  equal($("#t input").value, "mine");
});

test("dirty: a lost connection says nothing", () => {
  show(input);
  const socket = connected();
  type($("#t input"), "mine");
  $("#t").requestSubmit();
  socket.drop();
  morph(renewed);
  equal($("#t input").value, "mine");
});

test("dirty: a field that sends by itself", () => {
  const field = (value) => `<input id="t" wx-send="find" name="q" value="${value}">`;
  show(field(""));
  const socket = connected();
  type($("#t"), "mine");
  morph(field("new"));
  equal($("#t").value, "mine");
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(field("new"));
  equal($("#t").value, "new");
});

test("dirty: what a form does not send is not carried", () => {
  const form = (value) => `<form id="t" wx-send="save"><input id="a" value="${value}"><input id="b" name="b" disabled value="${value}">
    <fieldset disabled><input id="c" name="c" value="${value}"></fieldset></form><input id="d" name="d" form="t" value="${value}">`;
  show(`<div id="box">${form("old")}</div>`);
  const socket = connected();
  for (const id of ["a", "b", "c", "d"]) type($(`#${id}`), "mine");
  $("#t").requestSubmit();
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(form("new"), "innerMorph", "#box");
  equal(["a", "b", "c", "d"].map((id) => $(`#${id}`).value), ["mine", "mine", "mine", "new"]);
});

test("dirty: a box that is not checked is carried by a form as well", () => {
  const form = `<form id="t" wx-send="save"><input type="checkbox" id="c" name="c" checked></form>`;
  show(form);
  const socket = connected();
  choose($("#c"), false);
  $("#t").requestSubmit();
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(form);
  equal($("#c").checked, true);
});

test("dirty: a contenteditable goes with its form", () => {
  const form = (text) => `<form id="t" wx-send="save"><div id="e" contenteditable>${text}</div></form>`;
  show(form("a"));
  const socket = connected();
  $("#e").textContent = "mine";
  $("#e").dispatchEvent(new Event("input", { bubbles: true }));
  $("#t").requestSubmit();
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(form("b"));
  equal($("#e").textContent, "b");
});

test("dirty: after a reset the form takes what comes", () => {
  show(input);
  type($("#t input"), "mine");
  $("#t").reset();
  morph(renewed);
  equal($("#t input").value, "new");
});

test("dirty: a reset that a listener refused is none", () => {
  show(input);
  type($("#t input"), "mine");
  $("#t").addEventListener("reset", (event) => event.preventDefault());
  $("#t").reset();
  morph(renewed);
  equal($("#t input").value, "mine");
});

test("dirty: a form whose fields are called like members", () => {
  const form = (value) => `<form id="t" wx-send="save"><input name="elements" value="${value}"><input name="querySelectorAll" value="${value}"></form>`;
  show(form("old"));
  const socket = connected();
  for (const field of document.querySelectorAll("#t input")) type(field, "mine");
  $("#stage > form").requestSubmit();
  morph(form("new"));
  const fields = () => [...document.querySelectorAll("#t input")].map((field) => field.value);
  equal(fields(), ["mine", "mine"]);
  socket.push({ type: "ack", id: socket.requests[0].id });
  morph(form("new"));
  equal(fields(), ["new", "new"]);
});

test("dirty: fields that are not text keep and take values, too", () => {
  const page = (range, color, hidden) => `<div id="t"><input type="range" id="r" value="${range}"><input type="color" id="c" value="${color}">
    <input type="hidden" id="h" value="${hidden}"></div>`;
  show(page(10, "#000000", "a"));
  type($("#r"), "20");
  morph(page(30, "#ffffff", "b"));
  equal([$("#r").value, $("#c").value, $("#h").value], ["20", "#ffffff", "b"]);
});

/** A page in a frame whose client starts after something has been done to its form. */
async function early() {
  const frame = document.createElement("iframe");
  frame.src = "pages/early.html";
  document.body.append(frame);
  cleanup(() => frame.remove());
  await until(() => frame.contentWindow.isReady);
  return frame.contentWindow;
}

const renewedForm = `<form id="form"><input name="text" value="new"><input name="left" value="new"><input name="box" type="checkbox">
  <input name="kept" type="checkbox" checked><input name="size" type="range" max="10" value="7">
  <select name="one"><option>a</option><option>b</option></select><select name="two"><option>a</option><option selected>b</option></select>
  <textarea name="long">new</textarea></form>`;

/** Morphs the form of such a page and returns its fields. */
async function renew({ socket, document: inside }) {
  socket.readyState = 1;
  socket.onopen({});
  socket.onmessage({ data: JSON.stringify({ target: "#form", html: renewedForm, swap: "outerMorph" }) });
  await until(() => inside.forms[0].elements.left.value === "new");
  return inside.forms[0].elements;
}

test("dirty: what was done before the client started stays, the rest follows the html", async () => {
  const { text, box, kept, size, one, two, long } = await renew(await early());
  equal([text.value, box.checked, one.value, long.value], ["mine", true, "b", "mine"]);
  equal([kept.checked, size.value, two.value], [true, "7", "b"]);
});

for (const [where, target, before] of [
  ["a form", "f", `<form id="f" wx-send="a">`],
  ["a part of a form", "t", `<form id="f" wx-send="a"><div id="t">`],
]) {
  test(`dirty: a field without id that is drawn anew inside ${where}`, () => {
    const fields = (more) => `<label>Street <input name="street"></label><label>City <input name="city"${more}></label>`;
    show(before + fields(""));
    const city = document.querySelector("[name=city]");
    city.focus();
    type(city, "Bonn");
    connected().push({ target: `#${target}`, html: `<p>Is that right?</p>${fields(` class="odd"`)}`, swap: "innerMorph" });
    equal([document.querySelector("[name=city]") === city, city.value, city.className, document.activeElement === city], [true, "Bonn", "odd", true]);
  });
}

for (const [what, before, after] of [["gets", "", ` id="one"`], ["loses", ` id="one"`, ""]]) {
  test(`dirty: a field with a name that ${what} an id`, () => {
    const form = (more) => `<form id="t" wx-send="a"><input name="city"${more}></form>`;
    show(form(before));
    const city = $("#t input");
    type(city, "Bonn");
    morph(form(after));
    equal([$("#t input") === city, city.value, city.id], [true, "Bonn", after && "one"]);
  });
}
