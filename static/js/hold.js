// Counts down how long a time is held. The end is told as a moment and the present one by the server,
// so a wrong clock here does no harm. Without this file the end stands there as a time of day.

const SOON_MS = 120_000;
const LAST_MS = 30_000;

function clockOf(ms) {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function watch(box) {
  const begun = Date.now();
  const lasts = Date.parse(box.dataset.until) - Date.parse(box.dataset.now);
  const left = box.querySelector(".left");
  const said = box.querySelector("[role=status]");
  let told = "";

  // Said once each, and only the latest where a sleeping page missed one.
  function tell(words) {
    if (words === told) return;
    told = words;
    said.textContent = words;
  }

  function tick() {
    const remaining = lasts - (Date.now() - begun);
    if (remaining <= 0) {
      clearInterval(timer);
      left.hidden = true;
      box.querySelector(".until").textContent = box.dataset.over;
      tell(box.dataset.over);
      return;
    }
    left.textContent = box.dataset.left.replace("{}", clockOf(remaining));
    if (remaining <= LAST_MS) tell(box.dataset.last);
    else if (remaining <= SOON_MS) tell(box.dataset.soon);
  }

  const timer = setInterval(tick, 1000);
  tick();
}

document.querySelectorAll("[data-until]").forEach(watch);
