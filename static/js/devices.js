// Offers to try camera, microphone and connection before a video visit, and notes in the form what was found.
// Nothing is recorded or sent but these three words. Without this file the form says nothing of it.

const SLOW_MS = 2500;

async function connection(url) {
  const begun = performance.now();
  try {
    const answer = await fetch(url, { cache: "no-store" });
    await answer.text();
    return answer.ok && performance.now() - begun < SLOW_MS ? "works" : "fails";
  } catch {
    return "fails";
  }
}

async function track(kind) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: true });
    const live = stream.getTracks().some((one) => one.readyState === "live");
    stream.getTracks().forEach((one) => one.stop());
    return live ? "works" : "fails";
  } catch {
    return "fails";
  }
}

function watch(box) {
  const button = box.querySelector("button");
  const said = box.querySelector("[role=status]");

  function show(name, found) {
    box.querySelector(`input[name=${name}]`).value = found;
    const line = box.querySelector(`[data-of=${name}]`);
    line.textContent = `${line.dataset.name}: ${box.dataset[found]}`;
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = box.dataset.trying;
    const found = {
      camera: await track("video"),
      microphone: await track("audio"),
      connection: await connection(box.dataset.url),
    };
    for (const [name, result] of Object.entries(found)) show(name, result);
    const all = Object.values(found).every((one) => one === "works");
    said.textContent = all ? box.dataset.all : box.dataset.some;
    button.disabled = false;
  });
  for (const name of ["camera", "microphone", "connection"]) {
    const before = box.querySelector(`input[name=${name}]`).value;
    if (before) show(name, before);
  }
  box.hidden = false;
}

function guessZone(box) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const select = box.querySelector("select");
  if (!own || box.dataset.chosen) return;
  let option = [...select.options].find((one) => one.value === own);
  if (!option) {
    option = new Option(own.replaceAll("_", " "), own);
    select.append(option);
  }
  option.selected = true;
}

for (const box of document.querySelectorAll("[data-devices]")) watch(box);
for (const box of document.querySelectorAll("[data-own-zone]")) guessZone(box);
