import { captured, equal, needs, ok, stub, test, until } from "./harness.js";
import { $, morph, show, type } from "./page.js";

// What people see and do stays over a morph: focus, caret, selection, scroll positions, what is open, plays or is loaded.

/** Focuses a field of the shown page and puts the caret into it. */
function caret(selector, start, end = start) {
  $(selector).focus();
  $(selector).setSelectionRange(start, end);
  return $(selector);
}

const caretOf = (field) => [document.activeElement === field, field.selectionStart, field.selectionEnd];

const ab = `<div id="t"><input id="a" value="hello"><input id="b"></div>`;
const ba = `<div id="t"><input id="b"><input id="a" value="hello"></div>`;
const deeper = `<div id="t"><section><p><input id="a" value="hello"></p></section></div>`;
const fallbacks = [["", () => {}], [" in a browser without moveBefore", () => stub(Element.prototype, "moveBefore", undefined)]];

for (const [where, without] of fallbacks) {
  for (const [name, page, html] of [
    ["what is around it changes", ab, `<div id="t" class="x">text<input id="a" value="hello" class="y"><p></p></div>`],
    ["it comes later in a list", ab, ba],
    ["it comes earlier in a list", ba, ab],
    ["it moves into something new", ab, deeper],
    ["it moves out of something that goes", deeper, ab],
    ["it has a name only", `<form id="t"><p><input name="a" value="hello"></p></form>`, `<form id="t"><b></b><p>x</p><p><input name="a" value="hello"></p></form>`],
    ["it has neither id nor name", `<div id="t"><p>1</p><input value="hello"></div>`, `<div id="t"><p>2</p><input value="hello"></div>`],
  ]) {
    test(`morph: a focused field keeps focus and selection when ${name}${where}`, () => {
      without();
      show(page);
      const field = caret("[value=hello]", 1, 3);
      morph(html);
      equal($("#stage").innerHTML, html);
      ok($("[value=hello]") === field, "another node");
      equal(caretOf(field), [true, 1, 3]);
    });
  }

  test(`morph: what is moved keeps its scroll position${where}`, () => {
    without();
    const scroller = `<div id="s" class="scroller"><p class="tall"></p></div>`;
    show(`<div id="t"><p id="p"></p>${scroller}<p id="q"></p></div>`);
    $("#s").scrollTop = 300;
    morph(`<div id="t"><i>${scroller}</i><p id="q"></p><p id="p"></p></div>`);
    equal([$("#s").scrollTop, $("#s").parentNode.localName, $("#t").lastChild.id], [300, "i", "p"]);
  });
}

/** Without it, whatever moves leaves the page for a moment. */
const needsMoveBefore = () => needs("moveBefore", "moveBefore" in Element.prototype);

test("morph: with moveBefore the focus is never lost, not even for a moment", () => {
  needsMoveBefore();
  show(ab);
  const field = caret("#a", 2);
  const told = [];
  field.addEventListener("blur", () => told.push("blur"));
  morph(ba);
  morph(deeper);
  equal([told, document.activeElement === field], [[], true]);
});

test("morph: a focused field may become one that has no caret", () => {
  show(`<p id="t"><input id="a" value="12"></p>`);
  const errors = captured("error");
  const field = caret("#a", 1);
  morph(`<p id="t"><input id="a" type="number" value="12"></p>`);
  equal([$("#a") === field, field.type, document.activeElement === field, errors], [true, "number", true, []]);
});

test("morph: a focused field that nobody changed takes the new value and keeps its caret", () => {
  show(ab);
  const field = caret("#a", 2);
  morph(`<div id="t"><input id="a" value="hello, world"></div>`);
  equal([field.value, ...caretOf(field)], ["hello, world", true, 2, 2]);
  morph(`<div id="t"><input id="a" value="h"></div>`);
  equal([field.value, ...caretOf(field)], ["h", true, 1, 1]);
});

test("morph: the direction of a selection is kept", () => {
  show(ab);
  const field = caret("#a", 1);
  field.setSelectionRange(1, 3, "backward");
  morph(`<div id="t"><input id="a" value="hellos"></div>`);
  equal([...caretOf(field), field.selectionDirection], [true, 1, 3, "backward"]);
});

