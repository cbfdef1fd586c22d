// All pages receive the same lists, so each page marks its own room and user. It also rejoins its room after a reload or a lost
// connection.

const body = document.body
const main = document.getElementById("room")
let room = location.hash.slice(1)

document.addEventListener("wsx:connected", () => {
  if (room) window.wsx.send("join", { data: { room, again: shown() === room } })
})

// The recipient or the room has changed: focus the message box.
document.addEventListener("wsx:afterSwap", ({ target }) => {
  if (target.id === "to") document.getElementById("text").focus()
  if (target === main) (document.getElementById("text") ?? main).focus()
})

function shown() {
  return main.querySelector("[data-room]")?.dataset.room ?? ""
}

function mark() {
  for (const button of document.querySelectorAll("#rooms button")) {
    button.ariaCurrent = button.dataset.room === shown() ? "true" : null
  }
  for (const member of document.querySelectorAll(".members li")) {
    member.classList.toggle("you", member.dataset.name === body.dataset.me)
  }
}
const watch = { childList: true, subtree: true }
new MutationObserver(mark).observe(body, watch) // runs before changes are painted
new MutationObserver(() => {
  room = shown()
  history.replaceState(null, "", room ? "#" + room : location.pathname)
}).observe(main, { childList: true })
