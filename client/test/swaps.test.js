import { parseSwap } from "../src/shared/swap-spec.js";
import { equal, heard, manualTimers, test, until } from "./harness.js";
import { $, connected, show } from "./page.js";

/** Swaps into #t of the given page and returns what the stage then holds. */
function swap(page, swap, html, target = "#t") {
  show(page);
  connected().push({ id: "x", target, html, swap });
  return $("#stage").innerHTML;
}

const list = `<ul id="t"><li>a</li></ul>`;

test("swap: innerHTML replaces the content", () => equal(swap(list, "innerHTML", "<li>b</li>"), `<ul id="t"><li>b</li></ul>`));
test("swap: outerHTML replaces the element", () => equal(swap(list, "outerHTML", "<p>b</p>"), `<p>b</p>`));
test("swap: beforebegin inserts before", () => equal(swap(list, "beforebegin", "<p>b</p>"), `<p>b</p>${list}`));
test("swap: afterend inserts after", () => equal(swap(list, "afterend", "<p>b</p>"), `${list}<p>b</p>`));
test("swap: afterbegin prepends", () => equal(swap(list, "afterbegin", "<li>b</li>"), `<ul id="t"><li>b</li><li>a</li></ul>`));
test("swap: beforeend appends", () => equal(swap(list, "beforeend", "<li>b</li>"), `<ul id="t"><li>a</li><li>b</li></ul>`));
test("swap: delete removes, and needs no html", () => equal(swap(list, "delete", undefined), ""));
test("swap: none leaves the page alone", () => equal(swap(list, "none", "<p>b</p>"), list));
test("swap: the default is innerHTML", () => equal(swap(list, undefined, "b"), `<ul id="t">b</ul>`));
test("swap: an unknown style is done as innerHTML", () => equal(swap(list, "sideways", "b"), `<ul id="t">b</ul>`));
test("swap: a name that every object has is no style", () => equal(swap(list, "constructor", "b"), `<ul id="t">b</ul>`));
test("swap: innerMorph and outerMorph bring the new markup", () => {
  equal(swap(list, "innerMorph", "<li>b</li>"), `<ul id="t"><li>b</li></ul>`);
  equal(swap(list, "outerMorph", `<ul id="t"></ul>`), `<ul id="t"></ul>`);
});

test("swap: textContent shows escaped text as it was typed", () => {
  swap(list, "textContent", "a&lt;b> &amp;amp; <i>c</i>");
  equal($("#t").textContent, "a<b> &amp; c");
  equal($("#t").children.length, 0);
});

test("swap: table rows, cells and options survive", () => {
  equal(swap(`<table><tbody id="t"></tbody></table>`, "beforeend", "<tr><td>1</td></tr>"), `<table><tbody id="t"><tr><td>1</td></tr></tbody></table>`);
  equal(swap(`<table><tbody><tr id="t"></tr></tbody></table>`, "innerHTML", "<td>1</td><td>2</td>"), `<table><tbody><tr id="t"><td>1</td><td>2</td></tr></tbody></table>`);
  equal(swap(`<select id="t"></select>`, "innerHTML", "<option>1</option>"), `<select id="t"><option>1</option></select>`);
});

test("swap: what goes into an SVG is drawn", () => {
  const svg = "http://www.w3.org/2000/svg";
  swap(`<svg><g id="t"></g></svg>`, "beforeend", `<circle r="1"/><path id="p" d="M0 0"/>`);
  equal([...$("#t").children].map((c) => [c.localName, c.namespaceURI]), [["circle", svg], ["path", svg]]);
  swap(`<svg><rect id="t"/></svg>`, "outerHTML", `<circle id="c"/>`);
  equal($("#c").namespaceURI, svg);
  swap(`<svg id="t"><rect/></svg>`, "outerHTML", `<p id="p">html beside it</p>`);
  equal($("#p").namespaceURI, "http://www.w3.org/1999/xhtml");
});

test("swap: HTML inside an SVG's foreignObject stays HTML", () => {
  swap(`<svg><foreignObject id="t"></foreignObject></svg>`, "innerHTML", `<p id="p">x</p>`);
  equal($("#p").namespaceURI, "http://www.w3.org/1999/xhtml");
});

