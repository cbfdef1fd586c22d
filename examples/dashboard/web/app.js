// Tells the server whether this tab is visible and not paused. The server sends charts to such tabs only.

const pause = document.getElementById("pause")
const note = document.getElementById("status")
let paused = false

// Runs again after each reconnect, because a new connection starts without the tag.
function tell() {
  if (!window.wsx.isConnected()) return
  window.wsx.send(paused || document.hidden ? "pause" : "resume")
  note.textContent = paused ? "Paused. Press Pause again to resume." : ""
}

pause.addEventListener("click", () => {
  paused = !paused
  pause.setAttribute("aria-pressed", paused)
  tell()
})
document.addEventListener("visibilitychange", tell)
document.addEventListener("wsx:connected", tell)
