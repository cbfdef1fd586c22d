// What only the browser can know: where on the map a click was, and how far an event is from its own reader. One fragment
// serves everybody around an event, wherever they are, so the distance is not in it.

const map = document.getElementById("map")
const events = document.getElementById("events")
const here = () => document.querySelector("#you [data-x]").dataset

map.addEventListener("click", ({ clientX, clientY }) => {
  const at = new DOMPoint(clientX, clientY).matrixTransform(map.getScreenCTM().inverse())
  window.wsx.send("move", { data: { x: Math.round(at.x), y: Math.round(at.y) } })
})

// A new connection has no place yet. Being told of it, the server shows what is going on there.
document.addEventListener("wsx:connected", () => { window.wsx.send("move", { data: { ...here() } }) })

function measure() {
  for (const { dataset, lastElementChild } of events.querySelectorAll("[data-x]")) {
    const units = Math.hypot(dataset.x - here().x, dataset.y - here().y)
    lastElementChild.textContent = `${(units / map.dataset.scale).toFixed(1)} km`
  }
}
new MutationObserver(measure).observe(events, { childList: true }) // before it is painted
