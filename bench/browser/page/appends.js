import { WSX } from "../src/client.js";

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
  if (list.childElementCount <= limit + 100) return;
  seen.trimmedByPage = true; // the client does not know wx-limit
  while (list.childElementCount > limit) list.firstElementChild.remove();
}).observe(list, { childList: true });

window.wsx = new WSX({ url: "/live" }, { more: () => import("../src/more.js") });
