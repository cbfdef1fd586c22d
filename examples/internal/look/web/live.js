// What every live page wants and only the browser can do: say that the connection is lost, empty a form that was sent, show
// why something was refused, and know the reader's clock.

const status = document.getElementById("status")
const sent = new WeakMap()
let leaving = false // a form is about to lead to another page

document.addEventListener("submit", ({ target }) => { leaving = !target.hasAttribute("wx-send") })

document.addEventListener("wsx:connected", () => { status.textContent = "" })

document.addEventListener("wsx:disconnected", ({ detail }) => {
  if (leaving) return
  if (detail.code === 4401) { // logged out in another tab, or logged in for too long: the server shows what is next
    window.wsx.disconnect()
    location.reload()
  }
  status.textContent = detail.willReconnect ? "Connection lost. Trying again…" : "Disconnected. Reload the page to come back."
})

// What the page shows could not be fetched again.
document.addEventListener("wsx:reset", ({ detail }) => {
  if (detail.failed) status.textContent = "Something may be missing here. Please reload the page."
})

document.addEventListener("wsx:beforeRequest", ({ target, detail }) => {
  say(target, "")
  if (!(target instanceof HTMLFormElement)) return
  sent.set(target, detail.request.data)
  target.reset()
})

// What was refused comes back into its box, unless there is something newer in it.
document.addEventListener("wsx:error", ({ target, detail }) => {
  const denied = detail.code === "denied" && "You may not do that."
  say(target, detail.text || denied || "Perhaps this was not done. Please check, and try again.")
  for (const [name, value] of Object.entries(sent.get(target) ?? {})) {
    const field = target.elements?.namedItem(name)
    if (field instanceof RadioNodeList) field.value = value
    else if (field && "value" in field) field.value ||= value
  }
})

// Who works with the keyboard keeps the place, when what is focused is replaced by its like.
let focused = ""
document.addEventListener("wsx:beforeSwap", () => { focused = document.activeElement?.id ?? "" })
document.addEventListener("wsx:afterSwap", () => {
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus()
  focused = ""
})

// A form says what is wrong in its own .problem, everything else below the bar.
function say(at, text) {
  const own = at instanceof HTMLFormElement && at.querySelector(".problem")
  const where = own || document.getElementById("trouble")
  where.textContent = text
}

// Times are told in the reader's zone, before they are painted.
const clock = new Intl.DateTimeFormat([], { timeStyle: "short" })
function tellTime() {
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(time.dateTime)
    time.textContent = clock.format(at)
    time.title = at.toLocaleString()
  }
}
tellTime()
new MutationObserver(tellTime).observe(document.body, { childList: true, subtree: true })
