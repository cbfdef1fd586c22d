import { Poll } from "../src/http/poll.js";
import { Stream } from "../src/http/stream.js";
import { cleanup, equal, manualTimers, ok, stub, until } from "./harness.js";
import { test } from "./harness.js";
import { FakeHTTP } from "./http.js";

const hello = { type: "hello", v: 1, conn: "n1-c", key: "k", ping: 25000, t: "t" };

/** A channel and what it told: "open", frames, and how it closed. */
function started(Kind, url = "wss://example.test/ws") {
  const http = new FakeHTTP();
  const told = [];
  const channel = new Kind(url, http.fetch);
  channel.onopen = () => told.push("open");
  channel.onmessage = ({ data }) => told.push(data);
  channel.onclose = ({ code, reason, after }) => told.push([code, reason, after]);
  cleanup(() => channel.close());
  return { http, told, channel };
}

async function stream() {
  const all = started(Stream);
  const request = await until(() => all.http.of("stream")[0]);
  request.stream();
  await until(() => all.told.length === 2);
  all.told.length = 0;
  return { ...all, request };
}

async function poll(frames = [hello]) {
  const all = started(Poll);
  (await until(() => all.http.of("poll")[0])).array(frames, 1);
  await until(() => all.http.of("poll").length === 2);
  all.told.length = 0;
  return { ...all, next: (n) => until(() => all.http.of("poll")[n], `poll ${n}`) };
}

test("stream: it asks the same address by http, with cookies, and is open when the hello has come", async () => {
  const { http, told, channel } = started(Stream);
  const request = await until(() => http.of("stream")[0]);
  equal([request.url, request.credentials, channel.readyState], ["https://example.test/ws", "include", 0]);
  request.stream(null);
  request.write(`: nothing yet\n\ndata: {"type":"hel`);
  await until(() => channel.isAnswered);
  equal([told, channel.readyState], [[], 0]);
  request.write(`lo","conn":"c","key":"k"}\n\ndata: {"target":"#a"}\n\n`);
  await until(() => told.length === 3);
  equal(told, ["open", { type: "hello", conn: "c", key: "k" }, { target: "#a" }]);
});

test("stream: a character that arrives in two pieces is whole", async () => {
  const { told, request } = await stream();
  const bytes = new TextEncoder().encode(`data: {"html":"ü"}\n\n`);
  request.write(bytes.slice(0, 16));
  request.write(bytes.slice(16));
  await until(() => told.length === 1);
  equal(told, [{ html: "ü" }]);
});

test("stream: an end without a close frame is 1006, with one it is the frame's code", async () => {
  const cut = await stream();
  cut.request.end();
  await until(() => cut.told.length === 1);
  const closed = await stream();
  closed.request.push({ type: "close", code: 4403, reason: "banned" });
  await until(() => closed.told.length === 1);
  equal([cut.told, closed.told, closed.channel.readyState], [[[1006, "", 0]], [[4403, "banned", 0]], 3]);
});

for (const [status, headers, want] of [
  [401, {}, [401, "", 0]],
  [403, {}, [403, "", 0]],
  [429, { "Retry-After": "7" }, [429, "", 7000]],
  [503, { "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT" }, [503, "", 0]],
  [503, { "Retry-After": "1e9" }, [503, "", 3_600_000]],
  [404, {}, [1006, "", 0]],
  [200, { "Content-Type": "text/html" }, [1006, "", 0]],
]) {
  test(`transports: an answer ${status} ${Object.values(headers)} closes with ${want}`, async () => {
    for (const Kind of [Stream, Poll]) {
      const { http, told } = started(Kind);
      (await until(() => http.all[0])).answer(status, headers, "x");
      await until(() => told.length > 0);
      equal(told, [want]);
    }
  });
}

test("transports: what one task sends is one POST, what follows waits for its answer", async () => {
  const { http, channel } = await stream();
  for (const n of [1, 2]) channel.send(`{"id":"${n}"}`);
  const first = await until(() => http.of("POST")[0]);
  for (const n of [3, 4]) channel.send(`{"id":"${n}"}`);
  await new Promise((resolve) => setTimeout(resolve));
  equal([http.of("POST").length, first.frames.map((f) => f.id)], [1, ["1", "2"]]);
  equal([first.headers["Wsx-Conn"], first.headers["Content-Type"]], ["n1-c k", "application/json"]);
  first.answer(202);
  const second = await until(() => http.of("POST")[1]);
  equal(second.frames.map((f) => f.id), ["3", "4"]);
});

