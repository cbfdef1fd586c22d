import { cleanup, equal, test } from "./harness.js";
import { $, connected, show } from "./page.js";

/** What a click on the selector does: the handlers that are asked, and whether the browser was kept from submitting or leaving. */
function click(html, selector, more = {}) {
  show(html);
  const socket = connected();
  const prevented = { submit: null, click: null };
  const judge = (event) => {
    prevented[event.type] = event.defaultPrevented;
    // The page must stay whatever comes of it; but a click has to become a submit, and a label's a second click.
    if (event.type === "submit" || event.target.closest("a[href]")) event.preventDefault();
  };
  for (const type of ["submit", "click"]) {
    addEventListener(type, judge);
    cleanup(() => removeEventListener(type, judge));
  }
  $(selector).dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, ...more }));
  return [socket.requests.map((r) => r.handler).join(), prevented.submit ?? prevented.click];
}

const form = (inner) => `<form action="/elsewhere">${inner}</form>`;
const link = `<a id="x" href="#elsewhere"><b>x</b></a>`;

const card = `<div wx-send="card">${link}<i></i></div>`;
const held = { ctrlKey: true };

for (const [what, html, at, want, more] of [
  ["a sender around a form keeps the page", `<div wx-send="a" wx-trigger="submit">${form("<button></button>")}</div>`, "button", ["a", true]],
  ["submit from elsewhere keeps the page", `<div wx-send="a" wx-trigger="submit from:form"></div>${form("<button></button>")}`, "button", ["a", true]],
  ["click from a link keeps the page", `<div wx-send="a" wx-trigger="click from:#x"></div>${link}`, "#x b", ["a", true]],
  ["click from what a link holds keeps the page", `<div wx-send="a" wx-trigger="click from:b"></div>${link}`, "#x b", ["a", true]],
  ["click from a button leaves its form alone", `<div wx-send="a" wx-trigger="click from:button"></div><form wx-send="f"><button></button></form>`, "button", ["a,f", true]],
  ["who listens to the document does not stop links", `<div wx-send="a" wx-trigger="click from:document"></div>${link}`, "#x", ["a", false]],
  ["a form that nobody wants is the browser's", `<div wx-send="a" wx-trigger="keyup">${form("<button></button>")}</div>`, "button", ["", false]],
  ["a sender in a button of a plain form does not submit it", form(`<button><span wx-send="a">x</span></button>`), "span", ["a", true]],
  ["with a key held a link in a card is the browser's", card, "#x b", ["", false], held],
  ["with a key held the rest of the card is the card's", card, "i", ["card", false], held],
  ["with a key held nobody else hears a link", `<div wx-send="a" wx-trigger="click from:#x"></div>${link}`, "#x", ["", false], { metaKey: true }],
  ["a trigger with keys means them", `<a id="x" href="#y" wx-send="a" wx-trigger="click[shiftKey]"></a>`, "#x", ["a", true], { shiftKey: true }],
]) {
  test(`native: ${what}`, () => equal(click(html, at, more), want));
}

for (const [what, html, want] of [
  ["a button that closes the dialog sends nothing", `<form wx-send="f" action="/x"><button formmethod="dialog"></button></form>`, ["", false]],
  ["also for a sender around", `<div wx-send="f" wx-trigger="submit"><form><button formmethod="DIALOG"></button></form></div>`, ["", false]],
  ["a form of a dialog sends and closes it", `<form wx-send="f" method="dialog"><button></button></form>`, ["f", false]],
  ["a button that does more than its dialog's form keeps the page", `<form wx-send="f" method="dialog"><button formmethod="post"></button></form>`, ["f", true]],
]) {
  test(`native: ${what}`, () => equal(click(html, "#stage button"), want));
}

for (const [what, html, at, want] of [
  ["a label's click comes twice and counts once", `<div wx-send="a"><label>x<input type="checkbox"></label></div>`, "label", "a"],
  ["on what the label holds, too", `<div wx-send="a"><label><b>x</b><input type="checkbox"></label></div>`, "b", "a"],
  ["for a label beside its field", `<div wx-send="a"><label for="c">x</label><input id="c" type="checkbox"></div>`, "label", "a"],
  ["for a label that sends", `<label wx-send="a">x<input type="checkbox"></label>`, "label", "a"],
  ["for a sender elsewhere", `<i wx-send="a" wx-trigger="click from:label"></i><label>x<input type="checkbox"></label>`, "label", "a"],
  ["for one that listens to the document", `<i wx-send="a" wx-trigger="click from:document"></i><label>x<input type="checkbox"></label>`, "label", "a"],
  ["a label whose field is outside counts itself", `<div wx-send="a"><label for="c">x</label></div><input id="c" type="checkbox">`, "label", "a"],
  ["a label of a disabled field counts itself", `<div wx-send="a"><label>x<input type="checkbox" disabled></label></div>`, "label", "a"],
  ["a label that is asked for by name counts itself", `<div wx-send="a" wx-trigger="click target:label"><label>x<input type="checkbox"></label></div>`, "label", "a"],
  ["a button in a label is no click on the label", `<div wx-send="a"><label><button type="button">x</button><input></label></div>`, "#stage button", "a"],
  ["the field itself counts", `<div wx-send="a"><label>x<input type="checkbox"></label></div>`, "input", "a"],
]) {
  test(`native: ${what}`, () => equal(click(html, at)[0], want));
}
