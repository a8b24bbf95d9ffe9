// A form saves itself while somebody types. Without this file every page is saved by its button.
// A save that fails keeps the text on the page, says so, and is tried again.

const PAUSE_MS = 1200;
const RETRY_MS = 5000;
const TELL_MS = 60_000;
const page = document.querySelector("form[data-saves]");
const lock = document.getElementById("lock");

if (page) {
  const said = document.getElementById("said");
  const unsaved = document.getElementById("unsaved");
  const told = document.getElementById("told");
  let timer = 0;
  let running = false;
  let dirty = false;
  let leaving = false;
  let gone = false;
  const sorry = [...unsaved.childNodes];
  const awayWords = document.getElementById("away-words");

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const body = () => {
    const data = new FormData(page);
    data.delete("do");
    for (const file of page.querySelectorAll("input[type=file]")) data.delete(file.name); // by button
    return new URLSearchParams(data);
  };

  const show = (answer) => {
    page.elements.base.value = answer.base;
    const off = new Set(answer.off);
    for (const block of page.querySelectorAll("[data-key]")) {
      block.hidden = off.has(block.dataset.key);
    }
    page.elements.shown.value = answer.shown;
    said.textContent = answer.said;
    if (answer.conflicts.length || answer.gone.length) {
      told.replaceChildren();
      for (const text of answer.conflicts) told.append(paragraph(text));
      if (answer.gone.length) {
        const words = document.getElementById("gone-words").content.textContent;
        told.append(paragraph(`${words} ${answer.gone.join("; ")}`));
      }
    }
  };

  // The session is over: trying again is no use. The tablet forgets what is on it; anywhere else
  // the page keeps what was typed, and saves it once somebody has proven again who they are.
  const away = () => {
    if (lock) {
      leaving = true;
      lock.submit();
      return;
    }
    gone = true;
    dirty = true;
    unsaved.replaceChildren(awayWords.content.cloneNode(true));
    unsaved.hidden = false;
  };

  // Whoever signed in meanwhile has a new session, which knows nothing of the proof on this page.
  const cameBack = async () => {
    const answer = await fetch(page.action);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const proof = fresh.querySelector("form[data-saves] input[name=csrf_token]");
    if (!proof) return false;
    page.elements.csrf_token.value = proof.value;
    gone = false;
    return true;
  };

  const paragraph = (text) => {
    const made = document.createElement("p");
    made.className = "notice warn";
    made.textContent = text;
    return made;
  };

  async function save() {
    if (running || !dirty || leaving || gone) return;
    running = true;
    dirty = false;
    try {
      const answer = await fetch(page.action, {
        method: "POST",
        body: body(),
        headers: { "X-Saving": "saving" },
        redirect: "error",
        keepalive: true,
      });
      if (answer.status === 401) {
        away();
        return;
      }
      if (answer.status === 400 && !(await cameBack())) {
        away();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      unsaved.hidden = true;
      if (told.go) {
        leaving = true;
        location.assign(told.go);
        return;
      }
      show(told);
    } catch {
      dirty = true;
      if (!leaving) {
        unsaved.replaceChildren(...sorry);
        unsaved.hidden = false;
        later(RETRY_MS);
      }
    } finally {
      running = false;
      if (dirty && unsaved.hidden) later(PAUSE_MS);
    }
  }

  // An answer that excludes all others takes them back, and the other way round.
  const settle = (box) => {
    const group = box.closest("[data-alone]");
    if (!group || !box.checked) return;
    const alone = group.dataset.alone.split(" ");
    for (const other of group.querySelectorAll("input[type=checkbox]")) {
      const clash = alone.includes(box.value) ? other !== box : alone.includes(other.value);
      if (clash && other.checked) other.checked = false;
    }
  };

  page.addEventListener("input", () => {
    dirty = true;
    later(PAUSE_MS);
  });
  page.addEventListener("change", (event) => {
    settle(event.target);
    dirty = true;
    later(150);
  });
  page.addEventListener("submit", async (event) => {
    if (gone && awayWords.hasAttribute("data-elsewhere")) {
      event.preventDefault();
      if (await cameBack().catch(() => false)) page.requestSubmit(event.submitter);
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("focus", async () => {
    if (gone && !leaving && (await cameBack().catch(() => false))) save();
  });
  addEventListener("beforeunload", (event) => {
    if (gone && !leaving) event.preventDefault();
  });
  // Giving the tablet back waits for what was typed last.
  lock?.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    clearTimeout(timer);
    while (running) await new Promise((done) => setTimeout(done, 50));
    await save();
    leaving = true;
    lock.submit();
  });
  // What was chosen or typed before this file had come counts too.
  const differs = (control) =>
    /^(radio|checkbox)$/.test(control.type)
      ? control.checked !== control.defaultChecked
      : control.matches("input, textarea") && control.value !== control.defaultValue;
  if ([...page.elements].some(differs)) {
    dirty = true;
    later(150);
  }
  addEventListener("pagehide", () => {
    if (dirty && !leaving) save();
  });
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) location.reload(); // what is stored may have moved on
  });
}

