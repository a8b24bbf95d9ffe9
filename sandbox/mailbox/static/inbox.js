// Looks for new mails every few seconds, without taking anybody's place on the page away.
const SECONDS = 3;
const list = document.getElementById("mails");

setInterval(async () => {
  const answer = await fetch("/").catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("mails");
  if (now && now.innerHTML !== list.innerHTML) list.replaceChildren(...now.childNodes);
}, SECONDS * 1000);
