// The calendar keeps itself current, and a visit can be dragged. Without this file every visit is a
// link to a page with a form that does the same.

import { keepCurrent } from "./current.js";

const STEP = 15; // minutes; with Shift 5
const FARTHEST_CLICK = 4; // pixels that a finger may slip
const holder = document.getElementById("calendar");
const told = document.getElementById("told");
const moveForm = document.getElementById("move");
const spot = document.getElementById("spot");
let drag = null;
let undo = null; // where a visit stood before it was moved here, and the version it has since

const current = keepCurrent({
  holder,
  address: () => holder.dataset.grid,
  isBusy: () => drag !== null || spot.matches(":popover-open"),
  isHeld: () => drag !== null,
});

const grid = () => holder.querySelector(".cal");
const clock = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

function minuteAt(rows, y, step) {
  const box = rows.getBoundingClientRect();
  const hours = rows.closest(".cal").querySelectorAll(".hours > li:not(.now)").length;
  const minutes = ((y - box.top) / box.height) * hours * 60;
  return Number(grid().dataset.first) * 60 + Math.round(minutes / step) * step;
}

const pixelsOf = (rows, minutes) => {
  const hours = grid().querySelectorAll(".hours > li:not(.now)").length;
  return (rows.getBoundingClientRect().height / (hours * 60)) * minutes;
};

function begin(event) {
  const box = event.target.closest(".ev[data-movable]");
  if (!box || event.button !== 0 || getComputedStyle(grid()).display !== "grid") return;
  const area = box.getBoundingClientRect();
  drag = {
    box,
    column: box.closest(".pc"),
    x: event.clientX,
    y: event.clientY,
    offset: event.clientY - area.top,
    isStretch: area.bottom - event.clientY < 9,
    isMoved: false,
    height: area.height,
  };
  box.setPointerCapture(event.pointerId);
}

function follow(event) {
  if (!drag) return;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.isMoved && Math.hypot(dx, dy) < FARTHEST_CLICK) return;
  drag.isMoved = true;
  drag.box.classList.add("dragged");
  if (drag.isStretch) drag.box.style.height = `${Math.max(8, drag.height + dy)}px`;
  else drag.box.style.transform = `translate(${dx}px, ${dy}px)`;
}

function letGo(box) {
  box.classList.remove("dragged");
  box.style.removeProperty("transform");
  box.style.removeProperty("height");
}

function columnAt(x) {
  return [...grid().querySelectorAll(".pc")].find((one) => {
    const area = one.getBoundingClientRect();
    return x >= area.left && x < area.right;
  });
}

async function finish(event) {
  if (!drag) return;
  const { box, column, offset, isStretch, isMoved } = drag;
  if (!isMoved) {
    drag = null;
    return;
  }
  // The click that ends a drag must not open the visit.
  box.addEventListener("click", (click) => click.preventDefault(), { once: true });
  setTimeout(() => box.removeAttribute("data-dragged"), 0);
  const step = event.shiftKey ? 5 : STEP;
  const rows = column.querySelector(".rows");
  const values = { version: box.dataset.version, time: clock(Number(box.dataset.begins)), date: column.dataset.date };
  if (isStretch) {
    const ends = minuteAt(rows, event.clientY, step);
    values.minutes = Math.max(step, ends - Number(box.dataset.begins));
  } else {
    const target = columnAt(event.clientX) ?? column;
    values.time = clock(Math.max(0, Math.min(1435, minuteAt(rows, event.clientY - offset, step))));
    values.date = target.dataset.date;
    if (grid().dataset.mode === "day") values.practitioner = target.dataset.key;
    if (grid().dataset.mode === "rooms") {
      values.room_from = column.dataset.key;
      values.room_to = target.dataset.key;
    }
  }
  const address = `${box.getAttribute("href")}/move`;
  const before = standing(box, column, values);
  try {
    const done = await send(address, values);
    if (done) offerUndo(address, { ...before, version: done.headers.get("X-Version") });
  } finally {
    letGo(box);
    drag = null;
  }
  await current.refresh(true);
}

