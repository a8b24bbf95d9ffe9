// The search of the desk asks at every letter. Without this file its form leads to a page.

const WAIT_MS = 120;

for (const form of document.querySelectorAll("form[data-finder]")) {
  const input = form.querySelector("input[type=search]");
  const panel = form.querySelector(".panel-found");
  let timer = 0;
  let asked = 0;
  let shownFor = null; // the text whose answer the panel shows

  const links = () => [...panel.querySelectorAll("a")];
  const close = () => {
    panel.hidden = true;
  };

  async function ask() {
    asked += 1;
    const mine = asked;
    const text = input.value;
    if (!text.trim()) {
      shownFor = null;
      close();
      return;
    }
    const answer = await fetch(form.dataset.finder, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (mine !== asked) return; // a later letter is on its way
    if (!answer || !answer.ok || answer.redirected) {
      close(); // the button still leads to the page
      return;
    }
    panel.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
    shownFor = text;
    panel.hidden = false;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    shownFor = null;
    timer = setTimeout(ask, WAIT_MS);
  });

  // Return opens the first line; a text that was not asked for yet is asked for first.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if (shownFor !== input.value) await ask();
    const first = links()[0];
    if (first) location.assign(first.href);
  });

  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      input.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || panel.hidden) return;
    const all = [input, ...links()];
    const next = all[all.indexOf(document.activeElement) + step];
    if (next) next.focus();
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });
}

// One key each: "/" searches, a letter goes where the page says. They can be switched off with the others.
document.addEventListener("keydown", (event) => {
  if (localStorage.getItem("desk-keys") === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "/") document.querySelector("form[data-finder] input[type=search]")?.focus();
  else if (/^[a-z]$/.test(event.key)) {
    const link = document.querySelector(`a[data-go="${event.key}"]`);
    if (!link) return;
    location.assign(link.href);
  } else return;
  event.preventDefault();
});
