import { captured, equal, heard, ok, stub, test, until } from "./harness.js";
import { $, client, FakeSocket, show } from "./page.js";
import { lower, page, streaming } from "./transport.js";

const details = (events) => events.map((event) => event.detail);

function hide(hidden) {
  stub(document, "hidden", hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

test("fallback: where upgrades are refused it goes on at once, without a word to the page", async () => {
  const down = heard("wsx:disconnected");
  const up = heard("wsx:connected");
  show(`<p id="t" wx-ticket="T"></p><button wx-send="a"></button>`);
  const { http, nth } = page();
  $("button").click();
  FakeSocket.last.drop();
  (await nth("stream", 0)).stream();
  const post = await nth("POST", 0);
  equal(post.frames.map((frame) => frame.type ?? frame.handler), ["hello", "join", "a"]);
  equal([down.length, details(up), FakeSocket.all.length], [0, [{ reconnected: false }], 1]);
  http.of("stream")[0].push({ id: "p1-1", target: "#t", html: "answer" });
  await until(() => $("#t").textContent === "answer");
});

test("fallback: a policy that lets the constructor of a socket throw leads to streams", async () => {
  captured("error");
  const { nth, wsx } = page({}, { WebSocket: class { constructor() { throw new DOMException("", "SecurityError"); } } });
  (await nth("stream", 0)).stream();
  await until(() => wsx.isConnected());
});

test("fallback: streams that do not open lead to polls", async () => {
  const { nth, wsx, timers } = page();
  FakeSocket.last.drop();
  (await nth("stream", 0)).answer(404);
  (await nth("poll", 0)).array([{ type: "hello", conn: "c", key: "k", ping: 25000 }], 1);
  await until(() => wsx.isConnected());
  equal(timers.delays.includes(4000), false);
});

test("fallback: so do streams that show no hello, and handshakes that nobody answers", async () => {
  const { nth, timers, http } = page();
  timers.ring(4000);
  equal(FakeSocket.last.closedWith, 1000);
  (await nth("stream", 0)).stream(null);
  timers.ring(4000);
  await nth("poll", 0);
  equal(http.of("stream")[0].isOver, true);
});

test("fallback: if nothing works it starts at the top again, after a pause and with more patience", async () => {
  const { nth, timers } = page({ reconnectInterval: 1000 }, { random: () => 1 });
  const down = heard("wsx:disconnected");
  FakeSocket.last.drop();
  (await nth("stream", 0)).fail();
  (await nth("poll", 0)).fail();
  await until(() => timers.delays.includes(1000));
  equal(timers.delays, [1000]);
  timers.ring(1000);
  equal([FakeSocket.all.length, timers.delays, details(down).map((d) => d.willReconnect)], [2, [8000], [true]]);
});

test("fallback: transports that cannot be loaded are as ways that fail, and are loaded at the next descent", async () => {
  let loads = 0;
  const load = () => (++loads > 2 ? lower() : Promise.reject(new TypeError("lost")));
  const { nth, timers, wsx, http } = page({}, { load });
  FakeSocket.last.drop();
  await until(() => timers.delays.length === 1 && timers.delays[0] === 0);
  equal([loads, http.all.length], [2, 0]);
  timers.ring(0);
  FakeSocket.last.drop();
  (await nth("stream", 0)).stream();
  await until(() => wsx.isConnected());
  equal([loads, FakeSocket.all.length], [3, 2]);
});

test("fallback: a file that is not the transports is as none", async () => {
  const { timers, http } = page({}, { load: () => Promise.resolve({}) });
  FakeSocket.last.drop();
  await until(() => timers.delays.length === 1 && timers.delays[0] === 0);
  timers.ring(0);
  equal([FakeSocket.all.length, http.all.length], [2, 0]);
});

test("fallback: a page that is left while the transports load opens nothing", async () => {
  let loaded;
  const { wsx, http } = page({}, { load: () => new Promise((resolve) => (loaded = resolve)) });
  FakeSocket.last.drop();
  wsx.disconnect();
  loaded(await lower());
  let tasks = 0;
  await until(() => tasks++ > 2);
  equal([http.all.length, wsx.isConnected()], [0, false]);
});

test("fallback: without an address to load from there is WebSocket only", () => {
  const { timers } = page({}, { load: null });
  FakeSocket.last.drop();
  timers.ring(0);
  FakeSocket.last.accept({ hello: false });
  timers.ring(1000);
  equal([FakeSocket.all.length, FakeSocket.last.readyState], [2, 1]);
});

test("fallback: frames swallowed: after a second without a hello a stream shows it and takes over", async () => {
  const { nth, timers, wsx, http } = page();
  const down = heard("wsx:disconnected");
  const socket = FakeSocket.last.accept({ hello: false });
  wsx.send("a");
  timers.ring(1000);
  (await nth("stream", 0)).stream();
  const post = await nth("POST", 0);
  equal(post.frames.map((frame) => frame.type ?? frame.handler), ["hello", "a"]);
  equal([socket.sent, down.length, http.of("stream").length], [[], 0, 1]);
  timers.ring(2000);
  equal([socket.closedWith, wsx.isConnected()], [1000, true]);
});

test("fallback: frames swallowed and streams held back: it polls", async () => {
  const { http, nth, timers } = page();
  const socket = FakeSocket.last.accept({ hello: false });
  timers.ring(1000);
  (await nth("stream", 0)).stream(null);
  await until(() => http.of("stream")[0].isRead);
  timers.ring(4000);
  await nth("poll", 0);
  equal(socket.closedWith, 1000);
});

test("fallback: frames swallowed and streams held back from the first byte on: it polls", async () => {
  const { nth, timers, wsx } = page();
  const socket = FakeSocket.last.accept({ hello: false });
  wsx.send("a");
  timers.ring(1000);
  await nth("stream", 0);
  timers.ring(4000);
  (await nth("poll", 0)).array([{ type: "hello", v: 1, conn: "n1-c", key: "k", ping: 25000, t: "t" }], 1);
  await until(() => socket.closedWith !== undefined || timers.delays.includes(2000));
  timers.ring(2000);
  equal([socket.closedWith, socket.sent, wsx.isConnected()], [1000, [], true]);
});

test("fallback: a server that answers neither question is an original one", async () => {
  const { nth, timers, wsx } = page();
  const socket = FakeSocket.last.accept({ hello: false });
  wsx.send("a");
  timers.ring(1000);
  await nth("stream", 0);
  timers.ring(4000);
  await nth("poll", 0);
  timers.ring(4000);
  equal([socket.sent.length, socket.readyState], [1, 1]);
});

for (const [what, answer] of [["404", (r) => r.answer(404)], ["a page", (r) => r.answer(200, { "Content-Type": "text/html" })], ["403", (r) => r.answer(403)], ["nothing", (r) => r.fail()]]) {
  test(`fallback: a server that answers the question with ${what} is an original one, which is remembered`, async () => {
    const { nth, timers, wsx, http } = page();
    const refused = heard("wsx:refused");
    const socket = FakeSocket.last.accept({ hello: false });
    wsx.send("a");
    equal(socket.sent.length, 0, "waits for the decision");
    timers.ring(1000);
    answer(await nth("stream", 0));
    await until(() => socket.sent.length === 1);
    socket.drop();
    timers.ring(0);
    const next = FakeSocket.last.accept({ hello: false });
    wsx.send("b");
    next.drop();
    timers.ring(0);
    equal([next.sent.length, FakeSocket.all.length, http.all.length, refused.length], [1, 3, 1, 0]);
  });
}

test("fallback: a hello that is late ends the question", async () => {
  const { nth, timers, http } = page();
  const socket = FakeSocket.last.accept({ hello: false });
  timers.ring(1000);
  const stream = await nth("stream", 0);
  socket.push({ type: "hello", v: 1, conn: "c", ping: 25000 });
  equal([stream.isOver, socket.sent.length, timers.delays.includes(4000), http.all.length], [true, 1, false, 1]);
});

test("fallback: a connection that is cut every three seconds comes back at once, and on the same rung", () => {
  const { timers, pass, http } = page({ reconnectInterval: 1000 }, { random: () => 1 });
  for (let i = 1; i < 8; i++) {
    FakeSocket.last.accept();
    pass(3000);
    FakeSocket.last.drop();
    timers.ring(200);
    equal([FakeSocket.all.length, http.all.length], [i + 1, 0]);
  }
});

test("fallback: one that held for long comes back with the whole spread, for many may have lost the same server", () => {
  const { timers, pass } = page({ reconnectInterval: 1000 }, { random: () => 1 });
  FakeSocket.last.accept();
  pass(60_000);
  FakeSocket.last.drop();
  timers.ring(1000);
});

test("fallback: a rung that has worked may fail twice, the third time it goes down", async () => {
  const { timers, pass, http, nth } = page();
  FakeSocket.last.accept();
  pass(2000);
  FakeSocket.last.drop();
  for (let i = 0; i < 2; i++) {
    timers.ring(0);
    FakeSocket.last.drop();
  }
  equal(http.all.length, 0);
  timers.ring(0);
  FakeSocket.last.drop();
  await nth("stream", 0);
});

test("fallback: cut right after the hello again and again, it stays: what brought a hello works", () => {
  const { timers, http } = page();
  for (let i = 1; i <= 10; i++) {
    FakeSocket.last.accept().drop();
    timers.ring(0);
    equal([FakeSocket.all.length, http.all.length], [i + 1, 0]);
  }
});

test("fallback: failures between hellos do not add up", () => {
  const { timers, http } = page();
  for (let i = 0; i < 5; i++) {
    FakeSocket.last.accept().drop();
    for (let j = 0; j < 2; j++) {
      timers.ring(0);
      FakeSocket.last.drop();
    }
    timers.ring(0);
  }
  equal(http.all.length, 0);
});

test("fallback: a socket that is cut before the hello, again and again, leads down", async () => {
  const { timers, nth } = page();
  FakeSocket.last.accept().drop();
  for (let i = 0; i < 3; i++) {
    timers.ring(0);
    FakeSocket.last.accept({ hello: false }).drop();
  }
  await nth("stream", 0);
});

test("fallback: what worked is remembered for the next page, for five minutes", async () => {
  const { wsx, http } = await streaming();
  wsx.destroy();
  client({}, { load: lower, fetch: http.fetch });
  await until(() => http.of("stream").length === 2);
  equal(FakeSocket.all.length, 0);
  stub(Date, "now", () => new Date().getTime() + 300_001);
  client({}, { load: lower, fetch: http.fetch });
  equal(FakeSocket.all.length, 1);
});

test("fallback: what was remembered at a time to come is forgotten, because the clock was set back", () => {
  const key = `wsx ws://${location.host}/ws`;
  page();
  for (const time of [Date.now() + 86_400_000, "soon"]) {
    sessionStorage.setItem(key, `2 ${time}`);
    client({}, { load: lower });
    equal([FakeSocket.all.length, sessionStorage.getItem(key)], [1, null]);
  }
});

test("fallback: a page that may not store anything works", async () => {
  sessionStorage.clear();
  const forbidden = () => {
    throw new DOMException("no", "SecurityError");
  };
  stub(Storage.prototype, "getItem", forbidden);
  stub(Storage.prototype, "setItem", forbidden);
  const { wsx } = await streaming();
  ok(wsx.isConnected(), "connected");
});

test("fallback: after five minutes it tries WebSocket again, beside the stream and never while a request is pending", async () => {
  const { wsx, timers, stream } = await streaming();
  wsx.send("a");
  timers.ring(300_000);
  equal(FakeSocket.all.length, 1);
  stream.push({ type: "ack", id: "p1-1" });
  stream.push({ target: "#nowhere" });
  const seen = heard("wsx:error");
  stream.push({ type: "error", id: "x", code: "internal" });
  await until(() => seen.length === 1);
  timers.ring(300_000);
  equal([FakeSocket.all.length, wsx.isConnected()], [2, true]);
  FakeSocket.last.drop();
  equal([stream.isOver, wsx.isConnected()], [false, true]);
  timers.ring(300_000);
  FakeSocket.last.accept();
  timers.ring(2000);
  equal([stream.isOver, FakeSocket.last.sent.length], [true, 1]);
});

test("fallback: a tab hidden for 30 s closes its stream and resumes when it is shown", async () => {
  const { timers, stream, nth, wsx } = await streaming();
  hide(true);
  timers.ring(30_000);
  equal([stream.isOver, wsx.isConnected()], [true, false]);
  hide(false);
  (await nth("stream", 1)).stream();
  await until(() => wsx.isConnected());
});

test("fallback: a tab shown again in time keeps its stream, and so does one with a request pending", async () => {
  const { timers, stream, wsx } = await streaming();
  hide(true);
  hide(false);
  timers.ring(30_000);
  wsx.send("a");
  hide(true);
  timers.ring(30_000);
  equal([stream.isOver, wsx.isConnected()], [false, true]);
});

test("fallback: a hidden tab keeps its WebSocket", () => {
  const { timers, wsx } = page();
  FakeSocket.last.accept();
  hide(true);
  timers.ring(30_000);
  ok(wsx.isConnected(), "connected");
});

for (const status of [401, 403]) {
  test(`fallback: ${status} is told and final`, async () => {
    const refused = heard("wsx:refused");
    const down = heard("wsx:disconnected");
    const { nth, timers, http, wsx } = page();
    const errors = heard("wsx:error");
    wsx.send("a");
    FakeSocket.last.drop();
    (await nth("stream", 0)).answer(status);
    await until(() => refused.length === 1);
    equal([details(refused), details(down)], [[{ code: status }], [{ code: status, reason: "", willReconnect: false }]]);
    equal([timers.delays, http.all.length, details(errors).map((d) => d.code)], [[], 1, ["closed"]]);
  });
}
