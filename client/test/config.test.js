import { completeConfig, readConfig } from "../src/core/config.js";
import { captured, cleanup, equal, ok, test } from "./harness.js";
import { $, client, FakeSocket, show } from "./page.js";

const host = location.host;

test("config: a path connects to the page's own host", () => {
  equal(completeConfig({ url: "/ws?x=1" }).url, `ws://${host}/ws?x=1`);
  equal(completeConfig({ url: "ws" }).url, `ws://${host}/test/ws`);
});

test("config: http and https addresses become socket addresses", () => {
  equal(completeConfig({ url: "http://other.test/a" }).url, "ws://other.test/a");
  equal(completeConfig({ url: "https://other.test/a#x" }).url, "wss://other.test/a");
  equal(completeConfig({ url: "wss://other.test/a" }).url, "wss://other.test/a");
});

test("config: a <base> element does not redirect the connection", () => {
  const base = document.createElement("base");
  base.href = "https://cdn.test/";
  document.head.append(base);
  cleanup(() => base.remove());
  equal(completeConfig({ url: "/ws" }).url, `ws://${host}/ws`);
});

test("config: defaults are 1 s and attempts without an end", () => {
  const config = completeConfig({ url: "/ws" });
  equal([config.reconnectInterval, config.maxReconnectAttempts, config.debug], [1000, Infinity, false]);
  ok(completeConfig({ url: "/ws", maxReconnectAttempts: -1 }).maxReconnectAttempts === Infinity, "-1 has no end");
  equal(completeConfig({ url: "/ws", maxReconnectAttempts: 3 }).maxReconnectAttempts, 3);
});

test("config: invalid JSON says what to do and does not throw", () => {
  const errors = captured("error");
  equal(readConfig(show(`<div wx-config="{url:'/ws'}"></div>`)), undefined);
  ok(errors[0].includes(`wx-config='{"url":"/ws"}'`) && errors[0].includes("{url:'/ws'}"), errors[0]);
});

test("config: a missing url and a foreign scheme are refused with a reason", () => {
  const errors = captured("error");
  equal(readConfig(show(`<div wx-config='{"debug":true}'></div>`)), undefined);
  equal(readConfig(show(`<div wx-config='{"url":"ftp://x/"}'></div>`)), undefined);
  ok(errors[0].includes(`"url" is missing`) && errors[1].includes("ftp://x/"), errors.join());
});

test("config: wsx.config shows the settings in use", () => {
  const wsx = client({ debug: true });
  equal([wsx.config.url, wsx.config.debug], [`ws://${host}/ws`, true]);
  equal(FakeSocket.last.url, `ws://${host}/ws`);
});

test("config: two clients share a page by their roots", () => {
  show(`<button wx-send="one" id="one"></button><div id="part"><button wx-send="two" id="two"></button></div>`);
  client();
  const first = FakeSocket.last.accept();
  client({ root: "#part" });
  const second = FakeSocket.last.accept();
  $("#one").click();
  $("#two").click();
  equal(first.requests.map((r) => r.handler), ["one"]);
  equal(second.requests.map((r) => r.handler), ["two"]);
});
