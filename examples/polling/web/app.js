// The polled side: what wsx.js does for the pushed side. Also measures the latency of both.

const $ = (id) => document.getElementById(id)

// XMLHttpRequest parses HTML without running scripts, and Trusted Types allow it without a policy.
function get(url, type) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open("GET", url)
    request.responseType = type
    request.onload = () => (request.status === 200 ? resolve({ response: request.response, version: request.getResponseHeader("ETag") }) : reject(request.status))
    request.onerror = reject
    request.send()
  })
}

let shown = ""
async function poll() {
  try {
    const { response, version } = document.hidden ? { version: shown } : await get("/notes", "document")
    if (version !== shown) $("polled").replaceChildren(...response.body.childNodes)
    shown = version
  } catch { /* the server is unreachable; the next poll tries again */ }
  next()
}
let timer = 0
function next() {
  clearTimeout(timer)
  timer = setTimeout(poll, Number($("every").value))
}
$("every").addEventListener("change", next)
next()

$("by-post").addEventListener("submit", async (event) => {
  event.preventDefault()
  event.stopPropagation()
  const form = event.currentTarget
  const problem = form.querySelector(".problem")
  problem.textContent = ""
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })
    if (answer.ok) form.reset()
    else problem.textContent = await answer.text()
  } catch {
    problem.textContent = "The server is unreachable."
  }
})

// Each note carries a tag. The latency is the time from sending a note to showing it on each side.
let mine = { tag: "", at: 0 }
document.addEventListener("submit", ({ target }) => {
  mine = { tag: Math.random().toString(36).slice(2), at: performance.now() }
  target.elements.tag.value = mine.tag
}, true)

for (const side of ["polled", "pushed"]) {
  let last = ""
  new MutationObserver(() => {
    if (!mine.tag || last === mine.tag || !$(side).querySelector(`[data-tag="${mine.tag}"]`)) return
    last = mine.tag
    $(`${side}-latency`).textContent = `${Math.round(performance.now() - mine.at)} ms`
  }).observe($(side), { childList: true })
}

// The requests for these numbers are not counted.
async function showCosts() {
  try {
    for (const [side, cost] of Object.entries((await get("/costs", "json")).response)) {
      for (const [name, figure] of Object.entries(cost)) $(`${side}-${name}`).textContent = figure.toLocaleString("en")
    }
  } catch { /* as above */ }
  setTimeout(showCosts, 1000)
}
showCosts()
