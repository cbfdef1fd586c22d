// Removes toasts when their animation ends or the user dismisses them. The style sheet sets how long they stay, and pauses
// while the pointer is on them.

const toasts = document.getElementById("toasts")
const most = 4

toasts.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "leave") target.remove()
})
toasts.addEventListener("click", ({ target }) => target.closest("button")?.closest("li").remove())
new MutationObserver(() => {
  while (toasts.children.length > most) toasts.firstElementChild.remove()
}).observe(toasts, { childList: true })

// Closes the panel on a click outside and on Escape.
const bell = document.getElementById("bell")
document.addEventListener("click", ({ target }) => {
  if (!bell.contains(target)) bell.open = false
})
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !bell.open) return
  bell.open = false
  bell.querySelector("summary").focus()
})
