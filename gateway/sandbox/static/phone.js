// Keeps the phone's screen as the server shows it, presses keys and calls without leaving the page.
// What is on the screen is changed in place, so that nothing is read out twice and focus stays.
const screen = document.getElementById("screen");
const dock = document.getElementById("dock");
const IDLE_MS = 1000;
const IN_CALL_MS = 300;
let pressed = Promise.resolve();

const log = () => screen.querySelector(".log");
const panel = () => screen.querySelector(".panel");

function sameThing(one, other) {
  return one.nodeName === other.nodeName && one.dataset.at === other.dataset.at;
}

function mergeAttributes(shown, next) {
  for (const { name } of [...shown.attributes]) {
    if (!next.hasAttribute(name)) shown.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

function merge(shown, next) {
  if (shown.isEqualNode(next)) return;
  mergeAttributes(shown, next);
  const children = [...next.children];
  if (!children.length || !shown.children.length) {
    shown.replaceChildren(...next.childNodes);
    return;
  }
  children.forEach((child, at) => {
    const mate = shown.children[at];
    if (!mate) shown.append(child);
    else if (sameThing(mate, child)) merge(mate, child);
    else mate.replaceWith(child);
  });
  while (shown.children.length > children.length) shown.lastElementChild.remove();
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const before = log().textContent;
  const wasInCall = !panel().hidden;
  merge(log(), next.querySelector(".log"));
  merge(panel(), next.querySelector(".panel"));
  const isInCall = !panel().hidden;
  dock.hidden = isInCall;
  if (wasInCall !== isInCall) (isInCall ? panel() : dock).querySelector("button")?.focus();
  if (log().textContent !== before || wasInCall !== isInCall) toNewest();
}

function toNewest() {
  log().scrollTop = log().scrollHeight;
}

async function refresh() {
  try {
    const answer = await fetch(screen.dataset.source, { cache: "no-store" });
    if (answer.ok) show(await answer.text());
  } catch {
    // The sandbox is away for the moment; the next look asks again.
  }
}

async function keepLooking() {
  await refresh();
  setTimeout(keepLooking, panel().hidden ? IDLE_MS : IN_CALL_MS);
}

function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  // One after the other: keys arrive in the order in which they were pressed.
  pressed = pressed
    .then(() => fetch(form.action, { method: "POST", body, redirect: "manual" }))
    .then(refresh, refresh);
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-here]")) return;
  event.preventDefault();
  if (submitter?.getAttribute("aria-disabled") !== "true") send(form, submitter);
});

document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey;
  if (busy || panel().hidden || event.target.matches("input:not([type=checkbox]), textarea")) return;
  const keys = [...panel().querySelectorAll("[name=key]")];
  keys.find((button) => button.value === event.key)?.click();
});

toNewest();
keepLooking();
