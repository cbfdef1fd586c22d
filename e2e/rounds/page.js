// Runs first in each page: cuts its connections on demand, as a network does, counts resets, and knows how far back the page may go
// without leaving the frame.

window.resets = 0;
addEventListener("wsx:reset", () => window.resets++);
window.depth = history.state?.depth ?? 0;
addEventListener("popstate", ({ state }) => (window.depth = state?.depth ?? 0));
for (const [name, step] of Object.entries({ pushState: 1, replaceState: 0 })) {
  const change = history[name].bind(history);
  history[name] = (state, ...rest) => change({ ...state, depth: (window.depth += step) }, ...rest);
}
/** What travelled, and what was done, for the report of a round that fails. */
window.travelled = [];
window.note = (what) => travelled.push(`${Math.round(performance.now())} ${what}`.slice(0, 700));
{
  const open = new Set();
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url);
      open.add(this);
      this.addEventListener("open", () => note("open"));
      this.addEventListener("close", () => note("close"));
      this.addEventListener("message", ({ data }) => note(`${this.isCut ? "lost" : "in"} ${data}`));
      // Before the client's own listeners: a connection that is cut brings nothing more, not even its own close.
      this.addEventListener("message", (event) => this.isCut && event.stopImmediatePropagation());
      this.addEventListener("close", (event) => {
        open.delete(this);
        if (this.isCut && event.isTrusted) event.stopImmediatePropagation();
      });
    }
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    note(`out ${data}`);
    send.call(this, data);
  };
  // No streams: over HTTP/1.1 the frames of one host share six connections.
  const ask = window.fetch;
  window.fetch = (url, init) => (String(url).includes("/live") ? Promise.reject(new TypeError("only sockets")) : ask(url, init));
  window.cut = (after) => {
    for (const socket of open) {
      socket.isCut = true;
      open.delete(socket);
      setTimeout(() => {
        socket.close();
        socket.dispatchEvent(new CloseEvent("close", { code: 1006 }));
      }, after);
    }
  };
}
