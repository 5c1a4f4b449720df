// The editor of the template desk: puts words in by a click, shows remarks at their place, and keeps
// what was typed on this machine until it is saved. The form works without it.
"use strict";

(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const boxes = () => [...form.querySelectorAll(".stacked textarea")];
  const key = "baotin.draft:" + location.pathname;
  let last = boxes()[0];
  let touched = false;

  // Putting in ------------------------------------------------------------------------------

  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".stacked textarea")) last = event.target;
  });

  const typed = (box) => box.dispatchEvent(new Event("input", { bubbles: true }));

  function putIn(text) {
    if (!last || last.readOnly) return;
    const { selectionStart: start, selectionEnd: end, value } = last;
    const chosen = value.slice(start, end);
    const gap = text.indexOf("…");
    const filled = gap < 0 ? text : text.slice(0, gap) + chosen + text.slice(gap + 1);
    last.focus();
    last.setRangeText(filled, start, end, "end");
    if (gap >= 0) {
      const at = start + gap;
      last.setSelectionRange(at, at + chosen.length);
    }
    typed(last);
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (button) putIn(button.dataset.insert);
  });

  // One panel at a time, and none once somebody goes on elsewhere.
  const tools = [...form.querySelectorAll(".tool")];
  const close = (but) => tools.filter((one) => one !== but).forEach((one) => { one.open = false; });
  for (const tool of tools) tool.addEventListener("toggle", () => { if (tool.open) close(tool); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".tool, .stacked")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const opened = tools.find((one) => one.open);
    close();
    if (opened?.contains(document.activeElement)) opened.querySelector("summary").focus();
  });

  const find = document.getElementById("find-word");
  const plain = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  find?.addEventListener("input", (event) => {
    event.stopPropagation();
    for (const button of document.querySelectorAll("#words button")) {
      button.parentElement.hidden = !plain(button.dataset.find).includes(plain(find.value));
    }
  });
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    document.querySelector("#words li:not([hidden]) button")?.click();
  });

  // Remarks at their place --------------------------------------------------------------------

  const boxOf = (name) => boxes().find((box) => box.dataset.box === name);

  document.addEventListener("click", (event) => {
    const jump = event.target.closest(".jump");
    if (!jump) return;
    const { field, start, end } = jump.closest("li").dataset;
    const box = boxOf(field);
    if (!box) return;
    box.focus();
    box.setSelectionRange(Number(start), Number(end));
  });

  function stretches(box) {
    const found = [...document.querySelectorAll(".remarks li[data-field]")]
      .filter((one) => one.dataset.field === box.dataset.box)
      .map(({ dataset, className }) => [Number(dataset.start), Number(dataset.end), className])
      .filter(([start, end]) => end > start);
    for (const one of box.value.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)) {
      found.push([one.index, one.index + one[0].length, "braces"]);
    }
    return found;
  }

  function paint(box) {
    const behind = box.parentElement.querySelector(".marks");
    const spans = stretches(box);
    const cuts = new Set([0, box.value.length, ...spans.flatMap(([start, end]) => [start, end])]);
    const points = [...cuts].filter((one) => one <= box.value.length).sort((a, b) => a - b);
    const pieces = points.slice(0, -1).map((start, n) => {
      const text = box.value.slice(start, points[n + 1]);
      const over = spans.filter(([a, b]) => a <= start && start < b).map(([, , kind]) => kind);
      const kind = ["grave", "mild", "braces"].find((one) => over.includes(one));
      if (!kind) return document.createTextNode(text);
      const mark = document.createElement("mark");
      mark.className = kind;
      mark.textContent = text;
      return mark;
    });
    behind.replaceChildren(...pieces, document.createTextNode("\n"));
    behind.scrollTop = box.scrollTop;
  }

  const paintAll = () => boxes().forEach(paint);
  form.addEventListener("scroll", (event) => {
    if (event.target.matches(".stacked textarea")) paint(event.target);
  }, true);
  document.addEventListener("htmx:after:swap", paintAll);

  // Keeping -----------------------------------------------------------------------------------

  const state = document.getElementById("save-state");
  const offline = document.getElementById("offline");
  const values = () =>
    Object.fromEntries(
      [...new FormData(form)].filter(([name]) => !["csrf", "revision", "base"].includes(name)),
    );
  const atFirst = JSON.stringify(values());

  function keep() {
    const now = JSON.stringify(values());
    touched = now !== atFirst || form.dataset.conflict === "yes";
    try {
      if (touched) localStorage.setItem(key, JSON.stringify({ values: now, at: Date.now() }));
      else localStorage.removeItem(key);
    } catch { /* A full or forbidden store only costs the copy. */ }
    if (state) state.textContent = touched ? state.dataset.unsaved : "";
  }

  form.addEventListener("input", (event) => {
    if (event.target.matches(".stacked textarea")) paint(event.target);
    keep();
  });
  form.addEventListener("change", keep);

  function offer() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* Nothing that could be used. */ }
    if (form.dataset.conflict === "yes") return;
    if (!kept || kept.values === atFirst) {
      localStorage.removeItem(key);
      return;
    }
    const note = document.getElementById("kept");
    const at = new Date(kept.at);
    document.getElementById("kept-at").textContent = at.toLocaleString(document.documentElement.lang);
    note.hidden = false;
    document.getElementById("kept-use").addEventListener("click", () => {
      for (const [name, value] of Object.entries(JSON.parse(kept.values))) {
        for (const field of form.elements) {
          if (field.name !== name) continue;
          if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
          else field.value = value;
        }
      }
      note.hidden = true;
      paintAll();
      if (boxes()[0]) typed(boxes()[0]);
    });
    document.getElementById("kept-drop").addEventListener("click", () => {
      localStorage.removeItem(key);
      note.hidden = true;
    });
  }

  form.addEventListener("submit", async (event) => {
    if (!event.submitter) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    if (state) state.textContent = state.dataset.saving;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { "X-Saved-By": "script" },
      });
      if (answer.status === 204) {
        touched = false;
        localStorage.removeItem(key);
        location.assign(answer.headers.get("Location"));
        return;
      }
      // Not saved: whatever the answer says, what was typed is kept here.
      keep();
      touched = false;
      if (answer.redirected) location.assign(answer.url);
      else show(await answer.text());
    } catch {
      keep();
      offline.hidden = false;
      offline.scrollIntoView({ block: "nearest" });
    }
  });

  function show(page) {
    const there = new DOMParser().parseFromString(page, "text/html");
    const content = there.getElementById("content");
    if (!content) return;
    document.getElementById("content").replaceChildren(...content.childNodes);
    window.htmx?.process(document.getElementById("content"));
    const again = document.createElement("script");
    again.src = document.querySelector('script[src*="templates.js"]').src;
    document.body.append(again);
  }

  window.addEventListener("online", () => { offline.hidden = true; });
  window.addEventListener("offline", () => { offline.hidden = false; });
  window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });

  // Listening ---------------------------------------------------------------------------------

  document.getElementById("preview")?.addEventListener("click", async (event) => {
    const button = event.target.closest(".listen");
    if (!button) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("sample", button.dataset.sample);
    const address = document.getElementById("preview").dataset.speech;
    // Said to be asked for by a part of this page: the answer is sound or a sentence, never a page.
    const headers = { "HX-Request": "true" };
    const answer = await fetch(address, { method: "POST", body, headers });
    if (!answer.headers.get("Content-Type")?.startsWith("audio/")) {
      document.getElementById("messages").innerHTML = await answer.text();
      return;
    }
    const sound = new Audio(URL.createObjectURL(await answer.blob()));
    sound.addEventListener("ended", () => URL.revokeObjectURL(sound.src));
    sound.play();
  });

  offer();
  paintAll();
})();