test("transports: a POST keeps below the server's bound", async () => {
  const { http, channel } = await stream();
  const large = JSON.stringify({ data: "ü".repeat(60_000) });
  for (let i = 0; i < 3; i++) channel.send(large);
  for (let i = 0; i < 3; i++) {
    const post = await until(() => http.of("POST")[i]);
    equal(post.frames.length, 1);
    ok(new Blob([post.text]).size < 256 * 1024, "too large");
    post.answer(202);
  }
});

test("transports: a POST that fails or finds no connection is the end of it", async () => {
  for (const fail of [(post) => post.fail(), (post) => post.answer(404), (post) => post.answer(500)]) {
    const { http, told, channel, request } = await stream();
    channel.send("{}");
    fail(await until(() => http.of("POST")[0]));
    await until(() => told.length === 1);
    equal([told, request.isOver], [[[1006, "", 0]], true]);
  }
});

test("stream: close ends it and tells nobody", async () => {
  const { told, channel, request } = await stream();
  channel.onclose = null;
  channel.close();
  await until(() => request.isOver);
  equal([told, channel.readyState], [[], 3]);
});

test("poll: each poll names the connection and the answer that was read", async () => {
  const { http, told, next } = await poll([hello, { target: "#a" }]);
  equal(http.of("poll")[0].headers, { Accept: "application/json" });
  const second = await next(1);
  equal([second.headers["Wsx-Conn"], second.headers["Wsx-Poll"]], ["n1-c k", "1"]);
  second.array([{ target: "#b" }, { target: "#c" }], 2);
  equal((await next(2)).headers["Wsx-Poll"], "2");
  equal(told, [{ target: "#b" }, { target: "#c" }]);
});

test("poll: an empty answer is a sign of life", async () => {
  const { told, next } = await poll();
  (await next(1)).array([], 2);
  await next(2);
  equal(told, [{ type: "ping" }]);
});

test("poll: one that fails is repeated under the same number, first nearly at once, four times", async () => {
  const timers = manualTimers();
  stub(Math, "random", () => 0.5);
  const { http, told, next } = await poll();
  for (const [n, delay] of [[1, 25], [2, 250], [3, 500], [4, 750]]) {
    (await next(n)).fail();
    await until(() => timers.delays.includes(delay));
    timers.ring(delay);
    equal((await next(n + 1)).headers["Wsx-Poll"], "1");
  }
  http.of("poll")[5].fail();
  await until(() => told.length === 1);
  equal(told, [[1006, "", 0]]);
});

test("poll: an answer begins the count anew", async () => {
  const timers = manualTimers();
  stub(Math, "random", () => 0.5);
  const { next } = await poll();
  for (let n = 1; n < 6; n += 2) {
    (await next(n)).fail();
    await until(() => timers.delays.includes(25));
    timers.ring(25);
    (await next(n + 1)).array([{ type: "ping" }], n);
  }
});

test("poll: a connection that is gone is not repeated", async () => {
  const { told, next } = await poll();
  (await next(1)).answer(404);
  await until(() => told.length === 1);
  equal(told, [[1006, "", 0]]);
});

test("poll: close tells the server, even while the page goes", async () => {
  const { http, channel } = await poll();
  channel.close();
  const [{ headers, keepalive }] = http.of("DELETE");
  equal([headers["Wsx-Conn"], keepalive, http.of("poll")[1].isOver], ["n1-c k", true, true]);
});

for (const [status, want] of [[401, 401], [403, 403], [400, 1006], [502, 1006]]) {
  test(`transports: a POST that is answered ${status} closes with ${want}`, async () => {
    const { http, told, channel } = await stream();
    channel.send("{}");
    (await until(() => http.of("POST")[0])).answer(status);
    await until(() => told.length === 1);
    equal(told, [[want, "", 0]]);
  });
}

test("transports: the token of the page goes to its own origin alone", async () => {
  const meta = document.createElement("meta");
  Object.assign(meta, { name: "csrf-token", content: "secret" });
  document.head.append(meta);
  cleanup(() => meta.remove());
  const same = started(Stream, location.href);
  equal((await until(() => same.http.all[0])).headers["X-CSRF-Token"], "secret");
  const other = started(Stream, "wss://example.test/ws");
  equal((await until(() => other.http.all[0])).headers["X-CSRF-Token"], undefined);
});
