import { parse } from "../src/core/html.js";
import { morphContent } from "../src/morph/morph.js";
import { equal, heard, ok, test, until } from "./harness.js";
import { $, connected, morph, show } from "./page.js";

// Which nodes stay. What people did to them is in morphstate.test.js and dirty.test.js.

const all = (selector) => [...document.querySelectorAll(`#stage ${selector}`)];
const stage = () => $("#stage").innerHTML;

/**
 * Each line: the page, the new html for #t, and which of the elements marked with k must still be there, as the very same
 * nodes; all elements with k that are not named must be new or gone. The page must then be the html.
 */
const outer = [
  ["the target itself stays", `<div id="t" k="1">a</div>`, `<div id="t" k="1">b</div>`, "1"],
  ["a target that becomes another element is replaced", `<div id="t" k="1"></div>`, `<p id="t" k="1"></p>`, ""],
  ["a target that loses its id is replaced", `<div id="t" k="1"></div>`, `<div k="1"></div>`, ""],
  ["a target becomes several", `<p id="t" k="1"></p>`, `<i></i><p id="t" k="1"></p><b></b>`, "1"],
  ["a target becomes nothing", `<p id="t" k="1"></p>`, ``, ""],
  ["a target becomes text", `<p id="t" k="1"></p>`, `text`, ""],
  ["an attribute is added", `<div id="t" k="1"></div>`, `<div id="t" k="1" title="x"></div>`, "1"],
  ["an attribute is changed", `<div id="t" k="1" title="x"></div>`, `<div id="t" k="1" title="y"></div>`, "1"],
  ["an attribute is removed", `<div id="t" k="1" title="x"></div>`, `<div id="t" k="1"></div>`, "1"],
  ["a form with a name", `<form id="t" name="f" k="1"><input name="a" k="2"></form>`, `<form id="t" name="f" k="1">x<input name="a" k="2"></form>`, "1 2"],
  ["classes change", `<div id="t" k="1" class="a b"></div>`, `<div id="t" k="1" class="b c"></div>`, "1"],
  ["an attribute becomes empty", `<div id="t" k="1" data-x="1"></div>`, `<div id="t" k="1" data-x=""></div>`, "1"],
  ["a boolean attribute comes", `<div id="t"><button k="1"></button></div>`, `<div id="t"><button k="1" disabled=""></button></div>`, "1"],
  ["a boolean attribute goes", `<div id="t"><button k="1" disabled=""></button></div>`, `<div id="t"><button k="1"></button></div>`, "1"],
  ["an attribute whose name only the parser accepts", `<div id="t" k="1"></div>`, `<div id="t" k="1" @click="x" :y="1" [z]="2"></div>`, "1"],
  ["such an attribute goes", `<div id="t" k="1" @click="x"></div>`, `<div id="t" k="1"></div>`, "1"],
  ["text changes", `<p id="t"><b k="1">a</b> and c</p>`, `<p id="t"><b k="1">b</b> or d</p>`, "1"],
  ["comments change", `<p id="t"><!--a--><b k="1"></b></p>`, `<p id="t"><!--b--><b k="1"></b><!--c--></p>`, "1"],
  ["blanks between elements", `<ul id="t">\n<li k="1"></li>\n\n<li k="2"></li>\n</ul>`, `<ul id="t"> <li k="1"></li><li k="2"></li>\n</ul>`, "1 2"],
  ["ids are in another order", `<ul id="t"><li id="a" k="1"></li><li id="b" k="2"></li><li id="c" k="3"></li></ul>`,
    `<ul id="t"><li id="c" k="3"></li><li id="a" k="1"></li><li id="b" k="2"></li></ul>`, "1 2 3"],
  ["an id is inserted in the middle", `<ul id="t"><li id="a" k="1"></li><li id="c" k="3"></li></ul>`,
    `<ul id="t"><li id="a" k="1"></li><li id="b" k="2"></li><li id="c" k="3"></li></ul>`, "1 3"],
  ["an id is removed in the middle", `<ul id="t"><li id="a" k="1"></li><li id="b" k="2"></li><li id="c" k="3"></li></ul>`,
    `<ul id="t"><li id="a" k="1"></li><li id="c" k="3"></li></ul>`, "1 3"],
  ["an id never turns into another", `<ul id="t"><li id="a" k="1"></li></ul>`, `<ul id="t"><li id="b" k="1"></li></ul>`, ""],
  ["ids and blanks are in another order", `<ul id="t"> <li id="a" k="1"></li> <li id="b" k="2"></li> </ul>`,
    `<ul id="t"> <li id="b" k="2"></li> <li id="a" k="1"></li> </ul>`, "1 2"],
  ["an id moves deeper", `<div id="t"><b id="a" k="1"></b><p k="2"></p></div>`, `<div id="t"><p k="2"><b id="a" k="1"></b></p></div>`, "1 2"],
  ["an id moves up", `<div id="t"><p k="2"><b id="a" k="1"></b></p></div>`, `<div id="t"><b id="a" k="1"></b><p k="2"></p></div>`, "1 2"],
  ["an id moves to a sibling", `<div id="t"><p k="2"><b id="a" k="1"></b></p><p k="3"></p></div>`,
    `<div id="t"><p k="3"></p><p k="2"><b id="a" k="1"></b></p></div>`, "1 2"],
  ["an id moves out of what goes", `<div id="t"><p><b id="a" k="1"></b></p></div>`, `<div id="t"><i><b id="a" k="1"></b></i></div>`, "1"],
  ["an id moves into something new that it was around", `<div id="t"><b id="a" k="1"></b></div>`,
    `<div id="t"><i><i><b id="a" k="1"><u></u></b></i></i></div>`, "1"],
  ["two ids change places, one in the other", `<div id="t"><p id="a" k="1"><b id="b" k="2"></b></p></div>`,
    `<div id="t"><b id="b" k="2"><p id="a" k="1"></p></b></div>`, "1 2"],
  ["ids inside something new, nested", `<div id="t"><p id="a" k="1"><b id="b" k="2"></b></p></div>`,
    `<div id="t"><i><p id="a" k="1">x<b id="b" k="2"></b></p></i></div>`, "1 2"],
  ["the target moves into something new", `<p id="t" k="1"></p>`, `<i><p id="t" k="1">x</p></i>`, "1"],
  ["an id that occurs twice counts for nothing", `<div id="t"><b id="a" k="1"></b><b id="a" k="2"></b></div>`,
    `<div id="t"><b id="a" k="1"></b><b id="a" k="2">x</b></div>`, "1 2"],
  ["an id that becomes another element is new", `<div id="t"><b id="a" k="1"></b></div>`, `<div id="t"><i id="a" k="1"></i></div>`, ""],
  ["an element without an id is known by the id inside", `<div id="t"><p k="1"><b id="a"></b></p><p k="2"><b id="b"></b></p></div>`,
    `<div id="t"><p k="2"><b id="b">x</b></p><p k="1"><b id="a">y</b></p></div>`, "1 2"],
  ["elements without ids by their order", `<ul id="t"><li k="1">a</li><li k="2">b</li></ul>`, `<ul id="t"><li k="1">c</li><li k="2">d</li></ul>`, "1 2"],
  ["one without an id is inserted first", `<ul id="t"><li k="1">a</li><li k="2">b</li></ul>`, `<ul id="t"><li>x</li><li k="1">a</li><li k="2">b</li></ul>`, "1 2"],
  ["one without an id goes, another changes", `<ul id="t"><li k="0">x</li><li k="1">a</li><li k="2">b</li></ul>`, `<ul id="t"><li k="1">a</li><li k="2">c</li></ul>`, "1 2"],
  ["one without an id comes, another changes", `<ul id="t"><li k="1">a</li><li k="2">b</li><li k="3">c</li></ul>`,
    `<ul id="t"><li k="1">a</li><li>x</li><li k="2">b</li><li k="3">d</li></ul>`, "1 2 3"],
  ["many without ids are inserted first", `<ul id="t"><li k="1">a</li><li k="2">b</li></ul>`,
    `<ul id="t">${"<li>x</li>".repeat(20)}<li k="1">a</li><li k="2">b</li></ul>`, "1 2"],
  ["fields are known by their names", `<form id="t"><p><input name="a" k="1"></p><p><input name="b" k="2"></p></form>`,
    `<form id="t"><p><input name="b" k="2"></p><p><input name="a" k="1"></p></form>`, "1 2"],
  ["a field of another name is new", `<form id="t"><input name="a" k="1"></form>`, `<form id="t"><input name="b" k="1"></form>`, ""],
  ["a field of another form is new", `<div id="t"><form wx-send="a"><input name="q" k="1"></form></div>`,
    `<div id="t"><form wx-send="b"><input name="q" k="1"></form></div>`, ""],
  ["boxes of one name are known by their values", `<form id="t"><input type="checkbox" name="a" value="1" k="1"><input type="checkbox" name="a" value="2" k="2"></form>`,
    `<form id="t"><input type="checkbox" name="a" value="2" k="2"><input type="checkbox" name="a" value="1" k="1"></form>`, "1 2"],
  ["a password that is shown is the same field", `<form id="t"><input type="password" name="p" k="1"></form>`, `<form id="t"><input type="text" name="p" k="1"></form>`, "1"],
  ["table rows and cells", `<table id="t"><tbody><tr id="a" k="1"><td k="2">1</td></tr></tbody></table>`,
    `<table id="t"><tbody><tr id="b"><td>0</td></tr><tr id="a" k="1"><td k="2">2</td><td>3</td></tr></tbody></table>`, "1 2"],
  ["a row by itself", `<table><tbody><tr id="t" k="1"><td k="2">1</td></tr></tbody></table>`, `<tr id="t" k="1"><td k="2">2</td></tr>`, "1 2",
    (row) => `<table><tbody>${row}</tbody></table>`],
  ["options", `<select id="t" k="1"><option k="2">a</option></select>`, `<select id="t" k="1"><option k="2">a</option><option>b</option></select>`, "1 2"],
  ["SVG", `<svg id="t" k="1"><g k="2"><rect k="3" width="1"></rect></g></svg>`,
    `<svg id="t" k="1"><g k="2"><rect k="3" width="2"></rect><circle r="1"></circle></g></svg>`, "1 2 3"],
  ["custom elements", `<x-morph id="t" k="1" a="1"><b k="2"></b></x-morph>`, `<x-morph id="t" k="1" a="2"><b k="2">x</b></x-morph>`, "1 2"],
  ["a template's content", `<template id="t" k="1"><b>a</b></template>`, `<template id="t" k="1"><b>b</b></template>`, "1"],
  ["a template's content inside", `<div id="t"><template k="1"><b>a</b></template></div>`, `<div id="t"><template k="1"><b>b</b></template></div>`, "1"],
  ["blanks around the html do not come into the page", `<p id="t" k="1"></p>`, `\n <p id="t" k="1"></p>\n`, "1", (html) => html.trim()],
];

