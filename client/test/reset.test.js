import * as morph from "../src/morph/morph.js";
import { cleanup, equal, heard, manualTimers, soon, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

const frames = (socket, ...types) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => types.includes(frame.type));
const details = (events) => events.map(({ detail: { rooms, element, failed = false } }) => [element.id || element.localName, rooms, failed]);

/** A fetch whose answers the test writes; asked collects the addresses. */
function server(html, { status = 200, type = "text/html; charset=utf-8", url } = {}) {
  const asked = [];
  const fetch = async (address, init) => {
    asked.push([new URL(address).pathname, init.headers.Accept]);
    const response = new Response(html, { status, headers: { "Content-Type": type } });
    Object.defineProperty(response, "url", { value: url ?? String(address) });
    return response;
  };
  return { asked, fetch };
}

const region = (id, ticket, more = "") => `<div id="${id}" wx-ticket="${ticket}" ${more}>old</div>`;
const fresh = (...ids) => `<!doctype html><title>x</title>${ids.map((id) => `<div id="${id}" wx-ticket="new-${id}">new</div>`).join("")}`;

/** A joined page that has what it needs for resets: the rooms of its tickets in order. */
async function joined(html, each, internals) {
  show(html);
  const wsx = client({}, { morph: async () => morph, ...internals });
  const socket = Object.assign(FakeSocket.last.accept(), { wsx });
  await soon();
  const rooms = Object.fromEntries(each.flat().map((room) => [room, "0"]));
  socket.push({ type: "joined", gen: 1, rooms, each, tickets: each.map(() => "fresh") });
  return socket;
}

test("reset: the region is left, fetched after the pause, shown, and its new ticket is joined", async () => {
  const { asked, fetch } = server(fresh("a"));
  const socket = await joined(region("a", "A"), [["r", "s"]], { fetch });
  const events = heard("wsx:reset");
  const timers = manualTimers();
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 700 });
  equal(frames(socket, "leave").map(({ rooms }) => rooms), [["s"]]);
  socket.push({ target: "#a", html: "ignored", room: "r", pos: "1" });
  equal([asked, events.length], [[], 0]);
  timers.ring(700);
  await until(() => $("#a").textContent === "new");
  equal([asked, details(events)], [[[location.pathname, "text/html"]], [["a", ["r", "s"], false]]]);
  equal(frames(socket, "join").slice(1).map(({ tickets, pos }) => [tickets, pos]), [[["new-a"], undefined]]);
});

test("reset: a region may be a form whose fields are called like members", async () => {
  const names = "id getAttribute isConnected matches querySelector outerHTML dispatchEvent".split(" ");
  const form = (text, ticket) => `<form id="f" wx-ticket="${ticket}">${names.map((name) => `<input name="${name}">`).join("")}<b>${text}</b></form>`;
  const { fetch } = server(form("new", "N"));
  const socket = await joined(form("old", "A"), [["r"]], { fetch });
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => $("#f b").textContent === "new");
  await until(() => frames(socket, "join").at(-1).tickets[0] === "N");
});

test("reset: one fetch serves all regions of an address, and wx-reset names another", async () => {
  const { asked, fetch } = server(fresh("a", "b", "c"));
  const socket = await joined(region("a", "A") + region("b", "B") + region("c", "C", `wx-reset="/part"`), [["r"], ["r"], ["r"]], { fetch });
  socket.push({ type: "reset", gen: 1, rooms: ["r"], tickets: [0, 1, 2], after: 0 });
  await until(() => $("#stage").textContent === "newnewnew");
  equal(asked.map(([path]) => path), [location.pathname, "/part"]);
});

test("reset: a listener may prevent it", async () => {
  const { asked, fetch } = server(fresh("a"));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  $("#a").addEventListener("wsx:reset", (event) => event.preventDefault());
  const events = heard("wsx:reset");
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => events.length === 1);
  equal([asked, $("#a").textContent], [[], "old"]);
});

