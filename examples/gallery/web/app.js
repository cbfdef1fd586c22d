// Methods, custom swaps and verbs, and events. The code beside each piece is cut out of this file.

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
  "process": () => {
    const host = document.getElementById("did-process").appendChild(document.createElement("span"))
    const root = host.attachShadow({ mode: "open" })
    root.innerHTML = `<p wx-send="clock" wx-trigger="load" wx-target="this"></p>`
    wsx.process(root)
  },
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
  "wsx:confirm": (event) => log(`Question: ${event.detail.question}`),
  "wsx:afterRequest": ({ detail }) => log(detail.success ? "Success" : `Error: ${detail.code}`),
  "wsx:error": ({ detail }) => log(detail.text || detail.code),
  "wsx:beforeSwap": (event) => {
    if (event.detail.content.includes("unwanted")) event.preventDefault()
  },
  "wsx:afterSwap": ({ detail }) => log(`Shown at ${detail.update.target}`),
  "wsx:connected": ({ detail }) => log(detail.reconnected ? "Reconnected" : "Connected"),
  "wsx:disconnected": ({ detail }) => log(`Disconnected: ${detail.code}`),
  "wsx:refused": () => location.reload(),
  "wsx:status": ({ detail }) => log(`Status: ${detail.status}`),
  "wsx:unseen": ({ detail }) => log(`${detail.count} unseen`),
  "wsx:reset": ({ detail }) => log(detail.failed ? "Please reload the page" : "Refetching"),
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

// Called by the script in a response.
window.ran = (selector) => { document.querySelector(selector).textContent = "The script has run" }

// The contents are open beside the gallery, and closed above it.
const wide = matchMedia("(min-width: 50rem)")
const unfold = () => { document.querySelector("nav details").open = wide.matches }
wide.addEventListener("change", unfold)
unfold()