// The values that bring a visit back to where it stands; of what is about to change, no more.
function standing(box, column, values) {
  const before = { time: clock(Number(box.dataset.begins)), date: column.dataset.date };
  if (values.minutes) before.minutes = box.dataset.minutes;
  if (values.practitioner) before.practitioner = column.dataset.key;
  if (values.room_to) Object.assign(before, { room_from: values.room_to, room_to: values.room_from });
  return before;
}

function offerUndo(address, values) {
  undo = { address, values };
  told.replaceChildren(document.getElementById("moved").content.cloneNode(true));
}

async function takeBack() {
  if (!undo || drag) return;
  const { address, values } = undo;
  undo = null;
  if (await send(address, values)) {
    told.replaceChildren(document.getElementById("moved-back").content.cloneNode(true));
  }
  await current.refresh(true);
}

async function send(address, values) {
  const body = new FormData(moveForm);
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  const answer = await fetch(address, { method: "POST", body, headers: { "X-Wants": "fragment" } }).catch(() => null);
  undo = null;
  told.replaceChildren();
  if (answer?.status === 204) return answer;
  if (!answer || answer.redirected || answer.status >= 500) {
    location.reload();
    return null;
  }
  told.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
  told.focus();
  return null;
}

// A click on free time: book it or block it.
function offer(event) {
  const rows = event.target.closest(".pc .rows");
  if (!rows || event.target.closest("a, .ev") || getComputedStyle(grid()).display !== "grid") return;
  const column = rows.closest(".pc");
  const time = clock(Math.max(0, minuteAt(rows, event.clientY - 8, STEP)));
  const name = column.querySelector("h2").firstChild.textContent;
  const form = spot.querySelector("form");
  form.elements.resource.value = column.dataset.key;
  form.elements.date.value = column.dataset.date;
  form.elements.time.value = time;
  spot.querySelector("[data-label]").textContent = `${name}, ${time}`;
  const who = grid().dataset.mode === "rooms" ? "" : `practitioner=${column.dataset.key}&`;
  const at = `date=${column.dataset.date}&time=${time}`;
  spot.querySelector("[data-book]").href = `/desk/book?${who}since=${column.dataset.date}&${at}`;
  spot.querySelector("[data-block]").href = `/desk/block?resource=${column.dataset.key}&${at}`;
  spot.showPopover();
  const area = spot.getBoundingClientRect();
  spot.style.left = `${Math.min(event.clientX, innerWidth - area.width - 8)}px`;
  spot.style.top = `${Math.min(event.clientY, innerHeight - area.height - 8)}px`;
}

spot.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const values = Object.fromEntries(["resource", "date", "time"].map((name) => [name, form.elements[name].value]));
  values.kind = event.submitter.value;
  values.minutes = event.submitter.dataset.minutes;
  spot.hidePopover();
  await send("/desk/block", values);
  await current.refresh(true);
});

// Arrows go from visit to visit, M opens the one in focus at its form.
holder.addEventListener("keydown", (event) => {
  const box = event.target.closest("a.ev");
  if (!box) return;
  if (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    location.assign(`${box.href}#move`);
    return;
  }
  const all = [...box.closest(".pc").querySelectorAll("a.ev")];
  const columns = [...grid().querySelectorAll(".pc")];
  const beside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  let next = null;
  if (along) next = all[all.indexOf(box) + along];
  if (beside) next = columns[columns.indexOf(box.closest(".pc")) + beside]?.querySelector("a.ev");
  if (!along && !beside) return;
  event.preventDefault();
  next?.focus();
});

told.addEventListener("click", (event) => {
  if (event.target.closest("[data-undo]")) takeBack();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key.toLowerCase() !== "u" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  takeBack();
});

holder.addEventListener("pointerdown", begin);
holder.addEventListener("pointermove", follow);
holder.addEventListener("pointerup", finish);
holder.addEventListener("pointercancel", () => {
  if (drag) letGo(drag.box);
  drag = null;
});
holder.addEventListener("dragstart", (event) => event.preventDefault());
holder.addEventListener("click", offer);
