// Converts clicks to points on the map, and computes the distance of each event. All visitors near an event receive the same
// fragment, so it doesn't contain the distance.

const map = document.getElementById("map")
const events = document.getElementById("events")
const here = () => document.querySelector("#you [data-x]").dataset

map.addEventListener("click", ({ clientX, clientY }) => {
  const at = new DOMPoint(clientX, clientY).matrixTransform(map.getScreenCTM().inverse())
  window.wsx.send("move", { data: { x: Math.round(at.x), y: Math.round(at.y) } })
})

// A new connection has no place yet. The server replies with the events near it.
document.addEventListener("wsx:connected", () => { window.wsx.send("move", { data: { ...here() } }) })

function measure() {
  for (const { dataset, lastElementChild } of events.querySelectorAll("[data-x]")) {
    const units = Math.hypot(dataset.x - here().x, dataset.y - here().y)
    lastElementChild.textContent = `${(units / map.dataset.scale).toFixed(1)} km`
  }
}
new MutationObserver(measure).observe(events, { childList: true }) // runs before changes are painted
