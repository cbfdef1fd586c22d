// What a page may do by itself: methods, swaps and verbs of its own, and events. The code beside each is cut out of this file.

const say = (name, text) => { document.getElementById(`did-${name}`).textContent = String(text) }

const own = {
  "swaps": () => {
    WSX.swaps["x-flash"] = (target, html) => {
      target.textContent = html
      target.animate([{ opacity: 0 }, { opacity: 1 }], 500)
      return target
    }
    say("swaps", "ready")
  },
  "verbs": () => {
    const announce = WSX.verbs.announce
    WSX.verbs.announce = (targets, text) => {
      say("verbs", `announced: ${text}`)
      announce?.(targets, text)
    }
  },
}

const methods = {
  "send": () => wsx.send("echo", { target: "#did-send", data: { text: "Hello" } }),
  "trigger": () => wsx.trigger("#hover", { more: "data" }),
  "isConnected": () => say("isConnected", wsx.isConnected()),
  "disconnect": () => wsx.disconnect(),
  "connect": () => wsx.connect(),
  "reconnect": () => wsx.reconnect(),
  "debug": () => wsx.debug(),
  "version": () => say("version", WSX.version),
  "swaps": own.swaps,
  "verbs": own.verbs,
  "new": () => {
    const second = new WSX({ url: "/live", root: "#did-new" })
    second.send("echo", { target: "#did-new", data: { by: "another client" } })
    setTimeout(() => second.destroy(), 2000)
  },
  "custom": () => document.getElementById("basket").dispatchEvent(new CustomEvent("item-added", { bubbles: true })),
}

document.addEventListener("click", ({ target }) => {
  const name = target.closest("[data-do]")?.dataset.do
  if (name) methods[name]()
})

const events = {
  "wsx:beforeRequest": ({ detail }) => { detail.request.data.page = location.hash },
  "wsx:confirm": (event) => log(`It asks: ${event.detail.question}`),
  "wsx:afterRequest": ({ detail }) => log(detail.success ? "It was answered" : `It failed: ${detail.code}`),
  "wsx:error": ({ detail }) => log(detail.text || detail.code),
  "wsx:beforeSwap": (event) => {
    if (event.detail.content.includes("unwanted")) event.preventDefault()
  },
  "wsx:afterSwap": ({ detail }) => log(`Shown at ${detail.update.target}`),
  "wsx:connected": ({ detail }) => log(detail.reconnected ? "Back again" : "Here"),
  "wsx:disconnected": ({ detail }) => log(`Gone: ${detail.code}`),
  "wsx:refused": () => location.reload(),
  "wsx:status": ({ detail }) => log(`The connection is ${detail.status}`),
  "wsx:unseen": ({ detail }) => log(`${detail.count} unseen`),
  "wsx:reset": ({ detail }) => log(detail.failed ? "Please reload the page" : "One moment"),
}
for (const [name, listener] of Object.entries(events)) document.addEventListener(name, listener)

const most = 50
for (const name of Object.keys(events)) {
  document.addEventListener(name, ({ target }) => {
    const item = document.createElement("li")
    item.textContent = `${name} at ${target.id ? "#" + target.id : target.localName ?? "the document"}`
    const list = document.getElementById("heard")
    list.prepend(item)
    while (list.children.length > most) list.lastElementChild.remove()
  })
}

function log(text) { document.getElementById("told").textContent = text }

own.swaps()

// For the script that comes with an answer.
window.ran = (selector) => { document.querySelector(selector).textContent = "The script has run" }

// Beside the gallery the contents are always there, above it they would be in the way.
const wide = matchMedia("(min-width: 50rem)")
const unfold = () => { document.querySelector("nav details").open = wide.matches }
wide.addEventListener("change", unfold)
unfold()
