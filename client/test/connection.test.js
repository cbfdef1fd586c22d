import { pause } from "../src/shared/retry.js";
import { captured, equal, heard, manualTimers, ok, stub, test, until } from "./harness.js";
import { client, connected, FakeSocket } from "./page.js";

const details = (events) => events.map((event) => event.detail);

/** A page whose connection has just ended with the code, on a clock that stands still; random is 1, so pauses are full. */
function after(code, config = {}) {
  const timers = manualTimers();
  const wsx = client({ reconnectInterval: 1000, ...config }, { random: () => 1 });
  FakeSocket.last.accept().drop(code);
  return { wsx, timers };
}

test("connection: pauses grow to 30 s and are random from 0", () => {
  equal([0, 1, 2, 3, 4, 5, 100].map((n) => pause(n, 1000, () => 1)), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  equal(pause(3, 1000, () => 0), 0);
  equal(pause(3, 1000, () => 0.5), 4000);
});

test("connection: attempts go on without an end", () => {
  const { timers } = after(1006);
  const delays = [];
  for (let i = 0; i < 12; i++) {
    delays.push(timers.delays.at(-1));
    timers.ring(delays.at(-1));
    FakeSocket.last.drop();
  }
  equal(delays.slice(0, 7), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  equal(FakeSocket.all.length, 13);
});

test("connection: a connection that held starts the pauses afresh, one that fell at once does not", () => {
  const { timers } = after(1006);
  timers.ring(1000);
  FakeSocket.last.accept().drop(1011);
  equal(timers.delays.at(-1), 2000);
  timers.ring(2000);
  FakeSocket.last.accept();
  const now = performance.now();
  stub(performance, "now", () => now + 60_000);
  FakeSocket.last.drop();
  equal(timers.delays.at(-1), 1000);
});

test("connection: cut again and again right after the hello, it never waits longer than four times the interval", () => {
  const { timers } = after(1006);
  const delays = [];
  for (let i = 0; i < 6; i++) {
    delays.push(timers.delays.at(-1));
    timers.ring(delays.at(-1));
    FakeSocket.last.accept().drop();
  }
  equal(delays, [1000, 2000, 4000, 4000, 4000, 4000]);
});

test("connection: maxReconnectAttempts ends the attempts and says so", () => {
  const events = heard("wsx:disconnected");
  const { timers } = after(1006, { maxReconnectAttempts: 2 });
  timers.ring(1000);
  FakeSocket.last.drop();
  timers.ring(2000);
  FakeSocket.last.drop();
  equal(timers.delays, []);
  equal(details(events).map((d) => d.willReconnect), [true, false]);
});

for (const code of [1000, 4403]) {
  test(`connection: after ${code} it stays away`, () => {
    const events = heard("wsx:disconnected");
    const { timers } = after(code);
    for (const event of ["online", "pointerdown"]) window.dispatchEvent(new Event(event));
    document.dispatchEvent(new Event("visibilitychange"));
    equal([timers.delays, FakeSocket.all.length], [[], 1]);
    equal(details(events), [{ code, reason: "", willReconnect: false }]);
  });
}

for (const code of [1001, 1002, 1006, 1007, 1009, 1011, 1012, 4008, 4029, 4401]) {
  test(`connection: after ${code} it comes back`, () => {
    const { timers } = after(code);
    timers.ring(1000);
    equal(FakeSocket.all.length, 2);
  });
}

test("connection: after 1008 it comes back after 30 s", () => {
  const { timers } = after(1008);
  equal(timers.delays, [30000]);
});

for (const event of ["pointerdown", "keydown", "visibilitychange"]) {
  test(`connection: after 4001 it comes back when the page is used or shown (${event})`, () => {
    const events = heard("wsx:disconnected");
    const { timers } = after(4001);
    equal([timers.delays, FakeSocket.all.length, events[0].detail.willReconnect], [[], 1, true]);
    (event === "visibilitychange" ? document : window).dispatchEvent(new Event(event));
    equal(FakeSocket.all.length, 2);
  });
}

test("connection: after 4001 a request brings it back and is sent", () => {
  const { wsx } = after(4001);
  wsx.send("a");
  equal(FakeSocket.last.accept().requests.length, 1);
});

test("connection: the online event tries at once, and shown again too", () => {
  after(1006);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 2);
  FakeSocket.last.drop();
  document.dispatchEvent(new Event("visibilitychange"));
  equal(FakeSocket.all.length, 3);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 3, "one attempt at a time");
});

test("connection: a hidden page is not 'shown again'", () => {
  after(1006);
  stub(document, "hidden", true);
  document.dispatchEvent(new Event("visibilitychange"));
  equal(FakeSocket.all.length, 1);
});

test("connection: offline it waits", () => {
  stub(navigator, "onLine", false);
  const { timers } = after(1006);
  equal(timers.delays, [30000]);
});

test("connection: going offline while it waits makes it wait for the network", () => {
  const { timers } = after(1006);
  window.dispatchEvent(new Event("offline"));
  equal(timers.delays, [30000]);
});

test("connection: leaving the page closes with 1000, a page from the cache connects again", () => {
  connected();
  const socket = FakeSocket.last;
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  equal(socket.closedWith, 1000);
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
  equal(FakeSocket.all.length, 1);
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal(FakeSocket.all.length, 2);
});

test("connection: a page that disconnected stays so when it comes from the cache", () => {
  const wsx = client();
  FakeSocket.last.accept();
  wsx.disconnect();
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal(FakeSocket.all.length, 1);
});

