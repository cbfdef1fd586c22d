// Toasts go by themselves, or when they are told to. The style sheet says how long they stay; it stops while one points at
// them.

const toasts = document.getElementById("toasts")
const most = 4

toasts.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "leave") target.remove()
})
toasts.addEventListener("click", ({ target }) => target.closest("button")?.closest("li").remove())
new MutationObserver(() => {
  while (toasts.children.length > most) toasts.firstElementChild.remove()
}).observe(toasts, { childList: true })

// The panel closes like a menu.
const bell = document.getElementById("bell")
document.addEventListener("click", ({ target }) => {
  if (!bell.contains(target)) bell.open = false
})
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !bell.open) return
  bell.open = false
  bell.querySelector("summary").focus()
})
