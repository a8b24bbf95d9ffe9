// A part of a page that keeps itself current: asks every few seconds whether anything changed, and
// puts the new part in place without losing the focus or the scroll.

const ASK_MS = 4_000;

// Where the focus is, told so that it can be found again in a part that was drawn anew.
function focusMark(holder) {
  const held = document.activeElement;
  if (!holder.contains(held)) return null;
  const near = held.closest("[id]");
  if (!near || !holder.contains(near)) return null;
  const all = [...near.querySelectorAll("a, button, summary")];
  return { id: near.id, at: near === held ? null : (held.dataset.key ?? all.indexOf(held)), byKey: "key" in held.dataset };
}

function focusAgain(told) {
  const near = told && document.getElementById(told.id);
  if (!near) return;
  let found = near;
  if (told.at !== null) {
    found = told.byKey ? near.querySelector(`[data-key="${told.at}"]`) : near.querySelectorAll("a, button, summary")[told.at];
  } else if (!near.matches("a, button, summary, [tabindex]")) near.tabIndex = -1;
  found?.focus({ preventScroll: true });
}

// Asked for by force it comes although somebody is busy, but not while they hold a piece of it in their hand:
// letting go asks again.
export function keepCurrent({ holder, address, isBusy, isHeld = () => false, after = () => {} }) {
  let asked = 0; // how often it was asked for
  let shown = 0; // which of these answers stands there

  async function refresh(isForced = false) {
    if (!isForced && (isBusy() || document.hidden)) return;
    asked += 1;
    const mine = asked;
    try {
      const where = new URL(address(), location.href);
      if (!isForced && holder.dataset.pulse) where.searchParams.set("pulse", holder.dataset.pulse);
      // What is seen already need not be put on record again.
      const seen = holder.querySelector("[data-seen]")?.dataset.seen;
      if (seen) where.searchParams.set("seen", seen);
      const answer = await fetch(where, { cache: "no-store" });
      if (answer.redirected) {
        location.reload(); // signed out meanwhile
        return;
      }
      if (answer.status === 204) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if ((isForced ? isHeld() : isBusy()) || mine < shown) return; // a later one was faster: this is the past
      shown = mine;
      const told = focusMark(holder);
      const open = [...holder.querySelectorAll("details[open]")].map((one) => one.closest("[id]")?.id);
      const [x, y] = [scrollX, scrollY];
      holder.replaceChildren(document.createRange().createContextualFragment(html));
      holder.dataset.pulse = answer.headers.get("X-Pulse") ?? "";
      for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
      after();
      focusAgain(told);
      scrollTo(x, y);
    } catch {
      if (mine >= shown) document.getElementById("stale")?.removeAttribute("hidden");
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  setInterval(refresh, ASK_MS);
  return { refresh };
}