const answers = {
  "another status": server(fresh("a"), { status: 500 }),
  "no HTML": server(fresh("a"), { type: "application/json" }),
  "another origin": server(fresh("a"), { url: "https://login.example/" }),
  "no such element": server(fresh("b")),
  "no answer": { fetch: () => Promise.reject(new TypeError("offline")) },
};
for (const [name, { fetch }] of Object.entries(answers)) {
  test(`reset: ${name} leaves the page as it is and is told, once`, async () => {
    const socket = await joined(region("a", "A"), [["r"]], { fetch });
    const events = heard("wsx:reset");
    socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
    await until(() => events.length === 2);
    equal(details(events), [["a", ["r"], false], ["a", ["r"], true]]);
    equal([events[1].cancelable, $("#a").textContent, frames(socket, "join").length], [false, "old", 1]);
  });
}

test("reset: a server that does not answer in time is told like any other failure", async () => {
  const ends = new AbortController();
  stub(AbortSignal, "timeout", () => ends.signal);
  let asked = false;
  const fetch = (_, { signal }) => new Promise((_, reject) => ((asked = true), signal?.addEventListener("abort", reject)));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  const events = heard("wsx:reset");
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => asked);
  ends.abort();
  await until(() => events.length === 2);
  equal(details(events), [["a", ["r"], false], ["a", ["r"], true]]);
});

test("reset: a ticket that is refused means its region, and the same ticket again is tried once", async () => {
  const { asked, fetch } = server(`<div id="a" wx-ticket="A">new</div>`);
  show(region("a", "A"));
  const socket = connected({}, { fetch });
  const events = heard("wsx:reset");
  socket.push({ type: "reset", gen: 1, ticket: 0, after: 0 });
  await until(() => frames(socket, "join").length === 2);
  equal(frames(socket, "join")[1].tickets, ["A"]);
  socket.push({ type: "reset", gen: 2, ticket: 0, after: 0 });
  await until(() => events.length === 2);
  equal(details(events), [["a", [], false], ["a", [], true]]);
  equal(asked.length, 1);
});

test("reset: after ten seconds it is another matter", async () => {
  const { asked, fetch } = server(fresh("a"));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => frames(socket, "join").length === 2);
  const now = performance.now();
  stub(performance, "now", () => now + 10_001);
  socket.push({ type: "reset", gen: frames(socket, "join")[1].gen, ticket: 0, after: 0 });
  await until(() => asked.length === 2);
});

/** Puts the test's own page back, which the case replaces. */
function keepPage() {
  const body = [...document.body.childNodes];
  cleanup(() => document.body.replaceChildren(...body));
}

/** A page whose region could not be fetched; the next time it can be. */
async function failed() {
  const answers = [server("", { status: 502 }), server(fresh("a"))];
  const socket = await joined(region("a", "A"), [["r"]], { fetch: (...args) => answers.shift().fetch(...args) });
  const events = heard("wsx:reset");
  const timers = manualTimers();
  let now = 1e6;
  stub(performance, "now", () => now);
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 100 });
  timers.ring(100);
  await until(() => events.length === 2);
  return { socket, events, timers, later: (ms) => (now += ms) };
}

test("reset: what has failed is tried again after ten seconds", async () => {
  const { socket, timers, later } = await failed();
  later(10_000);
  timers.ring(10_000);
  timers.ring(0);
  await until(() => $("#a").textContent === "new");
  equal(frames(socket, "join").at(-1).tickets, ["new-a"]);
});

test("reset: what has failed is tried again by a new connection, but not at once", async () => {
  const { socket, events, timers, later } = await failed();
  const again = () => {
    FakeSocket.last.drop();
    timers.ring(0);
    return FakeSocket.last.accept();
  };
  again();
  equal(details(events).map(([, , failed]) => failed), [false, true, true]);
  later(10_000);
  const last = again();
  timers.ring(0);
  await until(() => $("#a").textContent === "new");
  equal([frames(last, "join").at(-1).tickets, frames(socket, "join").length], [["new-a"], 1]);
});

test("reset: each that fails makes the next pause longer, and resets that do not fail none", async () => {
  const { fetch } = server(fresh("a"));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  const timers = manualTimers();
  let now = 1e6;
  stub(performance, "now", () => now);
  const lose = () => socket.push({ type: "reset", gen: frames(socket, "join").at(-1).gen, ticket: 0, after: 100 });
  const joins = (count) => until(() => frames(socket, "join").length === count);
  for (const count of [2, 3]) {
    lose();
    timers.ring(100);
    await joins(count);
    now += 10_000;
  }
  now -= 9_000;
  lose(); // after a second: too soon
  now += 9_000;
  timers.ring(9_000);
  while (timers.delays.includes(0)) timers.ring(0);
  await joins(4);
  lose();
  equal([timers.delays.includes(100), timers.delays.includes(20_000)], [false, true]);
});

