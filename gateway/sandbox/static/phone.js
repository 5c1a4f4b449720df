// Keeps the phone's screen as the server shows it, and presses keys without leaving the page.
const screen = document.getElementById("screen");
let shown = screen.innerHTML.trim();

function toNewest() {
  screen.scrollTop = screen.scrollHeight;
}

async function refresh() {
  try {
    const answer = await fetch(screen.dataset.source, { cache: "no-store" });
    const next = (await answer.text()).trim();
    if (answer.ok && next !== shown) {
      shown = next;
      screen.innerHTML = next;
      toNewest();
    }
  } catch {
    // The sandbox is away for the moment; the next second asks again.
  }
}

screen.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams({ key: event.submitter.value });
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
  await refresh();
});

toNewest();
setInterval(refresh, 1000);
