import { destination } from "../src/more/address.js";
import { captured, cleanup, equal, heard, ok, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, page, show } from "./page.js";

const address = location.href;
const text = async (name) => (await (await fetch(`/frames/${name}`)).text()).trimEnd();
const frames = { verbs: await text("verbs.json"), reload: await text("reload.json") };

/** Whatever a verb does to the address and the title is undone. */
function restored() {
  const { title } = document;
  cleanup(() => {
    history.replaceState(null, "", address);
    document.title = title;
  });
}

/** Sends one verb, and waits until it is done. */
async function send(socket, target, ...args) {
  socket.push({ target, html: "", swap: "action", args });
  let done = false;
  document.addEventListener("test:done", () => (done = true), { once: true });
  socket.push({ target: "html", html: "", swap: "action", args: ["dispatch", "test:done", "null"] });
  await until(() => done, `${args} is done`);
}

test("verbs: all that the server has names for, as it sends them", async () => {
  restored();
  show(`<p id="text" class="c d">old</p><p id="gone"></p><input id="field" disabled>`);
  const socket = connected();
  const moved = heard("moved");
  const { length } = history;
  const pushed = [];
  const push = history.pushState;
  stub(history, "pushState", (...args) => (pushed.push(args[2]), push.apply(history, args)));
  socket.push(frames.verbs);
  await until(() => $("[aria-live=polite]")?.textContent === "Ann has come");
  equal([$("#text").textContent, $("#text").className, $("#gone")], ["1 < 2", "a e", null]);
  const { value, placeholder, disabled } = $("#field");
  equal([value, placeholder, disabled, document.activeElement.id], [`"Ada"`, "Who?", false, "field"]);
  equal(moved.map(({ target, detail }) => [target.id, detail]), [["text", { x: 1 }]]);
  equal([document.title, pushed, location.search, location.hash], ["2 new", [new URL("?pushed", address).href], "?replaced", "#there"]);
  ok(history.length >= length, "the address went into the history");
});

test("verbs: reload loads the page again", async () => {
  const frame = document.createElement("iframe");
  frame.src = "pages/reload.html";
  document.body.append(frame);
  cleanup(() => frame.remove());
  const inside = () => frame.contentWindow;
  await until(() => inside().isReady);
  const before = inside();
  const first = inside().document;
  before.socket.readyState = 1;
  before.socket.onopen({});
  before.socket.onmessage({ data: frames.reload });
  await until(() => inside().document !== first && inside().isReady);
});

test("verbs: what came before is shown first, what comes after waits", async () => {
  restored();
  show(`<p id="a"></p>`);
  const socket = connected();
  socket.push({ target: "#a", html: "first" });
  socket.push({ target: "html", html: "", swap: "action", args: ["redirect", "#paid"] });
  socket.push({ target: "#a", html: "second" });
  equal([$("#a").textContent, location.hash], ["first", ""]);
  await until(() => $("#a").textContent === "second");
  equal(location.hash, "#paid");
});

test("verbs: one that nobody knows is told to the debugger and stops nothing", async () => {
  show(`<p id="a"></p>`);
  const debug = captured("debug");
  const socket = connected({ debug: true });
  for (const args of [["confetti"], ["toString"], [7], [], undefined]) socket.push({ target: "#a", html: "", swap: "action", args });
  socket.push({ target: "#a", html: "1" });
  await until(() => $("#a").textContent === "1");
  equal(debug.filter((line) => line.includes("no verb")).length, 5);
});

test("verbs: one that fails is told and stops nothing", async () => {
  show(`<input type="file" id="a">`);
  const errors = captured("error");
  const socket = connected();
  await send(socket, "#a", "value", "C:\\secret.txt");
  await send(socket, "#a", "dispatch", "b", "{");
  equal(errors.map((line) => line.split(" failed")[0]), ["wsx: the verb value", "wsx: the verb dispatch"]);
});

test("verbs: a target that is not there is told to the debugger", async () => {
  const debug = captured("debug");
  const socket = connected({ debug: true });
  await send(socket, "#nobody", "focus");
  ok(debug.some((line) => line.includes("#nobody")), debug.join());
});

