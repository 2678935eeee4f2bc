// The panel of evidence: a click on a number in an answer opens its quote there; the numbers of that answer are stepped
// through.
import { onAction } from "./actions.js";
import { $, $$, ARTICLE_LINK, QUOTE_LINK, ROOT, addressOf } from "./dom.js";

let hits = [];
let index = -1;

async function show(next) {
  const panel = $("#evidence");
  index = next;
  const hit = hits[index];
  panel.classList.add("open");
  document.documentElement.classList.add("reading-evidence");
  $$(".answer .number.current").forEach((number) => number.classList.remove("current"));
  hit.classList.add("current");
  let found = "";
  let failed = false;
  try {
    const answer = await fetch(`${ROOT}/evidence/${addressOf(hit)}`);
    found = await answer.text();
  } catch {
    failed = true;
  }
  if (hits[index] !== hit) return; // another was clicked meanwhile
  const body = $("[data-part=body]", panel);
  body.innerHTML = found;
  if ($(".empty", body)) body.replaceChildren($(".empty", body)); // a whole page, which says what is not there
  $("[data-part=failed]", panel).hidden = !failed;
  $("[data-action=close-evidence]", panel).hidden = false;
  for (const [name, step] of [["previous-hit", -1], ["next-hit", 1]]) {
    const button = $(`[data-action=${name}]`, panel);
    button.hidden = hits.length < 2;
    button.disabled = !hits[index + step];
  }
  $("[data-part=position]", panel).textContent = hits.length > 1 ? `${index + 1} / ${hits.length}` : "";
  const mark = $("#hit", body);
  if (mark) {
    const below = mark.getBoundingClientRect().top - body.getBoundingClientRect().top;
    body.scrollTop += below - body.clientHeight / 4;
  }
}

function close() {
  $("#evidence").classList.remove("open");
  document.documentElement.classList.remove("reading-evidence");
  hits[index]?.focus();
}

onAction("close-evidence", close);
onAction("previous-hit", () => show(index - 1));
onAction("next-hit", () => show(index + 1));

// Before Gradio hears of the click.
document.addEventListener("click", (event) => {
  const link = event.target.closest(`.answer ${ARTICLE_LINK}`);
  if (!link || !$("#evidence") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const quoted = $$(`.quote ${QUOTE_LINK}`, link.closest(".answer"));
  hits = quoted.length && link.matches(QUOTE_LINK) ? quoted : [link];
  show(Math.max(0, hits.findIndex((hit) => addressOf(hit) === addressOf(link))));
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $("#evidence.open")) close();
});
