import { WSX } from "../src/module.js";
import { cleanup, equal, stub, test, until } from "./harness.js";
import { $, FakeSocket, show } from "./page.js";

test("module: it brings its other files by itself", async () => {
  stub(window, "WebSocket", FakeSocket);
  cleanup(() => history.replaceState(null, "", location.pathname + location.search));
  FakeSocket.all = [];
  show(`<p id="a"></p>`);
  const wsx = new WSX({ url: "/ws" });
  cleanup(() => wsx.destroy());
  const socket = FakeSocket.last.accept();
  socket.push({ target: "html", html: "", swap: "action", args: ["redirect", "#there"] });
  await until(() => location.hash === "#there");
  await wsx.debug();
  equal([Boolean($("[data-wsx-debug]")), WSX.version], [true, (await (await fetch("../package.json")).json()).version]);
  await wsx.debug(false);
});
