import { equal, test } from "./harness.js";
import { $, connected, show } from "./page.js";

// What a fragment means does not depend on how it got into the page.

/** Shows a page, pushes html to #t and returns what it has become. */
function push(page, html, swap = "innerHTML") {
  show(page);
  connected().push({ target: "#t", html, swap });
  return $("#t");
}

for (const swap of ["innerHTML", "innerMorph"]) {
  test(`parse: noscript shows and does nothing, and is text, with ${swap}`, () => {
    const html = `<noscript><style>.js{display:none}</style><form id="f"></form></noscript><form id="f" action="/b"></form>`;
    const at = push(`<div id="t"></div>`, html, swap);
    equal([at.firstElementChild.childElementCount, at.firstElementChild.textContent], [0, `<style>.js{display:none}</style><form id="f"></form>`]);
    equal(document.getElementById("f").getAttribute("action"), "/b");
  });

  test(`parse: a row after a field in a table is a row, with ${swap}`, () => {
    const at = push(`<table><tbody id="t"><tr><td>1</td></tr></tbody></table>`, `<input type="hidden" name="tok"><tr><td>2</td></tr>`, swap);
    equal([at.rows.length, at.rows[0].textContent, at.querySelector("input").name], [1, "2", "tok"]);
  });

  test(`parse: a row in a table is in a body, with ${swap}`, () => {
    equal(push(`<table id="t"></table>`, `<tr><td>2</td></tr>`, swap).innerHTML, "<tbody><tr><td>2</td></tr></tbody>");
  });

  test(`parse: a script that holds data and a text area take their text as it is, with ${swap}`, () => {
    const json = `{"html":"<b>x</b>","amp":"a&amp;b"}`;
    equal(push(`<script id="t" type="application/json">{}</script>`, json, swap).textContent, json);
    equal(push(`<textarea id="t"></textarea>`, "x <b>y</b> &lt;", swap).value, "x <b>y</b> <");
  });

  test(`parse: a form in a form has no tags, with ${swap}`, () => {
    equal(push(`<form><div id="t"></div></form>`, `<form id="f"><input name="a"></form>`, swap).innerHTML, `<input name="a">`);
  });

  test(`parse: a declared shadow root is one, with ${swap}`, () => {
    const html = (text) => `<x-card><template shadowrootmode="open"><b>${text}</b><slot></slot></template>light</x-card>`;
    const at = push(`<div id="t"></div>`, html("in"), swap);
    equal([at.innerHTML, at.firstElementChild.shadowRoot.innerHTML], ["<x-card>light</x-card>", "<b>in</b><slot></slot>"]);
    connected().push({ target: "#t", html: html("new"), swap });
    equal([$("#t").innerHTML, $("#t").firstElementChild.shadowRoot.innerHTML], ["<x-card>light</x-card>", "<b>new</b><slot></slot>"]);
  });
}

test("parse: what stands alone in a template still does", () => {
  equal(push(`<ul id="t"></ul>`, `<li>1</li>`).innerHTML, "<li>1</li>");
  equal(push(`<svg><g id="t"></g></svg>`, `<circle r="1"></circle>`).firstChild.namespaceURI, "http://www.w3.org/2000/svg");
  equal(push(`<select id="t"></select>`, `<option>1</option>`).options.length, 1);
  equal(push(`<table><tbody><tr id="t"><td>1</td></tr></tbody></table>`, `<tr id="t"><td>2</td></tr>`, "outerHTML").innerHTML, "<td>2</td>");
  show(`<form><p id="t"></p></form>`);
  connected().push({ target: "#t", html: `<form id="f"></form>`, swap: "afterend" });
  equal($("#f"), null, "beside the target is in the form too");
});

test("parse: Outer leaves no blanks behind", () => {
  show(`<div id="around"><p id="t">x</p></div>`);
  const socket = connected();
  for (let i = 0; i < 30; i++) socket.push({ target: "#t", html: `\n<p id="t">${i}</p>\n`, swap: "outerHTML" });
  equal($("#around").childNodes.length, 1);
});
