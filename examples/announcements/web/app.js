// Keeps the page's list as short as the server's.

const news = document.getElementById("news")
const most = 30

new MutationObserver(() => {
  while (news.children.length > most) news.lastElementChild.remove()
}).observe(news, { childList: true })