test("morph: a focused field without a caret keeps the focus", () => {
  show(`<div id="t"><input id="a" type="number" value="1"><p></p></div>`);
  $("#a").focus();
  morph(`<div id="t"><p><input id="a" type="number" value="2"></p></div>`);
  equal([document.activeElement.id, $("#a").value], ["a", "2"]);
});

test("morph: a focused button and a focused link keep the focus", () => {
  show(`<div id="t"><button id="a">1</button><a id="b" href="#">1</a></div>`);
  for (const id of ["a", "b"]) {
    $(`#${id}`).focus();
    morph(`<div id="t"><p></p><a id="b" href="#">2</a><button id="a">2</button></div>`);
    equal(document.activeElement.id, id);
  }
});

test("morph: a focused field that goes takes the focus with it", () => {
  show(ab);
  caret("#a", 1);
  morph(`<div id="t"><input id="b"></div>`);
  ok(document.activeElement === document.body, document.activeElement.outerHTML);
});

test("morph: a caret elsewhere in the page stays", () => {
  show(`<input id="e" value="hello"><div id="t">a</div>`);
  const field = caret("#e", 4);
  morph(`<div id="t"><b>b</b></div>`);
  equal(caretOf(field), [true, 4, 4]);
});

test("morph: a contenteditable that nobody changed keeps focus and caret in its text", () => {
  show(`<div id="t"><div id="e" contenteditable>hello <b>you</b></div></div>`);
  $("#e").focus();
  getSelection().collapse($("#e").firstChild, 4);
  morph(`<div id="t"><p></p><div id="e" contenteditable>hello again <b>you</b></div></div>`);
  equal([document.activeElement.id, getSelection().anchorOffset, $("#e").textContent], ["e", 4, "hello again you"]);
  morph(`<div id="t"><div id="e" contenteditable>oh, hello again <b>you</b></div></div>`);
  equal([getSelection().anchorNode === $("#e").firstChild, getSelection().anchorOffset], [true, 8], "it goes with the text");
});

test("morph: a contenteditable that moves keeps focus and caret", () => {
  show(`<div id="t"><div id="e" contenteditable>hello</div><p id="p"></p></div>`);
  $("#e").focus();
  getSelection().collapse($("#e").firstChild, 4);
  morph(`<div id="t"><section><div id="e" contenteditable>hello</div></section><p id="p"></p></div>`);
  equal([document.activeElement.id, getSelection().anchorNode === $("#e").firstChild, getSelection().anchorOffset], ["e", true, 4]);
});

test("morph: text that somebody selected stays selected", () => {
  show(`<div id="t"><p>one two three</p><p>x</p></div>`);
  const text = $("#t p").firstChild;
  getSelection().setBaseAndExtent(text, 4, text, 7);
  morph(`<div id="t"><p>number one two three</p><p>y</p></div>`);
  equal(String(getSelection()), "two");
});

test("morph: scroll positions stay", () => {
  show(`<div id="t" class="scroller"><p class="tall">a</p></div>`);
  $("#t").scrollTop = 400;
  morph(`<div id="t" class="scroller"><p class="tall">b</p><p class="tall">c</p></div>`);
  equal($("#t").scrollTop, 400);
  morph(`<p class="tall">d</p>`, "innerMorph");
  equal($("#t").scrollTop, 400);
});

test("morph: the page stays where it was scrolled to, even if the focus moves", () => {
  show(`<div id="t"><p class="tall">a</p><input id="a"></div>`);
  window.scrollTo(0, 500);
  $("#a").focus({ preventScroll: true });
  morph(`<div id="t"><p class="tall">b</p><section><input id="a"></section></div>`);
  const at = window.scrollY;
  window.scrollTo(0, 0);
  equal([at, document.activeElement.parentNode.localName], [500, "section"]);
});

test("morph: details stay as open or closed as the visitor left them", () => {
  show(`<div id="t"><details id="a"><summary>s</summary></details><details id="b" open><summary>s</summary></details></div>`);
  for (const summary of document.querySelectorAll("#t summary")) summary.click();
  morph(`<div id="t"><details id="a" class="x"><summary>s</summary>1</details><details id="b" open><summary>s</summary>2</details></div>`);
  equal([$("#a").open, $("#b").open, $("#a").className], [true, false, "x"]);
});

