import { cleanup, manualTimers, stub, until } from "./harness.js";
import { FakeHTTP } from "./http.js";
import { client, FakeSocket } from "./page.js";

// Clients that have every transport.

export const lower = () => import("../src/http/http.js");
/** A client with every transport, on a clock that stands still; nothing is remembered from the case before. */
export function page(config = {}, internals = {}) {
  sessionStorage.clear();
  cleanup(() => sessionStorage.clear());
  const http = new FakeHTTP();
  const timers = manualTimers();
  const now = performance.now.bind(performance);
  let passed = 0;
  stub(performance, "now", () => now() + passed);
  const wsx = client(config, { load: lower, fetch: http.fetch, ...internals });
  const pass = (ms) => (passed += ms);
  return { http, timers, pass, wsx, nth: (kind, n) => until(() => http.of(kind)[n], `${kind} ${n}`) };
}

/** The same, on a stream because upgrades are refused. */
export async function streaming(config, internals) {
  const all = page(config, internals);
  FakeSocket.last.drop();
  const stream = await all.nth("stream", 0);
  stream.stream();
  await until(() => all.wsx.isConnected());
  return { ...all, stream };
}