test("swap: a textarea shows text that looks like markup", () => {
  swap(`<textarea id="t"></textarea>`, "innerHTML", "1 &lt;b&gt; 2");
  equal($("#t").value, "1 <b> 2");
});

test("swap: body can be replaced without losing the document", () => {
  const before = document.body;
  show(`<i></i>`);
  const kept = [...document.body.childNodes];
  connected().push({ target: "body", html: `<p id="new">x</p>`, swap: "outerHTML" });
  const got = [document.body === before, document.body.children.length, $("#new")?.textContent];
  document.body.replaceChildren(...kept);
  equal(got, [true, 1, "x"]);
});

for (const style of ["innerHTML", "outerHTML", "innerMorph", "textContent", "delete", "beforeend"]) {
  test(`swap: ${style} at html and body leaves a document`, () => {
    const { documentElement, head, body } = document;
    const kept = [...body.childNodes];
    const socket = connected();
    const got = ["html", "body"].map((target) => {
      socket.push({ target, html: `<head><title>x</title></head><body><p id="new">x</p></body>`, swap: style });
      return [document.documentElement === documentElement, document.head === head, document.body === body, body.textContent.includes("x")];
    });
    if (document.documentElement !== documentElement) document.replaceChildren(documentElement);
    documentElement.replaceChildren(head, body);
    body.replaceChildren(...kept);
    equal(got, Array(2).fill([true, true, true, style !== "delete"]));
  });
}

test("swap: what goes into a template goes into its content", () => {
  const page = `<p id="n">page</p><template id="t"><i></i></template>`;
  equal(swap(page, "beforeend", `<b id="n">1</b>`), `<p id="n">page</p><template id="t"><i></i><b id="n">1</b></template>`);
  equal(swap(page, "afterbegin", `<b id="n">1</b>`), `<p id="n">page</p><template id="t"><b id="n">1</b><i></i></template>`);
  connected().push({ target: "#t", html: `<b id="n">2</b>`, swap: "beforeend" });
  equal($("#t").innerHTML, `<b id="n">2</b><i></i>`, "its own twin is replaced");
});

test("swap: scripts in delivered HTML never run", async () => {
  swap(list, "innerHTML", `<script src="ran.js?swapped"></script><svg><script href="ran.js?swapped"></script></svg>`);
  for (let i = 0; i < 3; i++) await (await fetch("ran.js?swapped")).text(); // time enough for a script that was to run
  equal(window.ran, ["?page"], "only the script in index.html");
});

test("swap: appending an element that is already in the list replaces it in place", () => {
  const page = `<ul id="t"><li id="a">old</li><li>z</li></ul>`;
  equal(swap(page, "beforeend", `<li id="a">new</li><li id="b">b</li>`), `<ul id="t"><li id="a">new</li><li>z</li><li id="b">b</li></ul>`);
  equal(swap(page, "afterbegin", `<li id="a">new</li>`), `<ul id="t"><li id="a">new</li><li>z</li></ul>`);
});

test("swap: appending an element that is elsewhere moves it", () => {
  equal(swap(`<p id="a">old</p><div id="t"></div>`, "beforeend", `<p id="a">new</p>`), `<div id="t"><p id="a">new</p></div>`);
  equal(swap(`<div id="t"></div><div><p id="a">old</p></div>`, "beforebegin", `<p id="a">new</p>`), `<p id="a">new</p><div id="t"></div><div></div>`);
});

test("swap: inserting beside the target an element with the target's id replaces the target", () => {
  equal(swap(`<p id="t">old</p>`, "afterend", `<p id="t">new</p><p>more</p>`), `<p id="t">new</p><p>more</p>`);
});

test("swap: an element around the target is not taken for a twin", () => {
  equal(swap(`<div id="a"><div id="t"></div></div>`, "beforeend", `<p id="a">x</p>`), `<div id="a"><div id="t"><p id="a">x</p></div></div>`);
});

