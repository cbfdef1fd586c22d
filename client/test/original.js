// A stand-in for the original client, written from a description of what a server sees of it, so that tests can show that
// pages with the original script keep working. It copies the habits that matter, the bad ones too:
//
//   - it never says hello, and looks up the target of every frame, control frames included: those find nothing
//   - targets of a frame are all looked up before the first swap, and every swap runs on a timer of its own
//   - every sender around a click fires, ids count from 1 on each page load, and answers are not matched to requests
//   - what is sent while it is disconnected is dropped; after a loss it tries again at fixed intervals, a few times
//
// It sets innerHTML as it is, so a page that uses it cannot require Trusted Types.
(() => {
  "use strict";

  const insertions = ["beforebegin", "afterbegin", "beforeend", "afterend"];

  class OriginalClient {
    constructor({ url, reconnectInterval = 3000, maxReconnectAttempts = 5 }) {
      this.url = url;
      this.reconnectInterval = reconnectInterval;
      this.attemptsLeft = maxReconnectAttempts;
      this.count = 0;
      for (const type of ["click", "submit"]) document.addEventListener(type, (event) => this.hear(event));
      this.connect();
    }

    connect() {
      this.socket = new WebSocket(this.url);
      this.socket.onopen = () => document.dispatchEvent(new CustomEvent("wsx:connected"));
      this.socket.onmessage = (event) => this.receive(event.data);
      this.socket.onclose = () => {
        document.dispatchEvent(new CustomEvent("wsx:disconnected"));
        if (this.attemptsLeft-- > 0) setTimeout(() => this.connect(), this.reconnectInterval);
      };
    }

    send(message) {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    }

    hear(event) {
      for (let element = event.target; element instanceof Element; element = element.parentElement) {
        if (!element.hasAttribute("wx-send")) continue;
        const trigger = element.getAttribute("wx-trigger");
        if (trigger ? !trigger.split(/[\s,[]/).includes(event.type) : (event.type === "submit") !== element.matches("form")) continue;
        if (event.type === "submit") event.preventDefault();
        this.ask(element, event.type);
      }
    }

    ask(element, type) {
      this.send({
        id: `req_${++this.count}`,
        handler: element.getAttribute("wx-send"),
        target: element.getAttribute("wx-target") || "body",
        trigger: element.getAttribute("wx-trigger") || type,
        data: collect(element),
        swap: element.getAttribute("wx-swap") || "innerHTML",
      });
    }

    receive(text) {
      try {
        const message = JSON.parse(text);
        const planned = [message, ...(message.oob || [])].map((update) => [document.querySelector(update.target), update]);
        for (const [element, update] of planned) if (element) plan(element, update);
      } catch (error) {
        console.debug("frame ignored", error);
      }
    }
  }

  function collect(element) {
    const data = {};
    if (element instanceof HTMLFormElement) Object.assign(data, Object.fromEntries(new FormData(element)));
    else if ("value" in element && !(element instanceof HTMLButtonElement)) data[element.name || "value"] = element.value;
    const own = element.getAttribute("wx-data");
    if (own) Object.assign(data, JSON.parse(own));
    for (const { name, value } of element.attributes) {
      if (name.startsWith("data-") && !name.startsWith("data-wsx")) data[name.slice(5)] = value;
    }
    return data;
  }

  function plan(element, { html, swap = "innerHTML" }) {
    const words = swap.split(/\s+/);
    const style = words[0].includes(":") ? "innerHTML" : words[0];
    const [, amount, unit] = /(?:^|\s)swap:(\d+)(ms|s)?/.exec(swap) ?? [, "0"];
    setTimeout(() => apply(element, html, style), Number(amount) * (unit === "s" ? 1000 : 1));
  }

  function apply(element, html, style) {
    if (insertions.includes(style)) element.insertAdjacentHTML(style, html);
    else if (style === "outerHTML") element.outerHTML = html;
    else if (style === "delete") element.remove();
    else if (style !== "none") element.innerHTML = html;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const element = document.querySelector("[wx-config]");
    if (element) window.wsx = new OriginalClient(JSON.parse(element.getAttribute("wx-config")));
  });
})();
