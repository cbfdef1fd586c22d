// Resets the form, shows the state of the connection, and formats times in the reader's time zone. Missed messages need no
// code here: wx-ticket in the page takes care of them.

const form = document.getElementById("compose")
const status = document.getElementById("status")
const problem = document.getElementById("problem")

form.addEventListener("wsx:beforeRequest", ({ target }) => {
  if (target !== form) return
  form.reset()
  problem.textContent = ""
})

// Restores a rejected message, unless the box contains a newer one.
form.addEventListener("wsx:error", ({ target, detail }) => {
  if (target !== form) return
  problem.textContent = detail.text || "This may not have been sent. Please check, then try again."
  form.text.value ||= detail.request.data.text
})

document.addEventListener("wsx:connected", () => { status.textContent = "" })

// The messages could not be refetched.
document.addEventListener("wsx:reset", ({ detail }) => {
  if (detail.failed) status.textContent = "Some messages may be missing. Please reload the page."
})
document.addEventListener("wsx:refused", () => location.reload()) // the server shows the login page

document.addEventListener("wsx:disconnected", ({ detail }) => {
  if (detail.code === 4401) { // logged out in another tab, or the login expired: the server shows the login page
    window.wsx.disconnect()
    location.reload()
  }
  status.textContent = detail.willReconnect ? "Connection lost. Reconnecting…" : "Disconnected. Reload the page to reconnect."
})

// Shows the time of each message in the reader's time zone, and the date above the first message of each day.
const clock = new Intl.DateTimeFormat([], { timeStyle: "short" })
const calendar = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" })

function showTimes() {
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
showTimes()
// Runs before pushed messages are painted, and after a morph has removed the date.
new MutationObserver(showTimes).observe(document.querySelector(".scroll"), { childList: true, subtree: true, attributeFilter: ["data-day"] })
