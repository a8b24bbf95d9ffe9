// Arrow keys walk through the times of a week: up and down within a day, left and right to the next day
// that has times. Tab goes from time to time as ever; without this file nothing is missing.

const days = [...document.querySelectorAll(".week .day")]
  .map((day) => [...day.querySelectorAll("button.slot")])
  .filter((slots) => slots.length);

// The time at the same height of another day, or its last where that day is shorter.
function neighbour(at, steps) {
  const column = days.findIndex((slots) => slots.includes(at));
  const row = days[column].indexOf(at);
  const beside = days[column + steps.across] ?? days[column];
  return beside[Math.min(Math.max(row + steps.down, 0), beside.length - 1)];
}

const STEPS = {
  ArrowDown: { across: 0, down: 1 },
  ArrowUp: { across: 0, down: -1 },
  ArrowRight: { across: 1, down: 0 },
  ArrowLeft: { across: -1, down: 0 },
};

document.querySelector(".week")?.addEventListener("keydown", (event) => {
  const steps = STEPS[event.key];
  if (!steps || !event.target.matches("button.slot")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  neighbour(event.target, steps).focus();
});
