// What only the browser can know: whether anybody looks. The server is told, and stops drawing for this tab.

const pause = document.getElementById("pause")
const note = document.getElementById("status")
let paused = false

// A connection that comes back knows nothing of the one before, so it is told anew; until then there is nobody to tell.
function tell() {
  if (!window.wsx.isConnected()) return
  window.wsx.send(paused || document.hidden ? "pause" : "resume")
  note.textContent = paused ? "Paused: the charts stand still until you press Pause again." : ""
}

pause.addEventListener("click", () => {
  paused = !paused
  pause.setAttribute("aria-pressed", paused)
  tell()
})
document.addEventListener("visibilitychange", tell)
document.addEventListener("wsx:connected", tell)