test("reset: what is lost again while the page is fetched is fetched again", async () => {
  const answers = [];
  const fetch = (...args) => new Promise((resolve) => answers.push((text) => resolve(server(text).fetch(...args))));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  const lose = () => socket.push({ type: "reset", gen: 1, ticket: 0, after: 0 });
  lose();
  await until(() => answers.length === 1);
  lose();
  answers[0](`<div id="a" wx-ticket="1">first</div>`);
  await until(() => answers.length === 2);
  answers[1](`<div id="a" wx-ticket="2">second</div>`);
  await until(() => $("#a").textContent === "second" && frames(socket, "join").at(-1).tickets[0] === "2");
});

for (const [what, answer] of [["comes", server(fresh("a"))], ["fails", server("", { status: 502 })]]) {
  test(`reset: a page that ${what} when the client has been destroyed is not shown and not fetched again`, async () => {
    let come;
    let asked = 0;
    const fetch = async (...args) => (asked++, await new Promise((resolve) => (come = resolve)), answer.fetch(...args));
    const socket = await joined(region("a", "A"), [["r"]], { fetch });
    socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
    await until(() => come);
    socket.wsx.destroy();
    const events = heard("wsx:reset");
    const timers = manualTimers();
    come();
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    equal([$("#a").textContent, asked, events.length, timers.delays], ["old", 1, 0, []]);
  });
}

test("reset: the pause after a failure begins with its end", async () => {
  const answers = [];
  const fetch = () => new Promise((_, reject) => answers.push(reject));
  const socket = await joined(region("a", "A"), [["r"]], { fetch });
  const events = heard("wsx:reset");
  const timers = manualTimers();
  let now = 1e6;
  stub(performance, "now", () => now);
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  timers.ring(0);
  for (const pause of [10_000, 20_000, 40_000]) {
    const told = events.length;
    now += 30_000;
    answers.at(-1)(new Error("timeout"));
    await until(() => events.length === told + 1);
    now += pause;
    timers.ring(pause);
    timers.ring(0);
  }
  equal(answers.length, 4);
});

test("reset: a fetched body brings its classes, data, language and title", async () => {
  keepPage();
  const [root, { title }] = [document.documentElement, document];
  document.body.setAttribute("wx-ticket", "B");
  document.body.className = "light";
  document.body.dataset.mine = "kept"; // of a script: the page does not mention it
  cleanup(() => {
    for (const name of ["wx-ticket", "class", "data-mine", "data-n"]) document.body.removeAttribute(name);
    root.lang = "en";
    document.title = title;
  });
  const { fetch } = server(`<html lang="de"><title>two</title><body wx-ticket="N" class="dark" data-n="2"><div id="stage">new</div></body></html>`);
  const socket = await joined("", [["r"]], { fetch });
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => document.body.className === "dark");
  equal([document.body.dataset.n, document.body.dataset.mine, root.lang, document.title], ["2", "kept", "de", "two"]);
});

test("reset: the ticket of the body is renewed, too", async () => {
  keepPage();
  document.body.setAttribute("wx-ticket", "B");
  cleanup(() => document.body.removeAttribute("wx-ticket"));
  const { fetch } = server(`<body wx-ticket="N"><div id="stage">new</div></body>`);
  const socket = await joined("", [["r"]], { fetch });
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  await until(() => frames(socket, "join").length === 2);
  equal([frames(socket, "join")[1].tickets, document.body.getAttribute("wx-ticket")], [["N"], "N"]);
});

