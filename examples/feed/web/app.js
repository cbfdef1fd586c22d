// Trades are appended and never replaced, so somebody has to bound the list: the page keeps as many as the server does.

const most = 12

new MutationObserver(() => {
  const trades = document.getElementById("trades")
  while (trades?.children.length > most) trades.lastElementChild.remove()
}).observe(document.getElementById("stage"), { childList: true, subtree: true })
