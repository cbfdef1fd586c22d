// A page whose visitor has done something before the client starts.
import { WSX } from "/src/core/client.js";
import * as morph from "/src/morph/morph.js";

class Socket {
  readyState = 0;
  constructor() {
    window.socket = this;
  }
  send() {}
  close() {}
}
const { text, box, one, long } = document.querySelector("form").elements;
text.value = "mine";
box.checked = true;
one.value = "b";
long.value = "mine";
window.wsx = new WSX({ url: "/nowhere" }, { WebSocket: Socket, morph: async () => morph });
window.isReady = true;