// The drawing only helps to find the boxes: it sets them, and shows what they say.
for (const chart of document.querySelectorAll("[data-chart]")) {
  const zones = [...chart.querySelectorAll("[data-box]")];
  const box = (zone) => document.getElementById(zone.dataset.box);
  const sides = (zone) => zone.dataset.sides.split(" ").map((id) => document.getElementById(id));
  const chosen = (pairs) => {
    const found = pairs.split(" ").find((pair) => document.getElementById(pair.split("=")[0])?.checked);
    return found ? found.split("=")[1] : "";
  };
  const sideOf = (zone) => ["left", "right", "both"][sides(zone).findIndex((one) => one?.checked)] ?? "";
  const draw = () => {
    const place = chosen(chart.dataset.worst);
    const overall = chosen(chart.dataset.overall);
    for (const zone of zones) {
      const asked = sideOf(zone) || overall;
      const here = zone.dataset.side === "centre" || !["left", "right"].includes(asked) || asked === zone.dataset.side;
      const on = Boolean(box(zone)?.checked) && here;
      zone.classList.toggle("on", on);
      zone.querySelector(".hot").classList.toggle("off", !(on && zone.dataset.code === place));
    }
  };
  const set = (control, value) => {
    if (!control || control.checked === value) return;
    control.checked = value;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const zone of zones) {
    zone.addEventListener("click", () => {
      const [left, right, both] = sides(zone);
      const mine = zone.dataset.side === "left" ? left : right;
      const other = zone.dataset.side === "left" ? right : left;
      if (!box(zone).checked) {
        set(box(zone), true);
        set(mine, true);
      } else if (mine?.checked || zone.dataset.side === "centre" || !left) {
        set(box(zone), false);
      } else if (both?.checked) {
        set(other, true);
      } else {
        set(other?.checked ? both : mine, true);
      }
      draw();
    });
  }
  document.addEventListener("change", draw);
  draw();
}

if (lock) {
  const wait = Number(lock.dataset.lock) * 1000;
  const dialog = document.getElementById("still-there");
  let warning = 0;
  let ending = 0;
  let told = Date.now();
  const tell = () => {
    if (Date.now() - told < TELL_MS) return;
    told = Date.now();
    fetch("/intake", { method: "HEAD" }).catch(() => {}); // whoever only reads is still there
  };
  const begin = () => {
    clearTimeout(warning);
    clearTimeout(ending);
    if (dialog.open) dialog.close();
    warning = setTimeout(() => {
      dialog.showModal();
      ending = setTimeout(() => lock.requestSubmit(), 20_000);
    }, wait);
  };
  for (const sign of ["pointerdown", "keydown"]) {
    addEventListener(sign, () => {
      if (!dialog.open) begin();
      tell();
    });
  }
  document.getElementById("here").addEventListener("click", () => {
    begin();
    tell();
  });
  begin();
}
