import { WSX } from "../src/core/client.js";

const list = document.querySelector("#list");
const limit = Number(list.getAttribute("wx-limit"));

/** What has come, by the numbers that the items bear. */
window.seen = { count: 0, last: 0, outOfOrder: 0, trimmedByPage: false };

new MutationObserver((records) => {
  for (const { addedNodes } of records) {
    for (const item of addedNodes) {
      if (!(item instanceof HTMLLIElement)) continue;
      seen.count++;
      const n = Number(item.dataset.n);
      if (n !== seen.last + 1) seen.outOfOrder++;
      seen.last = n;
    }
  }
  if (list.childElementCount <= limit + 500) return; // more than a tick may bring
  seen.trimmedByPage = true; // the client does not know wx-limit
  while (list.childElementCount > limit) list.firstElementChild.remove();
}).observe(list, { childList: true });

if (location.search === "?bare") {
  // The least that a page can do: what is more is the client's.
  const socket = new WebSocket("/live");
  socket.onmessage = ({ data }) => {
    const { target, html } = JSON.parse(data);
    if (target !== "#list") return;
    list.insertAdjacentHTML("beforeend", html);
    if (list.childElementCount > limit) list.firstElementChild.remove();
  };
  window.isReady = () => socket.readyState === WebSocket.OPEN;
} else {
  const isRoom = location.search === "?room";
  if (isRoom) list.setAttribute("wx-ticket", await (await fetch("/ticket")).text());
  const wsx = new WSX({ url: "/live" }, { more: () => import("../src/more/more.js"), morph: () => import("../src/morph/morph.js") });
  window.isReady = () => wsx.isConnected() && Object.keys(WSX.verbs).length > 0;
}
