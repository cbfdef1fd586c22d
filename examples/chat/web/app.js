// What only the browser can do: empty the box, notice that it was away, and know the reader's clock.

const messages = document.getElementById("messages")
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

function catchUp() {
  status.textContent = ""
  const last = Number(messages.lastElementChild?.id.slice(1) ?? 0)
  window.wsx.send("history", { data: { last } })
}
document.addEventListener("wsx:connected", catchUp)
if (window.wsx?.isConnected()) catchUp() // this script came late

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
  for (const message of messages.children) {
    const time = message.querySelector("time")
    const at = new Date(time.dateTime)
    const today = calendar.format(at)
    time.textContent = clock.format(at)
    if (today !== day) message.dataset.day = today
    day = today
  }
}
tellTime()
new MutationObserver(tellTime).observe(messages, { childList: true }) // sees what is pushed before it is painted
