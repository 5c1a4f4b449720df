// The main menu opens and closes without this script. With it, a group closes once somebody turns
// elsewhere, and a narrow screen shows all groups at once.
"use strict";

const menu = document.querySelector("#menu");
const groups = [...(menu?.querySelectorAll("details") ?? [])];
const narrow = window.matchMedia("(max-width: 60em)");

function turnedTo(place) {
  if (narrow.matches) return;
  for (const group of groups) if (!group.contains(place)) group.open = false;
}

menu?.addEventListener("toggle", (event) => {
  if (event.target === menu) for (const group of groups) group.open = event.newState === "open";
});
narrow.addEventListener("change", () => turnedTo(null));
document.addEventListener("click", (event) => turnedTo(event.target));
document.addEventListener("focusin", (event) => turnedTo(event.target));
document.addEventListener("keydown", (event) => {
  const open = narrow.matches ? null : groups.find((group) => group.open);
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
