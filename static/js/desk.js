// The day's list keeps itself current and can be worked by keys. Without this file it works as well:
// every step is a button of a form, and loading the page again brings it up to date.

import { keepCurrent } from "./current.js";

const list = document.getElementById("list");
const keys = document.getElementById("keys");
let chosen = location.hash.slice(1);
let busy = false;

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

function follow(what) {
  const link = document.getElementById(chosen)?.querySelector(what);
  if (link) location.assign(link.href);
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
  else if ("acfnou".includes(letter) && letter.length === 1) press(letter);
  else if (letter === "m") follow(".t a");
  else if (letter === "x") follow("a[data-cancel]");
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

document.getElementById("steps").addEventListener("submit", () => {
  busy = true;
});
window.addEventListener("pageshow", () => {
  busy = false;
});
keepCurrent({
  holder: list,
  address: () => document.getElementById("day").dataset.list,
  isBusy: () => busy,
  after: mark,
});
keys.hidden = false;
showKeys();
mark();