test("morph: new details come as the html says", () => {
  show(`<div id="t"></div>`);
  morph(`<div id="t"><details open></details><details></details></div>`);
  equal([...document.querySelectorAll("#t details")].map((d) => d.open), [true, false]);
});

test("morph: a modal dialog stays open and modal", () => {
  show(`<div id="t"><dialog id="d"><p>a</p></dialog></div>`);
  $("#d").showModal();
  morph(`<div id="t"><dialog id="d"><p>b</p></dialog></div>`);
  ok($("#d").open && $("#d").matches(":modal") && $("#d").textContent === "b", $("#t").innerHTML);
});

test("morph: a dialog that was closed stays closed", async () => {
  show(`<div id="t"><dialog id="d" open></dialog></div>`);
  const closed = new Promise((resolve) => $("#d").addEventListener("close", resolve));
  $("#d").close();
  await closed;
  morph(`<div id="t"><dialog id="d" open>x</dialog></div>`);
  equal([$("#d").open, $("#d").textContent], [false, "x"]);
});

test("morph: a popover stays shown", () => {
  show(`<div id="t"><div id="p" popover>a</div><b id="b"></b></div>`);
  $("#p").showPopover();
  morph(`<div id="t"><b id="b"></b><div id="p" popover>b</div></div>`);
  ok($("#p").matches(":popover-open"), "hidden");
});

test("morph: media play on", async () => {
  const video = `<video id="v" muted></video>`;
  show(`<div id="t"><p id="p"></p>${video}</div>`);
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  const player = $("#v");
  player.muted = true;
  player.srcObject = canvas.captureStream();
  const playing = player.play();
  const told = [];
  for (const name of ["pause", "emptied", "abort"]) player.addEventListener(name, () => told.push(name));
  morph(`<div id="t"><i>${video}</i><p id="p">x</p></div>`);
  morph(`<div id="t">${video}<p id="p" class="y"></p></div>`);
  ok($("#v") === player && !player.paused && player.srcObject, "stopped");
  await Promise.race([playing, new Promise((resolve) => setTimeout(resolve))]); // time for the events
  equal(told, []);
});

for (const [what, check, html] of [
  ["stays", () => {}, (frame) => `<div id="t" class="x"><p id="p">x</p>${frame}</div>`],
  ["changes places", needsMoveBefore, (frame) => `<div id="t">${frame}<p id="p">y</p></div>`],
  ["moves elsewhere", needsMoveBefore, (frame) => `<div id="t"><p id="p"></p><section>${frame}</section></div>`],
]) {
  test(`morph: a frame that ${what} is not loaded again`, async () => {
    check();
    const frame = `<iframe id="f" src="test.css"></iframe>`;
    show(`<div id="t"><p id="p"></p>${frame}<p id="q"></p></div>`);
    const inside = await until(() => $("#f").contentWindow?.location.pathname.endsWith("test.css") && $("#f").contentWindow);
    await until(() => inside.document.readyState === "complete");
    inside.mark = 1;
    morph(html(frame));
    ok($("#f").contentWindow === inside && inside.mark === 1, "loaded again");
  });
}

test("morph: what was typed survives that an element around it, or the field itself, gets another inline handler", () => {
  show(`<form id="t" onward="1"><p><textarea name="note" onwards="1"></textarea></p><input name="more"></form>`);
  type($("textarea"), "typed");
  type($("input"), "too");
  $("input").focus();
  morph(`<form id="t" onward="2"><p><textarea name="note" onwards="2"></textarea></p><input name="more"><b>new</b></form>`);
  equal([$("textarea").value, $("input").value, document.activeElement.name, $("#t b")?.textContent], ["typed", "too", "more", "new"]);
});

test("morph: inside what a visitor has written nothing changes", () => {
  show(`<div contenteditable><p id="t">old</p></div>`);
  const editor = $("[contenteditable]");
  $("#t").textContent = "typed";
  editor.dispatchEvent(new Event("input", { bubbles: true }));
  morph("new", "innerMorph");
  equal($("#t").textContent, "typed");
});
