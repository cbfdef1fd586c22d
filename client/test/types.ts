// Compiled by tsc, never run: a page that uses the whole of wsx.d.ts by the package's name, and what must not compile.
import { WSX } from "@wsxgo/client";
import type { AfterRequestDetail, Config, PageSwap, Status, Swap, Verb } from "@wsxgo/client";
import { WSX as Source } from "../src/core/client.js";

const config: Config = {
  url: "/live", reconnectInterval: 1000, maxReconnectAttempts: -1, debug: true, root: "#app", timeout: 10_000, errorText: "Sorry.",
  navigate: ["https://pay.example"],
};
const client = new WSX(config);
// @ts-expect-error the url is required
new WSX({ debug: true });

// The source has what is declared.
export const real: WSX = new Source(config);
export const statics: typeof WSX = Source;

const version: string = WSX.version;
// @ts-expect-error it is a constant
WSX.version = "2";
const swap: Swap = "beforeend scroll:bottom";
const ids: (string | undefined)[] = [
  client.send("say"),
  client.send("say", "#answer"),
  client.send("say", null),
  client.send("say", { target: "#answer", data: { text: "hi" }, swap }),
  client.send({ id: "1", handler: "say" }),
  client.trigger("#form", { more: 1 }),
];
// @ts-expect-error the name of a handler is text
client.send(7);

client.connect();
client.disconnect();
client.reconnect();
const isConnected: boolean = client.isConnected();
const url: string = client.config.url;
void client.debug().then(() => client.debug(false));
client.destroy();
window.wsx.send("say");
wsx.trigger("#form");
new window.WSX({ url });

const confetti: Verb = (targets, color) => {
  for (const element of targets) element.append(document.createTextNode(String(color)));
};
WSX.verbs.confetti = confetti;
const flash: PageSwap = (target, html) => {
  target.textContent = html;
};
WSX.swaps["x-flash"] = flash;

document.addEventListener("wsx:connected", ({ detail }) => detail.reconnected satisfies boolean);
document.querySelector("svg")?.addEventListener("wsx:afterSwap", ({ detail }) => detail.target satisfies Element);
document.addEventListener("wsx:disconnected", ({ detail: { code, reason, willReconnect } }) => [code satisfies number, reason, willReconnect]);
document.addEventListener("wsx:refused", ({ detail }) => detail.code satisfies number);
document.addEventListener("wsx:status", ({ detail }) => detail.status satisfies Status);
document.addEventListener("wsx:beforeRequest", (event) => {
  event.detail.request.data.token = "t";
  if (event.detail.element instanceof HTMLFormElement) event.preventDefault();
});
document.addEventListener("wsx:confirm", (event) => {
  event.preventDefault();
  event.detail.proceed(event.detail.question === "" && event.detail.request.handler === "");
});
document.addEventListener("wsx:afterRequest", ({ detail }: CustomEvent<AfterRequestDetail>) => detail.success || detail.code);
document.addEventListener("wsx:error", ({ detail: { code, id, handler, text, html, request, element } }) => [
  code === "lost", id, handler, text, html, request, element,
]);
document.body.addEventListener("wsx:beforeSwap", (event) => {
  const { update, target, isOOB, content, swapType, message, element } = event.detail;
  update.html = content + target.id + isOOB + swapType + String(message) + String(element);
});
document.body.addEventListener("wsx:afterSwap", ({ detail }) => detail.target.classList.add("new"));
document.body.addEventListener("wsx:reset", ({ detail }) => detail.failed && detail.rooms.join() + detail.element.id);
document.body.addEventListener("wsx:unseen", ({ detail }) => detail.count satisfies number);
window.addEventListener("wsx:connected", ({ detail }) => detail.reconnected);
// @ts-expect-error there is no such detail
document.addEventListener("wsx:connected", ({ detail }) => detail.nonsense);

export const used = [version, ids, isConnected];
