// Replaces the figures of a page by those that the server sends, and says when none come any more.
"use strict";

const live = document.querySelector("[data-live]");
const unheard = document.querySelector("#unheard");
const SILENCE_MS = 15000;
let heardAt = Date.now();

function opened() {
  return [...live.querySelectorAll("details[open]")].map((one) => one.dataset.keep);
}

function show(text) {
  // What somebody reads or has selected is not taken from under their eyes.
  if (live.contains(document.activeElement) || !document.getSelection().isCollapsed) return;
  const kept = opened();
  live.innerHTML = text;
  for (const one of live.querySelectorAll("details")) one.open = kept.includes(one.dataset.keep);
}

const source = new EventSource(live.dataset.live);
source.addEventListener("figures", (event) => {
  heardAt = Date.now();
  unheard.hidden = true;
  show(event.data);
});
setInterval(() => { unheard.hidden = Date.now() - heardAt < SILENCE_MS; }, 1000);
