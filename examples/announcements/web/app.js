// The page keeps as many announcements as the server does.

const news = document.getElementById("news")
const most = 30

new MutationObserver(() => {
  while (news.children.length > most) news.lastElementChild.remove()
}).observe(news, { childList: true })
