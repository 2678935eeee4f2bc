// The library was renewed in the background: a line below the header says so. Nothing else on the page moves.
import { $, ROOT } from "./dom.js";

const EVERY_MS = 20_000;
let seen;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(`${ROOT}/news`).catch(() => undefined);
  if (!answer?.ok) return;
  const { number, text, failing } = await answer.json();
  if (text && (failing || (seen !== undefined && number !== seen))) show(text);
  seen = number;
}

function show(text) {
  const header = $("header.site");
  if (!header) return;
  const line = $("[data-news]") ?? document.createElement("p");
  Object.assign(line, { className: "notice news" });
  line.dataset.news = "";
  line.setAttribute("role", "status");
  header.after(line);
  line.textContent = text;
}

look();
setInterval(look, EVERY_MS);