test("verbs: they are done to every match, and to the html element itself", async () => {
  show(`<i class="x"></i><i class="x"></i>`);
  cleanup(() => document.documentElement.removeAttribute("class"));
  const socket = connected();
  await send(socket, "all .x", "addClass", "y");
  await send(socket, "html", "addClass", "dark");
  equal([document.querySelectorAll(".x.y").length, document.documentElement.className, document.body.className], [2, "dark", ""]);
});

test("verbs: value is set as if the visitor had not touched the field", async () => {
  show(`<div id="t"><input id="a" value="old"></div>`);
  const socket = connected();
  $("#a").value = "mine";
  $("#a").dispatchEvent(new Event("input", { bubbles: true }));
  await send(socket, "#a", "value", "set");
  equal($("#a").value, "set");
  socket.push({ target: "#t", html: `<div id="t"><input id="a" value="new"></div>`, swap: "outerMorph settle:0" });
  equal($("#a").value, "new");
});

test("verbs: value chooses options, radio buttons and boxes, and writes where there is no value", async () => {
  show(`<select id="s"><option>a<option>b</select><input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">
    <input type="checkbox" id="c" value="yes"><textarea id="t"></textarea><div id="e" contenteditable></div><form id="f"><input name="replaceChildren"></form>`);
  const socket = connected();
  for (const [target, value] of [["#s", "b"], ["all [name=r]", "2"], ["#c", "yes"], ["#t", "<b>"], ["#e", "<b>"], ["#f", "x"]]) {
    await send(socket, target, "value", value);
  }
  equal([$("#s").value, $("[name=r]:checked").value, $("#c").checked, $("#t").value, $("#e").textContent], ["b", "2", true, "<b>", "<b>"]);
  await send(socket, "#c", "value", "");
  equal($("#c").checked, false);
});

test("verbs: attributes that run scripts are refused here, too", async () => {
  const link = show(`<a id="a" href="/"></a>`);
  const errors = captured("error");
  const socket = connected();
  const bad = [
    ["onclick", "x"], ["OnClick", "x"], ["srcdoc", "x"], ["href", "javascript:x"], ["href", " java\tscript\n:x"], ["href", "\u0001VBSCRIPT:x"],
    ["href", "data:text/html,x"],
  ];
  for (const args of bad) await send(socket, "#a", "attr", ...args);
  equal([link.outerHTML, errors.length], [`<a id="a" href="/"></a>`, bad.length]);
  await send(socket, "#a", "attr", "href", "/javascript:x");
  equal(link.getAttribute("href"), "/javascript:x");
});

test("verbs: classes may come in one text", async () => {
  const p = show(`<p id="a" class="x"></p>`);
  const socket = connected();
  await send(socket, "#a", "addClass", "a b", " c ", "");
  await send(socket, "#a", "removeClass", "a c");
  await send(socket, "#a", "toggleClass", "x y");
  equal(p.className, "b y");
});

test("verbs: a form whose fields have the names of its members is no different", async () => {
  const form = show(`<form id="f"><input name="classList"><input name="setAttribute"><input name="focus"><input name="scrollIntoView"></form>`);
  const socket = connected();
  await send(socket, "#f", "addClass", "a");
  await send(socket, "#f", "attr", "title", "b");
  await send(socket, "#f", "scroll");
  await send(socket, "#f", "focus");
  equal([form.className, form.title], ["a", "b"]);
});

test("verbs: a heading can be given the focus", async () => {
  const heading = show(`<h1 id="a">Found</h1>`);
  await send(connected(), "#a", "focus");
  equal([document.activeElement, heading.getAttribute("tabindex")].map((x) => x.id ?? x), ["a", "-1"]);
});

test("verbs: scroll brings the target into view, and only if it is not", async () => {
  show(`<div class="scroller"><div class="tall"></div><p id="a">end</p><p id="b">more</p></div>`);
  const scroller = $(".scroller");
  const socket = connected();
  await send(socket, "#a", "scroll");
  await until(() => scroller.scrollTop > 2000);
  const at = scroller.scrollTop;
  await send(socket, "#a", "scroll");
  equal(scroller.scrollTop, at);
});

