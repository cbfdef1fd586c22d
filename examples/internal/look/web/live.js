// Shared by all pages: shows the state of the connection, resets submitted forms, shows errors, and formats times in the
// reader's time zone.

const status = document.getElementById("status")
const sent = new WeakMap()
let leaving = false // a plain form is navigating to another page

document.addEventListener("submit", ({ target }) => { leaving = !target.hasAttribute("wx-send") })

document.addEventListener("wsx:connected", () => { status.textContent = "" })

document.addEventListener("wsx:disconnected", ({ detail }) => {
  if (leaving) return
  if (detail.code === 4401) { // logged out in another tab, or the login expired: the server shows the right page
    window.wsx.disconnect()
    location.reload()
  }
  status.textContent = detail.willReconnect ? "Connection lost. Reconnecting…" : "Disconnected. Reload the page to reconnect."
})

// A region could not be refetched.
document.addEventListener("wsx:reset", ({ detail }) => {
  if (detail.failed) status.textContent = "Some updates may be missing. Please reload the page."
})

document.addEventListener("wsx:beforeRequest", ({ target, detail }) => {
  say(target, "")
  if (!(target instanceof HTMLFormElement)) return
  sent.set(target, detail.request.data)
  target.reset()
})

// Restores rejected input, unless the field contains something newer.
document.addEventListener("wsx:error", ({ target, detail }) => {
  const denied = detail.code === "denied" && "You don't have permission to do that."
  say(target, detail.text || denied || "This may not have worked. Please check, then try again.")
  for (const [name, value] of Object.entries(sent.get(target) ?? {})) {
    const field = target.elements?.namedItem(name)
    if (field instanceof RadioNodeList) field.value = value
    else if (field && "value" in field) field.value ||= value
  }
})

// Keeps the keyboard focus when a swap replaces the focused element with one that has the same id.
let focused = ""
document.addEventListener("wsx:beforeSwap", () => { focused = document.activeElement?.id ?? "" })
document.addEventListener("wsx:afterSwap", () => {
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus()
  focused = ""
})

// A form shows errors in its own .problem element. Everything else shows them below the bar.
function say(at, text) {
  const own = at instanceof HTMLFormElement && at.querySelector(".problem")
  const where = own || document.getElementById("trouble")
  where.textContent = text
}

// Formats times in the reader's time zone before they are painted.
const clock = new Intl.DateTimeFormat([], { timeStyle: "short" })
function showTimes() {
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(time.dateTime)
    time.textContent = clock.format(at)
    time.title = at.toLocaleString()
  }
}
showTimes()
new MutationObserver(showTimes).observe(document.body, { childList: true, subtree: true })
