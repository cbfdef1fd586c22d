// Keeps what the console shows as errors, as far as a page hears of it: not every engine lets others read its console.
window.complaints = [];
{
  const note = (...words) => window.complaints.push(words.join(" "));
  const print = console.error;
  console.error = (...words) => (note(...words), print.apply(console, words));
  addEventListener("error", ({ message, target }) => note(message ?? `not loaded: ${target.outerHTML}`), true);
  addEventListener("unhandledrejection", ({ reason }) => note("unhandled rejection:", reason));
  addEventListener("securitypolicyviolation", (v) => note("policy violated:", v.violatedDirective, v.blockedURI, v.sample));
}
