// Replaces the figures of a page by those that the server sends, and says when none come any more.
// Whoever wants to read in peace holds them; a page that nobody sees asks for none, because a browser
// keeps few connections to one server.
"use strict";

const live = document.querySelector("[data-live]");
const unheard = document.querySelector("#unheard");
const hold = document.querySelector("#hold");
const SILENCE_MS = 15000;
let source = null;
let heardAt = Date.now();

function isHeld() {
  return hold.getAttribute("aria-pressed") === "true";
}

function opened() {
  return [...live.querySelectorAll("details[open]")].map((one) => one.dataset.keep);
}

// What can be reached by keyboard, or scrolled, by a name that stays the same.
function reachable() {
  const named = new Map();
  for (const one of live.querySelectorAll("summary, [tabindex]")) {
    const name = one.closest("[data-keep]")?.dataset.keep ?? one.getAttribute("aria-labelledby");
    named.set(`${one.tagName} ${name}`, one);
  }
  return named;
}

function show(text) {
  if (isHeld() || !document.getSelection().isCollapsed) return;
  const before = reachable();
  const kept = opened();
  const scrolled = new Map([...before].map(([name, one]) => [name, [one.scrollLeft, one.scrollTop]]));
  const focused = [...before].find(([, one]) => one === document.activeElement)?.[0];
  live.innerHTML = text;
  for (const one of live.querySelectorAll("details")) one.open = kept.includes(one.dataset.keep);
  for (const [name, one] of reachable()) {
    [one.scrollLeft, one.scrollTop] = scrolled.get(name) ?? [0, 0];
    if (name === focused) one.focus({ preventScroll: true });
  }
}

function listen() {
  if (source || document.hidden || isHeld()) return;
  heardAt = Date.now();
  source = new EventSource(live.dataset.live);
  source.addEventListener("figures", (event) => {
    heardAt = Date.now();
    show(event.data);
  });
}

function rest() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", listen);
hold.addEventListener("click", () => {
  hold.setAttribute("aria-pressed", String(!isHeld()));
  if (isHeld()) rest();
  else listen();
});
setInterval(() => {
  unheard.hidden = isHeld() || document.hidden || Date.now() - heardAt < SILENCE_MS;
}, 1000);
hold.hidden = false;
listen();
