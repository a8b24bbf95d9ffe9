// Keeps the page in front of a video visit current: it looks every five seconds whether there is something new, and
// says every thirty that its patient still waits. Without this file the page has a button for both.

const LOOK_MS = 5000;
const SPEAK_MS = 30000;

function watch(box) {
  const here = box.querySelector("[data-here]");

  async function look() {
    if (box.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    try {
      const answer = await fetch(`${box.dataset.room}/state`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { mark } = await answer.json();
      if (mark !== box.dataset.mark) location.assign(box.dataset.room);
    } catch {
      // The connection is away for a moment; the next look will tell.
    }
  }

  async function speak() {
    try {
      await fetch(here.action, { method: "POST", body: new FormData(here), redirect: "manual" });
    } catch {
      // As above.
    }
  }

  setInterval(look, LOOK_MS);
  if (here) {
    here.hidden = true;
    setInterval(speak, SPEAK_MS);
    speak();
  }
}

for (const box of document.querySelectorAll("[data-room]")) watch(box);