for (const [name, page, html, kept, around = (inner) => inner] of outer) {
  test(`morph: ${name}`, () => {
    show(page);
    const before = new Map(all("[k]").map((node) => [node.getAttribute("k"), node]));
    morph(html);
    equal(stage(), around(html));
    const same = all("[k]").filter((node) => before.get(node.getAttribute("k")) === node);
    equal(same.map((node) => node.getAttribute("k")).sort().join(" "), kept);
  });
}

test("morph: innerMorph keeps what is inside and leaves the target's attributes", () => {
  const list = show(`<ul id="t" class="x"><li id="a">1</li></ul>`);
  const item = $("#a");
  morph(`<li id="b">0</li><li id="a">2</li>`, "innerMorph");
  equal(stage(), `<ul id="t" class="x"><li id="b">0</li><li id="a">2</li></ul>`);
  ok($("#t") === list && $("#a") === item, "the same nodes");
});

test("morph: only the target changes hands, not what its neighbours hold", () => {
  show(`<p id="t"></p><b id="a">page</b>`);
  const neighbour = $("#a");
  morph(`<p id="t"><b id="a">new</b></p>`);
  ok(neighbour.isConnected && neighbour.textContent === "page" && $("#t").children.length === 1, stage());
});

test("morph: body is morphed inside", () => {
  const { body } = document;
  const kept = [...body.childNodes];
  const mine = document.createElement("p");
  mine.id = "mine";
  body.append(mine);
  morph(`<p id="mine">x</p><p>y</p>`, "outerMorph", "body");
  const got = [document.body === body, body.firstChild === mine, body.innerHTML];
  body.replaceChildren(...kept);
  equal(got, [true, true, `<p id="mine">x</p><p>y</p>`]);
});

