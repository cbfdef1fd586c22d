import { equal, heard, ok, soon, stub, test, until } from "./harness.js";
import { $, connected, FakeSocket, press, show } from "./page.js";

const rows = (from, to, style = "row") => Array.from({ length: to - from + 1 }, (_, i) => `<li id="r${from + i}" class="${style}">${from + i}</li>`).join("");
const isAtEnd = ({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop < 2;

/** Two frames on, all is done that waits for one: what has not happened by then does not happen. */
const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Shows html and waits until the client takes care of it. */
async function page(html) {
  show(html);
  const socket = connected();
  socket.push({ target: "html", html: "", swap: "action", args: ["removeClass"] });
  await until(() => FakeSocket.last === socket && (!$("[wx-stick]") || isAtEnd($(".scroller"))), "the client is there");
  await frames();
  return socket;
}

/** The reader scrolls, which is told with the next frame. */
async function scrollTo(scroller, top) {
  const told = new Promise((done) => scroller.addEventListener("scroll", done, { once: true }));
  scroller.scrollTop = top;
  await told;
  await frames();
}

const append = (socket, from, to = from) => socket.push({ target: "#list", html: rows(from, to), swap: "beforeend settle:0" });
const prepend = (socket, from, to = from) => socket.push({ target: "#list", html: rows(from, to), swap: "afterbegin settle:0" });
const topOf = (selector) => Math.round($(selector).getBoundingClientRect().top);

const inScroller = `<div class="scroller"><ul id="list" wx-stick>${rows(101, 120)}</ul></div>`;
const isScroller = `<ul class="scroller" id="list" wx-stick="bottom">${rows(101, 120)}</ul>`;
const aroundList = `<div class="scroller" wx-stick><ul id="list">${rows(101, 120)}</ul></div>`;

for (const [what, html] of [["in a scroller", inScroller], ["that is the scroller", isScroller], ["in a marked scroller", aroundList]]) {
  test(`lists: one ${what} stays at the bottom`, async () => {
    const socket = await page(html);
    append(socket, 121, 130);
    await until(() => isAtEnd($(".scroller")));
    equal([$("#list").childElementCount, $("[data-wsx-unseen]")], [30, null]);
  });

  test(`lists: one ${what} stays where the reader has scrolled to, and counts what comes in below`, async () => {
    const socket = await page(html);
    await scrollTo($(".scroller"), 100);
    const events = heard("wsx:unseen");
    const before = topOf("#r106");
    append(socket, 121);
    append(socket, 122, 123);
    await until(() => $("[wx-stick]").dataset.wsxUnseen === "3");
    await frames();
    equal([topOf("#r106"), events.at(-1).detail.count, events.at(-1).target === $("[wx-stick]")], [before, 3, true]);
    await scrollTo($(".scroller"), 1e6);
    equal([events.at(-1).detail.count, $("[data-wsx-unseen]")], [0, null]);
    append(socket, 124);
    await until(() => isAtEnd($(".scroller")) && $("#r124"));
  });

  test(`lists: what is prepended to one ${what} moves nothing that the reader looks at`, async () => {
    const socket = await page(html);
    for (const top of [100, 0]) {
      await scrollTo($(".scroller"), top);
      const [first, before] = [`#${$("#list").children[Math.ceil(top / 20)].id}`, topOf(`#${$("#list").children[Math.ceil(top / 20)].id}`)];
      prepend(socket, top, top + 9);
      await frames();
      equal([topOf(first), $("[data-wsx-unseen]")], [before, null], `from ${top}`);
    }
  });
}

test("lists: what is prepended does not lead a reader away from the bottom", async () => {
  const socket = await page(inScroller);
  prepend(socket, 1, 30);
  await until(() => isAtEnd($(".scroller")));
});

test("lists: what the reader looks at stays when rows above it change", async () => {
  const socket = await page(inScroller);
  await scrollTo($(".scroller"), 200);
  const before = topOf("#r115");
  socket.push({ target: "#r102", html: "a<br>b<br>c", swap: "innerHTML settle:0" });
  socket.push({ target: "#r103", html: "", swap: "delete" });
  socket.push({ target: "#r104", html: rows(50, 55), swap: "beforebegin settle:0" });
  equal(topOf("#r115"), before);
  await frames();
  equal(topOf("#r115"), before);
  socket.push({ target: "#list", html: rows(90, 120), swap: "innerMorph settle:0" });
  await frames();
  equal(topOf("#r115"), before);
});

test("lists: without wx-stick, too, prepending moves nothing that the reader looks at", async () => {
  const socket = await page(`<div class="scroller"><ul id="list">${rows(101, 120)}</ul></div><p wx-limit="1"></p>`);
  await scrollTo($(".scroller"), 100);
  const before = topOf("#r106");
  prepend(socket, 1, 10);
  await until(() => topOf("#r106") === before);
  await frames();
  equal(topOf("#r106"), before);
});

test("lists: a row that takes the place of its twin is not a new one", async () => {
  const socket = await page(inScroller);
  await scrollTo($(".scroller"), 0);
  append(socket, 120, 121);
  await until(() => $("[wx-stick]").dataset.wsxUnseen === "1");
  socket.push({ target: "#list", html: rows(101, 122), swap: "innerHTML settle:0" });
  await until(() => $("[wx-stick]").dataset.wsxUnseen === "2");
  socket.push({ target: "#list", html: rows(101, 122).replaceAll(/ id="\w+"/g, ""), swap: "innerHTML settle:0" });
  await frames();
  equal($("[wx-stick]").dataset.wsxUnseen, "2");
});

test("lists: a row that grows, or a window that shrinks, leaves the bottom in view", async () => {
  const socket = await page(inScroller);
  $("#list").classList.add("wide");
  socket.push({ target: "#r120", html: "more<br>and more<br>of it<br>and more<br>of it", swap: "innerHTML settle:0" });
  await until(() => isAtEnd($(".scroller")));
  $(".scroller").style.height = "40px";
  await until(() => $(".scroller").clientHeight === 40 && isAtEnd($(".scroller")));
});

test("lists: a list that comes later is taken care of", async () => {
  const socket = await page(`<div id="place"></div><p wx-limit="1"></p>`);
  socket.push({ target: "#place", html: inScroller, swap: "innerHTML settle:0" });
  await until(() => isAtEnd($(".scroller")));
  append(socket, 121);
  await until(() => $("#r121") && isAtEnd($(".scroller")));
});

test("lists: wx-unseen shows how many there are and leads to them", async () => {
  const socket = await page(`${inScroller}<button wx-unseen="#list"><b wx-count></b> new</button><button wx-unseen="###">x</button>`);
  const button = $("button");
  equal([button.hidden, button.nextElementSibling.hidden], [true, true]);
  await scrollTo($(".scroller"), 0);
  append(socket, 121, 122);
  await until(() => !button.hidden);
  equal([button.textContent, button.dataset.count], ["2 new", "2"]);
  button.click();
  await until(() => isAtEnd($(".scroller")) && button.hidden);
  equal(button.dataset.count, "0");
});

test("lists: a count that a translator has wrapped stays until there is another one", async () => {
  const socket = await page(`${inScroller}<button wx-unseen="#list"><b wx-count></b> new</button>`);
  const count = $("[wx-count]");
  await scrollTo($(".scroller"), 0);
  append(socket, 121, 122);
  await until(() => count.textContent === "2");
  const font = document.createElement("font");
  font.append("zwei");
  count.replaceChildren(font);
  $("button").append("!"); // which has the client look again
  await until(() => $("button").textContent.endsWith("!"));
  equal(count.innerHTML, "<font>zwei</font>");
  append(socket, 123);
  await until(() => count.innerHTML === "3");
});

test("lists: wx-limit lets the first ones go when some come in at the end", async () => {
  const socket = await page(`<ul id="list" wx-limit="3">${rows(1, 3)}</ul>`);
  append(socket, 4, 5);
  await until(() => $("#list").textContent === "345");
  append(socket, 6, 15);
  await until(() => $("#list").textContent === "131415");
});

test("lists: wx-limit lets the last ones go when some come in at the start", async () => {
  const socket = await page(`<ul id="list" wx-limit="3">\n${rows(4, 6)}\n</ul>`);
  prepend(socket, 2, 3);
  await until(() => $("#list").textContent.replace(/\s/g, "") === "234");
  socket.push({ target: "#r2", html: rows(1, 1), swap: "beforebegin" });
  await until(() => $("#list").textContent.replace(/\s/g, "") === "123");
});

test("lists: wx-limit takes nothing from a list that is written anew, and follows what is put into its midst", async () => {
  const socket = await page(`<ul id="list" wx-limit="3">${rows(1, 3)}</ul>`);
  socket.push({ target: "#list", html: rows(11, 15), swap: "innerHTML" });
  await frames();
  equal($("#list").childElementCount, 5);
  append(socket, 16);
  await until(() => $("#list").textContent === "141516");
  socket.push({ target: "#r15", html: `<li>a</li>`, swap: "afterend" });
  await until(() => $("#list").textContent === "15a16");
});

test("lists: wx-limit never takes what has the focus inside", async () => {
  const socket = await page(`<ul id="list" wx-limit="2"><li>1</li><li><input id="f"></li></ul>`);
  $("#f").focus();
  append(socket, 3, 4);
  await until(() => $("#list").childElementCount === 2);
  equal([$("#list").textContent, document.activeElement.id], ["4", "f"]);
});

test("lists: a limit that is none is none", async () => {
  const socket = await page(`<ul id="list" wx-limit="many">${rows(1, 2)}</ul>`);
  append(socket, 3);
  await frames();
  equal($("#list").textContent, "123");
});

test("lists: rows that go above leave what the reader looks at where it is", async () => {
  const socket = await page(inScroller.replace("wx-stick", `wx-stick wx-limit="20"`));
  await scrollTo($(".scroller"), 200);
  const before = topOf("#r115");
  append(socket, 121, 125);
  await until(() => $("#list").childElementCount === 20);
  equal([$("#list").firstElementChild.id, topOf("#r115")], ["r106", before]);
  await frames();
  equal([topOf("#r115"), $("#list").dataset.wsxUnseen], [before, "5"]);
});

test("lists: the bottom stays in view in a stream of rows under a limit", async () => {
  const socket = await page(inScroller.replace("wx-stick", `wx-stick wx-limit="20"`));
  for (let i = 121; i < 321; i++) append(socket, i);
  await until(() => $("#list").childElementCount === 20 && isAtEnd($(".scroller")));
  for (let i = 321; i < 326; i++) {
    append(socket, i);
    await frames();
    ok(isAtEnd($(".scroller")), `after ${i}`);
  }
  await scrollTo($(".scroller"), 50);
  append(socket, 326);
  await until(() => $("#list").dataset.wsxUnseen === "1");
});

test("lists: what wx-limit takes leaves no blanks behind", async () => {
  await page(`<div id="t" wx-limit="5"></div>`);
  for (const swap of ["beforeend", "afterbegin"]) {
    for (let i = 0; i < 30; i++) {
      FakeSocket.last.push({ target: "#t", html: `\n<p>${i}</p>\n<!-- ${i} -->`, swap });
      await soon();
    }
    equal([$("#t").children.length, $("#t").childNodes.length < 30], [5, true], swap);
  }
});

for (const [swap, want] of [["beforeend", "45678"], ["afterbegin", "87654"]]) {
  test(`lists: a morph with more than wx-limit allows loses what an insert by ${swap} would`, async () => {
    await page(`<div id="t" wx-limit="5"></div>`);
    const row = (i) => `<p id="m${i}">${i}</p>`;
    const rows = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const i of rows.slice(0, -1)) {
      FakeSocket.last.push({ target: "#t", html: row(i), swap });
      await soon();
    }
    if (swap === "afterbegin") rows.reverse();
    for (let i = 0; i < 2; i++) {
      FakeSocket.last.push({ target: "#t", html: rows.map(row).join(""), swap: "innerMorph" });
      await soon();
      equal($("#t").textContent, want);
    }
  });
}