test("reset: the ticket that came with it is not given up for an older one", async () => {
  keepPage();
  const { fetch } = server(`<body><div id="stage">new</div></body>`);
  show("");
  const socket = connected({}, { fetch });
  for (const s of ["s", "o"]) socket.push({ type: "joined", gen: 0, server: true, rooms: { [s]: "1" }, each: [[s]], tickets: [`old ${s}`] });
  socket.drop();
  await until(() => FakeSocket.last !== socket);
  const next = FakeSocket.last.accept();
  next.push({ type: "reset", gen: 1, rooms: ["s"], fresh: ["from now on"], after: 0 });
  next.push({ type: "joined", gen: 1, rooms: { o: "2" }, each: [["s"], ["o"]], tickets: ["older", "new o"] });
  await until(() => frames(next, "join").length === 2);
  equal(frames(next, "join")[1].tickets, ["from now on", "new o"]);
});

test("reset: the join after it does not say what was heard since the page was asked for", async () => {
  keepPage();
  let answer;
  const page = server(`<body><div id="stage">new</div></body>`);
  const fetch = async (...args) => (await new Promise((resolve) => (answer = resolve)), page.fetch(...args));
  show(`<p id="o"></p>`);
  const socket = connected({}, { fetch });
  for (const s of ["s", "o"]) socket.push({ type: "joined", gen: 0, server: true, rooms: { [s]: "1" }, each: [[s]], tickets: [s] });
  socket.push({ type: "reset", gen: 0, rooms: ["s"], fresh: ["S"], after: 0 });
  await until(() => answer);
  socket.push({ target: "#o", html: "2", room: "o", pos: "2" });
  socket.push({ type: "ping", t: "newer" });
  answer();
  await until(() => frames(socket, "join").length === 1);
  const [{ pos, t }] = frames(socket, "join");
  equal([pos.o, t], ["1", undefined]);
});

test("reset: for a room that was asked for again an old one counts for nothing", async () => {
  const socket = await joined(region("a", "A"), [["r"]]);
  const events = heard("wsx:reset");
  $("#a").insertAdjacentElement("afterend", $("#a").cloneNode());
  await until(() => frames(socket, "join").length === 2);
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 0 });
  socket.push({ type: "joined", gen: 2, rooms: { r: "1" }, each: [["r"]], tickets: [""] });
  socket.push({ target: "#a", html: "2", room: "r", pos: "2" });
  equal([$("#a").textContent, events.length], ["2", 0]);
});

test("reset: a stale region is not joined again by a new connection before it has been fetched", async () => {
  const socket = await joined(region("a", "A") + region("b", "B"), [["r"], ["s"]]);
  const timers = manualTimers();
  socket.push({ type: "reset", gen: 1, rooms: ["r"], after: 900 });
  socket.drop();
  timers.ring(0);
  equal(frames(FakeSocket.last.accept(), "join").map(({ tickets, pos }) => [tickets, pos]), [[["fresh"], { s: "0" }]]);
});

test("reset: a room that the server joined, and a region without an id, mean the whole page", async () => {
  const { asked, fetch } = server(`<body><div id="stage"><div wx-ticket="N">new</div></div></body>`);
  const scripts = [...document.scripts].map((script) => script.cloneNode());
  const socket = await joined(`<div wx-ticket="A">old</div>`, [["r"]], { fetch });
  const events = heard("wsx:reset");
  keepPage();
  socket.push({ type: "joined", gen: 1, server: true, rooms: { s: "1" }, each: [["s"]], tickets: ["S"] });
  socket.push({ type: "reset", gen: 1, rooms: ["r", "s"], after: 0 });
  await until(() => frames(socket, "join").length === 3);
  equal([asked.length, document.body.textContent.trim(), scripts.length > 0], [1, "new", true]);
  equal(frames(socket, "join").slice(1).map(({ tickets }) => tickets), [["S"], ["N"]]);
  equal(details(events).map(([, rooms]) => rooms).sort(), [["r"], ["s"]]);
});

test("reset: a room that the server joined is joined again with the ticket that came with the reset", async () => {
  keepPage();
  const { fetch } = server(`<body><div id="stage">new</div></body>`);
  show("");
  const socket = connected({}, { fetch });
  socket.push({ type: "joined", gen: 0, server: true, rooms: { s: "1" }, each: [["s"]], tickets: ["old"] });
  socket.push({ type: "reset", gen: 0, rooms: ["s"], fresh: ["from now on"], after: 0 });
  await until(() => frames(socket, "join").length === 1);
  equal(frames(socket, "join")[0].tickets, ["from now on"]);
});
