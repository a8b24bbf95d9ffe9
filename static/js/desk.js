// The day's list keeps itself current and can be worked by keys. Without this file it works as well:
// every step is a button of a form, and loading the page again brings it up to date.

const REFRESH_MS = 20_000;
const list = document.getElementById("list");
const keys = document.getElementById("keys");
let chosen = location.hash.slice(1);
let busy = false;
let asked = 0; // how often the list was asked for
let shown = 0; // which of these answers stands there

const rows = () => [...list.querySelectorAll("tbody tr[id]")];
const rowOf = (element) => element?.closest?.("tbody tr[id]");

function mark() {
  for (const row of rows()) {
    const isChosen = row.id === chosen;
    row.classList.toggle("sel", isChosen);
    if (isChosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function choose(row) {
  chosen = row.id;
  mark();
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.id === chosen);
  const first = step > 0 ? 0 : all.length - 1;
  const next = now < 0 ? first : Math.min(Math.max(now + step, 0), all.length - 1);
  choose(all[next]);
}

function press(letter) {
  const row = document.getElementById(chosen);
  const button = row?.querySelector(`button[data-key="${letter}"]`);
  if (button && !busy) {
    busy = true;
    button.form.requestSubmit(button);
  }
}

// Keys can be switched off (WCAG 2.1.4): speech input and cats press letters too.
const toggle = keys.querySelector("button");
let keysOn = localStorage.getItem("desk-keys") !== "off";
const showKeys = () => toggle.setAttribute("aria-pressed", String(keysOn));
toggle.addEventListener("click", () => {
  keysOn = !keysOn;
  localStorage.setItem("desk-keys", keysOn ? "on" : "off");
  showKeys();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (!keysOn || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat && busy) return;
  const letter = event.key.toLowerCase();
  if (letter === "j") move(1);
  else if (letter === "k") move(-1);
  else if ("acfnu".includes(letter) && letter.length === 1) press(letter);
  else return;
  event.preventDefault();
});

list.addEventListener("focusin", (event) => {
  const row = rowOf(event.target);
  if (row && row.id !== chosen) {
    chosen = row.id;
    mark();
  }
});

// Where the focus is, told so that it can be found again in a list that was drawn anew.
function focusMark() {
  const held = document.activeElement;
  if (!list.contains(held)) return null;
  const row = rowOf(held);
  if (held === row) return { row: row.id, at: "row" };
  const inside = row ?? list;
  const all = [...inside.querySelectorAll("a, button, summary")];
  return { row: row?.id, at: held.dataset.key ?? all.indexOf(held), byKey: "key" in held.dataset };
}

function focusAgain(told) {
  if (!told) return;
  const row = told.row ? document.getElementById(told.row) : null;
  if (told.row && !row) return;
  if (told.at === "row") {
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    return;
  }
  const inside = row ?? list;
  const found = told.byKey
    ? inside.querySelector(`[data-key="${told.at}"]`)
    : inside.querySelectorAll("a, button, summary")[told.at];
  found?.focus({ preventScroll: true });
}

async function refresh() {
  if (busy || document.hidden) return;
  asked += 1;
  const mine = asked;
  try {
    const answer = await fetch(document.getElementById("day").dataset.list, { cache: "no-store" });
    if (answer.redirected) {
      location.reload(); // signed out meanwhile
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (busy || mine < shown) return; // a later one was faster: this is the past
    shown = mine;
    const told = focusMark();
    const open = [...list.querySelectorAll("details[open]")].map((one) => rowOf(one)?.id);
    list.replaceChildren(document.createRange().createContextualFragment(html));
    for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    mark();
    focusAgain(told);
  } catch {
    if (mine < shown) return;
    document.getElementById("stale")?.removeAttribute("hidden");
  }
}

document.getElementById("steps").addEventListener("submit", () => {
  busy = true;
});
window.addEventListener("pageshow", () => {
  busy = false;
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
setInterval(refresh, REFRESH_MS);
keys.hidden = false;
showKeys();
mark();