test("connection: a server that falls silent is left for a new connection", () => {
  const timers = manualTimers();
  const wsx = client();
  const socket = FakeSocket.last.accept();
  equal(timers.delays, [50000]);
  socket.push({ type: "ping", t: "t2" });
  timers.ring(50000);
  equal([socket.closedWith, wsx.isConnected()], [1000, false]);
  timers.ring(0);
  equal(FakeSocket.all.length, 2);
});

test("connection: wsx:connected and wsx:disconnected are told once per change", async () => {
  const up = heard("wsx:connected");
  const down = heard("wsx:disconnected");
  client();
  FakeSocket.last.drop(1006);
  await until(() => FakeSocket.all.length === 2);
  FakeSocket.last.drop(1006);
  await until(() => FakeSocket.all.length === 3);
  FakeSocket.last.accept().drop(1012, "restart");
  equal([details(up), details(down)], [[{ reconnected: false }], [{ code: 1006, reason: "", willReconnect: true }, { code: 1012, reason: "restart", willReconnect: true }]]);
});

test("connection: wsx:connected says whether there was a connection before", async () => {
  const up = heard("wsx:connected");
  connected().drop();
  await until(() => FakeSocket.all.length === 2);
  FakeSocket.last.accept();
  equal(details(up), [{ reconnected: false }, { reconnected: true }]);
});

test("connection: a listener may disconnect and reconnect, and every change is told", async () => {
  const told = [];
  const wsx = client();
  for (const name of ["wsx:connected", "wsx:disconnected"]) heard(name).push = () => told.push(name.slice(4));
  document.addEventListener("wsx:connected", () => wsx.disconnect(), { once: true });
  FakeSocket.last.accept({ hello: false });
  document.addEventListener("wsx:disconnected", () => wsx.reconnect(), { once: true });
  wsx.connect();
  FakeSocket.last.accept().drop();
  await until(() => FakeSocket.all.length === 3);
  FakeSocket.last.accept();
  equal(told, ["connected", "disconnected", "connected", "disconnected", "connected"]);
});

test("connection: a handshake that nobody answers is given up after ten seconds", () => {
  const timers = manualTimers();
  client();
  const stuck = FakeSocket.last;
  equal(timers.delays, [10000]);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 1, "one attempt at a time");
  timers.ring(10000);
  equal([stuck.closedWith, timers.delays], [1000, [0]]);
  timers.ring(0);
  FakeSocket.last.accept();
  equal([FakeSocket.all.length, timers.delays.includes(10000)], [2, false]);
});

test("connection: after 1008 nothing that happens to the page shortens the pause", () => {
  const { timers } = after(1008);
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  equal([FakeSocket.all.length, timers.delays.length], [1, 1]);
  const now = performance.now();
  stub(performance, "now", () => now + 30_000);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 2);
});

test("connection: disconnect while it waits for the next attempt is told", () => {
  const events = heard("wsx:disconnected");
  const { wsx } = after(1012);
  wsx.disconnect();
  wsx.disconnect();
  equal(details(events).map((d) => [d.code, d.willReconnect]), [[1012, true], [1000, false]]);
});

test("connection: a request made while it closes for idleness brings it back", () => {
  const timers = manualTimers();
  const wsx = client();
  FakeSocket.last.accept().readyState = 2;
  wsx.send("a");
  FakeSocket.last.drop(4001);
  equal([FakeSocket.all.length, timers.delays], [2, [10000]]);
  equal(FakeSocket.last.accept().requests.map((r) => r.handler), ["a"]);
});

test("connection: three refused handshakes after 4401 are told once, and it goes on trying", () => {
  const events = heard("wsx:refused");
  const { timers } = after(4401);
  const delays = [];
  for (let i = 0; i < 8; i++) {
    delays.push(timers.delays.at(-1));
    timers.ring(delays.at(-1));
    FakeSocket.last.drop();
    equal(events.length, i < 2 ? 0 : 1, `after ${i + 1} failures`);
  }
  equal([delays.at(-1), events[0].target === document, events[0].bubbles], [30000, true, true]);
});

test("connection: failed handshakes say nothing about the visitor without a 4401, offline or once one succeeded", () => {
  const events = heard("wsx:refused");
  const fail = (timers, times) => {
    for (let i = 0; i < times; i++) {
      timers.ring(timers.delays.at(-1));
      FakeSocket.last.drop();
    }
  };
  fail(after(1012).timers, 4);
  const { timers } = after(4401);
  fail(timers, 2);
  timers.ring(timers.delays.at(-1));
  FakeSocket.last.accept().drop();
  fail(timers, 4);
  stub(navigator, "onLine", false);
  fail(after(4401).timers, 4);
  equal(events.length, 0);
});

test("connection: an address that the browser refuses is told once, without attempts", () => {
  const errors = captured("error");
  const events = heard("wsx:disconnected");
  const timers = manualTimers();
  class Refusing {
    constructor() {
      throw new DOMException("mixed content", "SecurityError");
    }
  }
  client({}, { WebSocket: Refusing });
  equal([timers.delays, errors.length, events[0].detail.willReconnect], [[], 1, false]);
});

test("api: connect and disconnect may be called twice", () => {
  const events = heard("wsx:disconnected");
  const wsx = client();
  wsx.connect();
  FakeSocket.last.accept();
  wsx.connect();
  equal([FakeSocket.all.length, wsx.isConnected()], [1, true]);
  wsx.disconnect();
  wsx.disconnect();
  equal([FakeSocket.alive, wsx.isConnected(), events.length], [0, false, 1]);
  wsx.connect();
  ok(FakeSocket.alive === 1, "connects again");
});
