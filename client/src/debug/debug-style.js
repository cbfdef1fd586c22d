// The style sheet of the debug panel.

export const style = `
:host { all: initial; color-scheme: light dark; --back: light-dark(#ffffff, #16181d); --bar: light-dark(#f1f2f7, #1f2229);
  --text: light-dark(#1b1d26, #e9eaf0); --soft: light-dark(#596072, #a2a8b8); --line: light-dark(#d9dce6, #323742); --edge: light-dark(#858b9c, #6c7284);
  --accent: light-dark(#4338ca, #aaa6ff); --bad: light-dark(#b42318, #ff9b90); --tint: light-dark(#fdeceb, #3c1f1f); --good: light-dark(#12733a, #4ade80);
  position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483647; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; margin: 0; font: 13px/1.5 system-ui, sans-serif; }
section { display: flex; flex-direction: column; inline-size: min(44rem, calc(100vw - 2rem)); block-size: min(28rem, calc(100vh - 2rem));
  color: var(--text); background: var(--back); border: 1px solid var(--edge); border-radius: .75rem; overflow: hidden; box-shadow: 0 8px 32px #0004; }
header, .tools, .rooms { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; padding: .5rem .75rem; background: var(--bar); border-bottom: 1px solid var(--line); }
h2 { font-weight: 700; }
.status { flex: 1 1 12rem; color: var(--soft); overflow-wrap: anywhere; }
.status.live { color: var(--good); }
button, input, select { min-height: 2rem; padding: 0 .625rem; color: inherit; background: var(--back); border: 1px solid var(--edge); border-radius: .375rem; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button[aria-pressed="true"] { color: var(--back); background: var(--accent); }
input { flex: 1; min-width: 6rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.rooms { color: var(--soft); max-block-size: 5rem; overflow-y: auto; }
.rooms:empty { display: none; }
.rooms span { padding: 0 .5rem; border: 1px solid var(--line); border-radius: 1rem; }
ol { flex: 1; overflow-y: auto; padding: 0; list-style: none; }
li { border-bottom: 1px solid var(--line); }
li[hidden] { display: none; }
summary { display: grid; grid-template-columns: 6.5rem 4.5rem minmax(0, 1fr) auto; gap: .5rem; padding: .25rem .75rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:focus-visible { outline-offset: -2px; }
time, .size { color: var(--soft); font-variant-numeric: tabular-nums; }
.what { overflow-wrap: anywhere; }
.kind { font-weight: 600; color: var(--soft); }
.in .kind { color: var(--good); }
.out .kind, .request .kind { color: var(--accent); }
.problem { background: var(--tint); box-shadow: inset 3px 0 var(--bad); }
.problem :is(.kind, .what) { color: var(--bad); font-weight: 600; }
pre { padding: .25rem .75rem .5rem; font: 12px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--soft); }
@media (max-width: 34rem) {
  summary { grid-template-columns: 4rem minmax(0, 1fr) auto; }
  time { display: none; }
}
`;
