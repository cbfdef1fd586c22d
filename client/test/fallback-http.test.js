import { equal, heard, test, until } from "./harness.js";
import { FakeSocket } from "./page.js";
import { page, streaming } from "./transport.js";

const details = (events) => events.map((event) => event.detail);

test("fallback: Retry-After is honoured, whatever happens to the page", async () => {
  const { nth, timers, http } = page();
  FakeSocket.last.drop();
  (await nth("stream", 0)).answer(503, { "Retry-After": "20" });
  await until(() => timers.delays.includes(20_000));
  window.dispatchEvent(new Event("online"));
  equal([FakeSocket.all.length, http.all.length, timers.delays.length], [1, 1, 1]);
});

test("fallback: the code of a close frame counts as one of a WebSocket", async () => {
  const down = heard("wsx:disconnected");
  const refused = heard("wsx:refused");
  const { stream, timers } = await streaming();
  stream.push({ type: "close", code: 4403, reason: "banned" });
  await until(() => down.length === 1);
  equal([details(down), timers.delays, refused.length], [[{ code: 4403, reason: "banned", willReconnect: false }], [], 0]);
});

test("fallback: requests that were under way when a POST failed are lost, and the connection comes back", async () => {
  const { wsx, nth, timers } = await streaming();
  const errors = heard("wsx:error");
  (await nth("POST", 0)).answer(202);
  wsx.send("a");
  (await nth("POST", 1)).fail();
  await until(() => errors.length === 1);
  equal(details(errors).map((d) => [d.id, d.code]), [["p1-1", "lost"]]);
  timers.ring(0);
  await nth("stream", 1);
});

test("fallback: a page that is left takes its poll back and says so", async () => {
  const { nth, http, wsx } = page();
  FakeSocket.last.drop();
  (await nth("stream", 0)).fail();
  (await nth("poll", 0)).array([{ type: "hello", conn: "c", key: "k", ping: 0 }], 1);
  await until(() => wsx.isConnected());
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  equal([http.of("DELETE").length, http.of("DELETE")[0].keepalive], [1, true]);
});

test("fallback: hand-over works on a stream, too", async () => {
  const { stream, timers, nth, wsx } = await streaming();
  stream.push({ type: "reconnect", after: 700 });
  await until(() => timers.delays.includes(700));
  timers.ring(700);
  (await nth("stream", 1)).stream();
  await until(() => timers.delays.includes(2000));
  equal([stream.isOver, wsx.isConnected()], [false, true]);
  timers.ring(2000);
  await until(() => stream.isOver);
  equal(wsx.isConnected(), true);
});
