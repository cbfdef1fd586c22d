// Trades are only ever added, so the page limits its list to the server's length.

const most = 12

new MutationObserver(() => {
  const trades = document.getElementById("trades")
  while (trades?.children.length > most) trades.lastElementChild.remove()
}).observe(document.getElementById("stage"), { childList: true, subtree: true })