const same = `<p class="a">x <b>y</b></p><!--c--> <template><i></i></template><form><input name="a" value="1"><input type="checkbox" checked>
  <input type="range"><input type="file" name="f"><textarea>z</textarea><select><option>1</option><option selected>2</option></select>
  <select multiple><option>1</option></select></form>
  <details open><summary>s</summary></details><svg viewBox="0 0 1 1"><use xlink:href="#x"></use></svg><table><tr><td>1</td></tr></table>
  <noscript><p>no</p></noscript><ul><li id="l1"></li><li id="l2"></li></ul><script type="x">1</script>`;

for (const [swap, html] of [["outerMorph", `<div id="t">${same}</div>`], ["innerMorph", same]]) {
  test(`morph: ${swap} of the same html touches nothing`, () => {
    show(`<div id="t">${same}</div>`);
    const observer = new MutationObserver(() => {});
    observer.observe($("#stage"), { subtree: true, childList: true, attributes: true, characterData: true });
    morph(html, swap);
    const records = observer.takeRecords();
    observer.disconnect();
    equal(records.map((record) => `${record.type} ${record.target.nodeName} ${record.attributeName}`), []);
  });
}

test("morph: of a list in which one row goes to the end, only that row moves", () => {
  const row = (i) => `<li id="r${i}">${i}</li>`;
  const rows = Array.from({ length: 50 }, (_, i) => row(i));
  show(`<ul id="t">${rows.join("")}</ul>`);
  const observer = new MutationObserver(() => {});
  observer.observe($("#t"), { childList: true });
  morph([...rows.slice(1), rows[0]].join(""), "innerMorph");
  const moved = observer.takeRecords().flatMap((record) => [...record.addedNodes]);
  equal([moved.map((node) => node.id), $("#t").lastChild.id, $("#t").children.length], [["r0"], "r0", 50]);
});

