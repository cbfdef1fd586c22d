import { equal, stub, test, until } from "./harness.js";
import { $, client, FakeSocket, handlers, show } from "./page.js";

// A page that the browser makes in advance and may never show.

function prerender() {
  stub(document, "prerendering", true);
  return () => {
    stub(document, "prerendering", false);
    document.dispatchEvent(new Event("prerenderingchange"));
  };
}

test("prerender: a page that is not visited yet connects to nothing and starts no trigger", async () => {
  show(`<p wx-send="entered" wx-trigger="load"></p><button wx-send="a"></button><p wx-status></p>`);
  const visit = prerender();
  const wsx = client();
  wsx.connect();
  wsx.reconnect();
  window.dispatchEvent(new Event("online"));
  wsx.send("early");
  await import("../src/more/more.js");
  equal([FakeSocket.all.length, $("[wx-status]").textContent], [0, ""]);
  visit();
  equal(FakeSocket.all.length, 1);
  const socket = FakeSocket.last.accept();
  await until(() => handlers(socket).length === 2);
  equal(handlers(socket), ["early", "entered"]);
  $("button").click();
  equal(handlers(socket), ["early", "entered", "a"]);
});

test("prerender: one that ends or disconnects before the visit stays away", () => {
  show(`<button wx-send="a"></button>`);
  const visit = prerender();
  client().destroy();
  visit();
  equal(FakeSocket.all.length, 0);
  const again = prerender();
  client().disconnect();
  again();
  equal(FakeSocket.all.length, 0);
});