test("swap: modifiers are read in any order, the style may be missing", () => {
  equal(parseSwap("beforeend swap:1.5s settle:0 scroll:bottom"), { style: "beforeend", delay: 1500, settle: 0, scroll: "bottom" });
  equal(parseSwap("settle:100ms show:top"), { style: "innerHTML", delay: 0, settle: 100, show: "top" });
  equal(parseSwap("outerHTML swap:50s"), { style: "outerHTML", delay: 5000, settle: 20 });
  equal(parseSwap("none swap:x settle: focus-scroll:true"), { style: "none", delay: 0, settle: 20 });
  equal(parseSwap(undefined).style, "innerHTML");
});

test("swap: scroll:bottom and scroll:top scroll the container itself", async () => {
  const page = `<div id="t" class="scroller"></div>`;
  swap(page, "beforeend scroll:bottom", `<p class="tall"></p>`);
  await until(() => $("#t").scrollTop > 2000);
  connected().push({ target: "#t", html: `<p>x</p>`, swap: "afterbegin scroll:top" });
  await until(() => $("#t").scrollTop === 0);
  equal(window.scrollY, 0);
});

const edges = () => ["top", "bottom"].map((edge) => Math.round($("#t").getBoundingClientRect()[edge]));

test("swap: scroll:bottom on an element that does not scroll shows its end", async () => {
  swap(`<div id="t" class="tall"></div>`, "beforeend scroll:bottom", `<p>x</p>`);
  await until(() => edges()[1] === window.innerHeight);
});

test("swap: show brings the target into view, show:window the page's top", async () => {
  swap(`<div class="tall"></div><p id="t"></p><div class="tall"></div>`, "innerHTML show:top", "x");
  await until(() => edges()[0] === 0);
  connected().push({ target: "#t", html: "y", swap: "innerHTML show:bottom" });
  await until(() => edges()[1] === window.innerHeight);
  connected().push({ target: "#t", html: "y", swap: "show:window" });
  await until(() => window.scrollY === 0);
});

test("swap: wsx:beforeSwap bubbles, tells everything and may change the update", () => {
  show(list);
  const socket = connected();
  const events = heard("wsx:beforeSwap");
  $("#t").addEventListener("wsx:beforeSwap", (event) => (event.detail.update.html = "changed"));
  socket.push({ id: "7", target: "#t", html: "given", swap: "innerHTML settle:0" });
  const { message, element, update, isOOB, target, content, swapType } = events[0].detail;
  equal([message.id, element.id, update.swap, isOOB, target.id, content, swapType], ["7", "t", "innerHTML settle:0", false, "t", "given", "innerHTML"]);
  equal([events[0].bubbles, events[0].composed, events[0].target.id], [true, true, "t"]);
  equal($("#t").textContent, "changed");
});

test("swap: wsx:beforeSwap can refuse an update", () => {
  show(list);
  const socket = connected();
  $("#t").addEventListener("wsx:beforeSwap", (event) => event.preventDefault());
  socket.push({ target: "#t", html: "x" });
  equal($("#t").textContent, "a");
});

test("swap: wsx:afterSwap comes after the settle time", () => {
  show(list);
  const timers = manualTimers();
  const socket = connected();
  const events = heard("wsx:afterSwap", "after");
  socket.push({ id: "after", target: "#t", html: "x" });
  equal(events.length, 0);
  timers.ring(20);
  equal([events[0].target.id, events[0].detail.swapType, events[0].detail.content], ["t", "innerHTML", "x"]);
});

test("swap: after outerHTML wsx:afterSwap is told on the new element, after delete on the parent", async () => {
  show(`<div id="box"><p id="t"></p></div>`);
  const socket = connected();
  const events = heard("wsx:afterSwap", "after");
  socket.push({ id: "after", target: "#t", html: `<b id="n"></b>`, swap: "outerHTML settle:0" });
  await until(() => events.length === 1);
  equal(events[0].target.id, "n");
  socket.push({ id: "after", target: "#n", swap: "delete settle:0" });
  await until(() => events.length === 2);
  equal(events[1].target.id, "box");
});