test("morph: lists in every order come out right", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const orders = ids.reduce((lists, id) => lists.flatMap((list) => [list, ...list.map((_, i) => list.toSpliced(i, 0, id)), [...list, id]]), [[]]);
  const html = (list) => list.map((id) => `<li id="${id}"></li>`).join(" ");
  const ul = show(`<ul id="t"></ul>`);
  for (const [i, list] of orders.entries()) {
    const before = new Map([...ul.children].map((node) => [node.id, node]));
    morphContent(ul, parse(html(list), ul));
    equal(ul.innerHTML, html(list), `order ${i}`);
    for (const node of ul.children) ok(!before.has(node.id) || before.get(node.id) === node, `${node.id} in order ${i} is new`);
  }
  ok(orders.length > 300, `only ${orders.length} orders`);
});

test("morph: of 1,000 rows only the ten that changed are touched", () => {
  const row = (i, text) => `<tr id="r${i}"><td>${i}</td><td class="c">${text}</td><td><button wx-send="x" data-id="${i}">go</button></td></tr>`;
  const table = (text) => Array.from({ length: 1000 }, (_, i) => row(i, i % 100 === 0 ? text : "")).join("\n");
  show(`<table><tbody id="t">${table("old")}</tbody></table>`);
  const body = $("#t");
  const rows = [...body.children];
  const observer = new MutationObserver(() => {});
  observer.observe(body, { subtree: true, childList: true, attributes: true, characterData: true });
  morphContent(body, parse(table("new"), body));
  const touched = observer.takeRecords().map(({ target }) => `${target.nodeName} of ${target.parentNode.closest("tr").id}`);
  observer.disconnect();
  equal(touched, Array.from({ length: 10 }, (_, i) => `#text of r${100 * i}`));
  ok(rows.every((node, i) => body.children[i] === node) && rows[900].children[1].textContent === "new", "the rows are the same");
});

test("morph: scripts never run, whether they come or change", async () => {
  const idle = document.createElement("script");
  show(`<div id="t"></div>`).append(idle); // empty: it would run as soon as it is given a text
  morph(`<div id="t"><script src="ran.js?morphed"></script><script src="ran.js?second"></script></div>`);
  for (let i = 0; i < 3; i++) await (await fetch("ran.js?morphed")).text();
  equal(window.ran, ["?page"]);
  equal($("#t").querySelectorAll("script").length, 2);
});

test("morph: what only the parser may set under Trusted Types arrives", () => {
  show(`<div id="t"><iframe srcdoc="a"></iframe><p id="p"></p></div>`);
  const kept = $("#p");
  morph(`<div id="t"><iframe srcdoc="b"></iframe><p id="p">x</p></div>`);
  equal($("iframe").getAttribute("srcdoc"), "b");
  ok($("#p") === kept && kept.textContent === "x", stage());
});

test("morph: SVG attributes keep their namespace, new children their way to be drawn", () => {
  show(`<svg id="t"><use xlink:href="#a"></use></svg>`);
  morph(`<use xlink:href="#b"></use><circle r="1"/>`, "innerMorph");
  equal($("#t use").getAttributeNS("http://www.w3.org/1999/xlink", "href"), "#b");
  equal($("#t circle").namespaceURI, "http://www.w3.org/2000/svg");
});

test("morph: a custom element hears of its attributes and is not connected anew", () => {
  const heardOf = [];
  customElements.define("x-hears", class extends HTMLElement {
    static observedAttributes = ["a"];
    connectedCallback() {
      heardOf.push("connected");
    }
    attributeChangedCallback(_, old, now) {
      heardOf.push(`${old} to ${now}`);
    }
  });
  show(`<div id="t"><x-hears a="1"></x-hears></div>`);
  morph(`<div id="t"><x-hears a="2"></x-hears></div>`);
  equal(heardOf, ["null to 1", "connected", "1 to 2"]);
});

