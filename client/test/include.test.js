import { captured, equal, heard, ok, test } from "./harness.js";
import { $, handlers, page, reply, type } from "./page.js";

// wx-validate.

test("wx-validate: what the browser would not submit is not sent, and nothing is told", async () => {
  const { socket } = await page(`<form id="f" wx-send="f" wx-trigger="change" wx-validate><input name="n" required></form>
    <form><input required><button id="b" type="button" wx-send="b" wx-validate></button></form>
    <input id="i" wx-send="i" wx-validate pattern="\\d+">`);
  const errors = heard("wsx:error");
  const over = heard("wsx:afterRequest");
  const change = () => $("#f").dispatchEvent(new Event("change", { bubbles: true }));
  change();
  $("#b").click();
  type($("#i"), "x");
  equal([handlers(socket), errors.length, over.length], [[], 0, 0]);
  for (const input of document.querySelectorAll("#stage [required]")) input.value = "1";
  change();
  $("#b").click();
  type($("#i"), "7");
  equal(handlers(socket), ["f", "b", "i"]);
});

test("wx-validate: a button with formnovalidate sends what there is", async () => {
  const { socket } = await page(`<form wx-send="f" wx-validate><input required name="n"><button formnovalidate></button></form>`);
  $("#stage button").click();
  equal(handlers(socket), ["f"]);
});

// wx-include.

test("wx-include: fields, forms and what stands around them go along, under the sender's own data", async () => {
  const { socket } = await page(`<input id="q" name="q" value="1"><form id="g"><input name="a" value="2"><input name="own" value="no"></form>
    <div id="d"><input type="checkbox" name="tag" value="x" checked><input type="checkbox" name="tag" value="y" checked>
      <input type="checkbox" name="tag" value="z"><input name="off" disabled value="1"><input value="nameless"></div>
    <p wx-include="#q, #g, :is(#d, #nothing)"><button wx-send="a" data-own="yes"></button></p>`);
  $("#stage button").click();
  equal(socket.requests[0].data, { q: "1", a: "2", own: "yes", tag: ["x", "y"] });
});

test("wx-include: form is the form around the sender, value and name are the sender's own", async () => {
  const { socket } = await page(`<form><input name="a" value="1"><button id="b" type="button" name="n" value="v" wx-send="a" wx-include="form"></button></form>
    <button id="c" name="n" value="v" wx-send="c" wx-include="name,value"></button>`);
  $("#b").click();
  $("#c").click();
  equal(socket.requests.map((r) => r.data), [{ a: "1" }, { name: "n", value: "v" }]);
});

test("wx-include: selectors may be relative to the sender", async () => {
  const { socket } = await page(`<ul><li><input name="a" value="1"><button wx-send="a" wx-include="closest li"></button><input name="b" value="2"></li></ul>
    <div wx-include="this"><input name="c" value="3"><button wx-send="b"></button></div>
    <input name="d" value="4"><button wx-send="c" wx-include="previous, next [name]"></button><p></p><input name="e" value="5">`);
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal(socket.requests.map((r) => r.data), [{ a: "1", b: "2" }, { c: "3" }, { d: "4", e: "5" }]);
});

test("wx-include: a selector that cannot be read is told and left out", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<input id="q" name="q" value="1"><button wx-send="a" wx-include="p[, #q, p:, #q"></button>`);
  $("#stage button").click();
  equal(handlers(socket), ["a"]);
  ok(warnings[0].includes("selector"), warnings[0]);
});

test("wx-include: what went along in a request that succeeded is the server's again", async () => {
  const html = (value) => `<form id="f"><input id="i" name="a" value="${value}"></form><button id="b" wx-send="a" wx-include="#f"></button>`;
  const { socket } = await page(`<div id="t">${html("1")}</div>`);
  type($("#i"), "mine");
  $("#b").click();
  reply(socket, 1, html("2"), "#t", "innerMorph");
  equal([socket.requests[0].data, $("#i").value], [{ a: "mine" }, "2"]);
});

test("wx-include: a form whose fields are called value and name has no such properties", async () => {
  const { socket } = await page(`<form wx-send="f" wx-include="value, name"><input name="value" value="1"><button></button></form>`);
  $("#stage button").click();
  equal(socket.requests[0].data, { name: "", value: "1" });
});

// wx-headers.

test("wx-headers: those of all ancestors are merged, the nearest wins", async () => {
  const { socket } = await page(`<div wx-headers='{"a":"far","b":"far"}'><p wx-headers='{"b":"near"}'><button wx-send="a" data-x="1"></button></p></div>`);
  $("#stage button").click();
  equal(socket.requests[0].data, { headers: { a: "far", b: "near" }, x: "1" });
});

test("wx-headers: what is not JSON is told, and the sender's own headers win", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<div wx-headers='{"a":1}'><p wx-headers='{a:1}'><button wx-send="a"></button>
    <button wx-send="b" wx-data='{"headers":"mine"}'></button></p></div>`);
  for (const button of document.querySelectorAll("#stage button")) button.click();
  equal(socket.requests.map((r) => r.data), [{ headers: { a: 1 } }, { headers: "mine" }]);
  ok(warnings[0].includes("{a:1}"), warnings[0]);
});

test("wx-include: of what is around fields the buttons are not sent", async () => {
  const buttons = ["submit", "button", "reset", "image"].map((type) => `<input type="${type}" name="${type}" value="x" alt="x">`).join("");
  const { socket } = await page(`<div id="x"><input name="a" value="1">${buttons}</div><b id="b" wx-send="f" wx-include="#x"></b>`);
  $("#b").click();
  equal(socket.requests[0].data, { a: "1" });
});

test("wx-headers: JSON that is no object is told and left out", async () => {
  const warnings = captured("warn");
  const { socket } = await page(`<p wx-headers='["x"]'><b id="b" wx-send="f" wx-headers='"abc"'></b></p>`);
  $("#b").click();
  equal([socket.requests[0].data, warnings.length], [{}, 2]);
});
