// A client that the parent page feeds: the test of what loads a page again needs a page for it.
import { WSX } from "/src/core/client.js";
import * as more from "/src/more/more.js";

class Socket {
  readyState = 0;
  constructor() {
    window.socket = this;
  }
  send() {}
  close() {}
}
window.wsx = new WSX({ url: "/nowhere" }, { WebSocket: Socket, more: async () => more });
window.isReady = true;