test("morph: a template inside the target keeps its own elements", () => {
  show(`<div id="t"><template><b>a</b><i></i></template></div>`);
  const inner = $("#t template").content.firstChild;
  morph(`<div id="t"><template><b>b</b><i></i></template></div>`);
  ok($("#t template").content.firstChild === inner && inner.textContent === "b", stage());
});

test("morph: a form whose fields are called like members", () => {
  const names = "id children childNodes attributes parentNode nodeName nextSibling insertBefore moveBefore remove contains closest querySelectorAll isEqualNode";
  const fields = [..."getAttribute hasAttribute setAttributeNode elements isConnected matches replaceWith".split(" "), ...names.split(" ")]
    .map((name) => `<input name="${name}">`)
    .join("");
  const form = show(`<form id="t" class="a">${fields}</form>`);
  const field = $("#t input");
  morph(`<form id="t" class="b"><p></p>${fields}<i></i></form>`);
  equal(stage(), `<form id="t" class="b"><p></p>${fields}<i></i></form>`);
  ok($("#stage > form") === form && $("#t input") === field, "the same nodes");
  morph(`<b></b>${fields}`, "innerMorph");
  equal(stage(), `<form id="t" class="b"><b></b>${fields}</form>`);
  morph(`<div id="t"></div>`);
  equal(stage(), `<div id="t"></div>`);
});

test("morph: wx-preserve keeps an element with an id as it is, wherever it goes", () => {
  show(`<div id="t"><div id="a" wx-preserve class="x"><b id="in">mine</b></div><p></p></div>`);
  const [kept, inside] = [$("#a"), $("#in")];
  morph(`<div id="t"><p><i id="in"></i><div id="a" wx-preserve class="y">theirs</div></p></div>`);
  ok($("#a") === kept && kept.className === "x" && inside.parentNode === kept, stage());
  morph(`<div id="t"><section><b id="in"></b><div id="a">theirs</div></section></div>`);
  ok($("#a") === kept && kept.textContent === "mine" && kept.parentNode.localName === "section" && inside.parentNode === kept, stage());
  morph(`<div id="t"></div>`);
  equal(stage(), `<div id="t"></div>`, "what the html does not have goes");
});

test("morph: wx-preserve without an id means nothing", () => {
  show(`<div id="t"><p wx-preserve>a</p></div>`);
  morph(`<div id="t"><p wx-preserve>b</p></div>`);
  equal($("#t").textContent, "b");
});

test("morph: inside wx-ignore nothing changes, its own attributes do", () => {
  show(`<div id="t"><div wx-ignore class="x"><b id="in">mine</b></div><p></p></div>`);
  const inside = $("#in");
  morph(`<div id="t"><div wx-ignore class="y">theirs</div><p><b id="in">x</b></p></div>`);
  equal(stage(), `<div id="t"><div wx-ignore="" class="y"><b id="in">mine</b></div><p><b id="in">x</b></p></div>`);
  ok($("#in") === inside, "the same node");
});

test("morph: a target inside wx-ignore is left alone", () => {
  show(`<div wx-ignore><div id="t"><b>mine</b></div></div>`);
  morph(`<div id="t">theirs</div>`);
  morph(`theirs`, "innerMorph");
  equal($("#t").innerHTML, "<b>mine</b>");
  morph(`theirs`, "innerHTML");
  equal($("#t").innerHTML, "theirs", "other verbs do not look");
});

test("morph: textarea and title as targets hold text", () => {
  show(`<textarea id="t">a</textarea>`);
  morph("1 &lt;b&gt; 2", "innerMorph");
  equal([$("#t").value, $("#t").children.length], ["1 <b> 2", 0]);
});

test("morph: wsx:beforeSwap and wsx:afterSwap are told as with every verb", async () => {
  show(`<div id="t"></div>`);
  const socket = connected();
  const [before, after] = [heard("wsx:beforeSwap", "m"), heard("wsx:afterSwap", "m")];
  socket.push({ id: "m", target: "#t", html: `<div id="t">x</div>`, swap: "outerMorph settle:0" });
  await until(() => after.length === 1);
  equal([before[0].target.id, before[0].detail.swapType, after[0].target === $("#t")], ["t", "outerMorph", true]);
  socket.push({ id: "m", target: "#t", html: `<p id="n">x</p>`, swap: "outerMorph settle:0" });
  await until(() => after.length === 2);
  equal(after[1].target.id, "n", "what the target has become");
});
