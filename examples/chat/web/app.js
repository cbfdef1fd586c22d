// What only the browser can do: empty the box, say that the connection is lost, and know the reader's clock. What was missed
// meanwhile needs no line here: wx-ticket in the page sees to it.

const form = document.getElementById("compose")
const status = document.getElementById("status")
const problem = document.getElementById("problem")

form.addEventListener("wsx:beforeRequest", ({ target }) => {
  if (target !== form) return
  form.reset()
  problem.textContent = ""
})

// A message that was refused comes back into the box, unless there is a newer one in it.
form.addEventListener("wsx:error", ({ target, detail }) => {
  if (target !== form) return
  problem.textContent = detail.text || "Perhaps this was not sent. Please check, and try again."
  form.text.value ||= detail.request.data.text
})

document.addEventListener("wsx:connected", () => { status.textContent = "" })

// The messages could not be fetched again: perhaps a restart has logged everybody out.
document.addEventListener("wsx:reset", ({ detail }) => {
  if (detail.failed) status.textContent = "Something may be missing here. Please reload the page."
})
document.addEventListener("wsx:refused", () => location.reload()) // the server shows the login page

document.addEventListener("wsx:disconnected", ({ detail }) => {
  if (detail.code === 4401) { // logged out in another tab, or logged in for too long: the server shows what is next
    window.wsx.disconnect()
    location.reload()
  }
  status.textContent = detail.willReconnect ? "Connection lost. Trying again…" : "Disconnected. Reload the page to come back."
})

// Shows every message's time in the reader's zone, and the day above the first message of it.
const clock = new Intl.DateTimeFormat([], { timeStyle: "short" })
const calendar = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" })

function tellTime() {
  let day = ""
  for (const message of document.querySelectorAll(".message")) {
    const time = message.querySelector("time")
    const at = new Date(time.dateTime)
    const today = calendar.format(at)
    if (time.textContent !== clock.format(at)) time.textContent = clock.format(at)
    if (today === day) delete message.dataset.day
    else if (message.dataset.day !== today) message.dataset.day = today
    day = today
  }
}
tellTime()
// Sees what is pushed before it is painted, and what a morph takes away again.
new MutationObserver(tellTime).observe(document.querySelector(".scroll"), { childList: true, subtree: true, attributeFilter: ["data-day"] })
