import { destination } from "../src/actions.js";
import { captured, cleanup, equal, test, until } from "./harness.js";
import { $, connected, show } from "./page.js";

test("actions: a redirection stays within the origin", () => {
  for (const [to, want] of [
    ["/orders/7?new#top", "/orders/7?new#top"], ["next", new URL("next", location.href).pathname], [location.origin + "/a", "/a"],
  ]) {
    equal(destination(to), location.origin + want);
  }
  for (const to of [
    "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "data:text/html,x",
    "blob:" + location.origin + "/x", "https://", "", 7, null, undefined, {},
  ]) {
    equal(destination(to), to === "" ? location.href.split("#")[0] : undefined, String(to));
  }
});

test("actions: a redirection waits for what came before it", async () => {
  cleanup(() => history.replaceState(null, "", location.pathname + location.search));
  show(`<p id="a"></p>`);
  const debug = captured("debug");
  const socket = connected({ debug: true });
  socket.push({ id: "1", target: "#a", html: "first" });
  socket.push({ id: "2", target: "html", html: "", swap: "action", args: ["redirect", "#paid"] });
  socket.push({ id: "3", target: "#a", html: "second" });
  equal([$("#a").textContent, location.hash], ["first", ""]);
  await until(() => $("#a").textContent === "second");
  equal(location.hash, "#paid");
  socket.push({ id: "4", target: "html", html: "", swap: "action", args: ["redirect", "https://evil.example"] });
  socket.push({ id: "5", target: "html", html: "", swap: "action" });
  equal([location.hash, debug.filter((line) => line.includes("no verb")).length], ["#paid", 2]);
});