test("verbs: what is announced can be heard again, and nobody sees it", async () => {
  const socket = connected();
  for (let i = 1; i <= 2; i++) {
    await send(socket, "html", "announce", "Saved");
    await until(() => [...document.querySelectorAll("[aria-live=polite] p")].filter((p) => p.textContent === "Saved").length === i);
  }
  const { width, height } = $("[aria-live=polite]").getBoundingClientRect();
  equal([document.querySelectorAll("[aria-live]").length, width, height], [1, 1, 1]);
});

test("verbs: an element called title does not keep the page from getting one", async () => {
  restored();
  show(`<img name="title">`);
  await send(connected(), "html", "title", "new");
  equal($("head title").textContent, "new");
});

test("verbs: nothing leads out of the origin, unless the page allows it", () => {
  for (const [to, want] of [
    ["/orders/7?new#top", "/orders/7?new#top"], ["next", new URL("next", address).pathname], [location.origin + "/a", "/a"],
  ]) {
    equal(destination(to), location.origin + want);
  }
  for (const to of [
    "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "data:text/html,x",
    "blob:" + location.origin + "/x", "https://", 7, null, undefined, {},
  ]) {
    equal(destination(to), undefined, String(to));
  }
  const others = ["https://pay.example", "null"];
  equal(destination("https://pay.example/7", others), "https://pay.example/7");
  for (const to of ["https://evil.example", "http://pay.example", "javascript:alert(1)", "data:text/html,x"]) equal(destination(to, others), undefined, to);
});

test("verbs: an address of another origin is refused when it arrives", async () => {
  const errors = captured("error");
  const socket = connected();
  for (const verb of ["redirect", "push", "replace"]) await send(socket, "html", verb, "//evil.example");
  equal([location.href, errors.length], [address, 3]);
});

test("verbs: a page adds its own and replaces ours, before it is needed and after", async () => {
  show(`<i class="x"></i><i class="x"></i>`);
  const { verbs } = client().constructor;
  const original = verbs.title;
  cleanup(() => {
    delete verbs.confetti;
    delete verbs.title;
    if (original) verbs.title = original;
  });
  const calls = [];
  verbs.confetti = (targets, ...args) => calls.push([targets.length, ...args]);
  verbs.title = (_, text) => calls.push(text);
  const { title } = document;
  const socket = FakeSocket.last.accept();
  await send(socket, "all .x", "confetti", "a", "b");
  await send(socket, "html", "title", "c");
  equal([calls, document.title], [[[2, "a", "b"], "c"], title]);
});

test("swaps: a page adds its own, whose names begin with x-", () => {
  show(`<p id="a">x</p>`);
  const { swaps } = client().constructor;
  cleanup(() => delete swaps["x-loud"]);
  swaps["x-loud"] = (target, html) => void (target.textContent = html.toUpperCase());
  FakeSocket.last.accept().push({ target: "#a", html: "new", swap: "x-loud settle:0" });
  equal($("#a").textContent, "NEW");
});

test("verbs: what is announced over a modal dialog is said in it, and after that in the page", async () => {
  show(`<dialog id="d"></dialog>`);
  const socket = connected();
  const said = async (text) => {
    await send(socket, "html", "announce", text);
    return (await until(() => [...document.querySelectorAll("[data-wsx-announce] p")].find((line) => line.textContent === text))).closest("dialog,body").localName;
  };
  $("#d").showModal();
  equal(await said("in it"), "dialog");
  $("#d").close();
  equal(await said("after it"), "body");
});

test("verbs: of what is announced faster than anybody speaks only the last is kept", async () => {
  const { socket } = await page("");
  for (let i = 0; i < 100; i++) socket.push({ target: "body", swap: "action", args: ["announce", `n${i}`] });
  const place = await until(() => $("[data-wsx-announce]"));
  await until(() => place.textContent.includes("n99"));
  ok(place.childElementCount <= 20, `${place.childElementCount} lines`);
});
