import { collectData } from "../src/shared/data.js";
import { captured, equal, ok, test } from "./harness.js";
import { $, connected, show } from "./page.js";

function data(html, submitter) {
  const element = show(html);
  return collectData(element, submitter ? $(submitter) : null);
}

test("data: a form sends its fields, repeated names as an array", () => {
  equal(
    data(`<form><input name="a" value="1"><input name="t" value="x" type="checkbox" checked>
      <input name="t" value="y" type="checkbox" checked><input name="t" value="z" type="checkbox"></form>`),
    { a: "1", t: ["x", "y"] },
  );
});

test("data: a name that occurs once stays text", () => {
  equal(data(`<form><input name="t" value="x" type="checkbox" checked><input name="t" value="y" type="checkbox"></form>`), { t: "x" });
});

test("data: a multiple select in a form sends every choice", () => {
  equal(data(`<form><select name="s" multiple><option selected>a<option>b<option selected>c</select></form>`), { s: ["a", "c"] });
});

test("data: the button that submitted is included", () => {
  const socket = connected();
  show(`<form wx-send="save"><input name="a" value="1"><button id="b" name="do" value="publish"></button><button name="do" value="x"></button></form>`);
  $("#b").click();
  equal(socket.requests[0].data, { a: "1", do: "publish" });
});

test("data: files are sent by name, an empty file field not at all", () => {
  const form = show(`<form><input type="file" name="f"><input type="file" name="none"></form>`);
  const files = new DataTransfer();
  files.items.add(new File(["x"], "a.txt"));
  $("[name=f]").files = files.files;
  equal(collectData(form, null), { f: "a.txt" });
  equal(collectData($("[name=f]"), null), { f: "a.txt" });
});

test("data: a single field sends its value by name, or as value", () => {
  equal(data(`<input name="q" value="x">`), { q: "x" });
  equal(data(`<textarea>hi</textarea>`), { value: "hi" });
  equal(data(`<select name="s"><option value="1">one<option value="2" selected>two</select>`), { s: "2" });
});

test("data: a checkbox on its own is sent only when checked", () => {
  equal(data(`<input type="checkbox" name="c" value="1">`), {});
  equal(data(`<input type="checkbox" name="c" value="1" checked>`), { c: "1" });
  equal(data(`<input type="radio" name="r" value="1">`), {});
});

test("data: a multiple select on its own is always an array", () => {
  equal(data(`<select name="s" multiple><option selected>a<option>b</select>`), { s: ["a"] });
});

test("data: other elements send wx-data and data-* only", () => {
  equal(data(`<button name="n" value="v" wx-data='{"a":1,"b":{"c":[2]}}'></button>`), { a: 1, b: { c: [2] } });
});

test("data: data-* wins over wx-data, which wins over fields; keys stay as written", () => {
  equal(
    data(`<form wx-data='{"a":"json","b":"json"}' data-b="attr" data-user-id="7" data-wx-user-id="8" data-wsx-state="no">
      <input name="a" value="field"><input name="b" value="field"></form>`),
    { a: "json", b: "attr", "user-id": "7", "wx-user-id": "8" },
  );
});

test("data: wx-data that is no JSON object is left out with a warning", () => {
  const warnings = captured("warn");
  equal(data(`<button wx-data="{id:7}" data-x="1"></button>`), { x: "1" });
  equal(data(`<button wx-data="[1]"></button>`), {});
  ok(warnings.length === 2 && warnings[0].includes("{id:7}"), warnings.join());
});

test("data: a field called __proto__ is a field like any other", () => {
  equal(JSON.stringify(data(`<form><input name="__proto__" value="x"></form>`)), `{"__proto__":"x"}`);
});
