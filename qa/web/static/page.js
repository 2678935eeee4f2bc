// What the pages do by themselves: copy, save, say that something is wrong, and open the source of a quote beside the chat.
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// A button marks itself as done for a moment; without a clipboard (a page not on this machine, without https) the text is selected.
function done(button) {
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 2000);
}

async function copy(button) {
  let holder = button.parentElement;
  while (holder && !$(":scope > .plain", holder)) holder = holder.parentElement;
  const text = $(":scope > .plain", holder).textContent;
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  done(button);
}

// The address of an article and a stretch of it, KEY/2?start=310&end=352.
const addressOf = (link) => link.getAttribute("href").replace(/^\/article\/|#.*$/g, "");

async function send(address, body) {
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
}

async function save(button) {
  const quote = button.closest(".quote");
  // In the panel beside the chat: the question of the answer whose quote is open there.
  const answer = button.closest(".answer") ?? $(".answer:has(.number.current)");
  const asked = (answer && $(".tools > .question", answer)?.textContent) ?? "";
  await send("/saved", { address: quote ? addressOf($("a.number", quote)) : button.value, question: asked });
  done(button);
}

async function feedback(button) {
  const answer = button.closest(".answer");
  await send("/feedback", {
    wrong: button.value,
    question: $(".tools > .question", answer).textContent,
    quotes: $$(".quote a.number", answer).map(addressOf),
  });
  done(button);
  button.disabled = true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const act = button.matches(".copy") ? copy : button.matches(".save") ? save : button.matches(".feedback") ? feedback : null;
  if (act) act(button).catch(() => button.classList.add("failed"));
  if (button.matches(".print")) window.print();
});

// Enter chooses among the candidates of an input method; it must not send the half-written question.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
}, true);

// Evidence: the marks of the answer that was clicked in are the hits to step through.
let hits = [];
let hit = -1;

async function show(at) {
  const panel = $("#evidence");
  hit = at;
  const body = $(".body", panel);
  panel.classList.add("open");
  document.documentElement.classList.add("reading-evidence");
  $$(".answer .number.current").forEach((mark) => mark.classList.remove("current"));
  hits[hit].classList.add("current");
  const wanted = hits[hit];
  let found = "";
  let failed = false;
  try {
    found = await (await fetch(`/evidence/${addressOf(wanted)}`)).text();
  } catch {
    failed = true;
  }
  if (hits[hit] !== wanted) return; // another was clicked meanwhile
  body.innerHTML = found;
  $(".failed", panel).hidden = !failed;
  $(".close", panel).hidden = false;
  for (const [name, step] of [["previous", -1], ["next", 1]]) {
    const button = $(`.${name}`, panel);
    button.hidden = hits.length < 2;
    button.disabled = !hits[hit + step];
  }
  $(".place", panel).textContent = hits.length > 1 ? `${hit + 1} / ${hits.length}` : "";
  const mark = $("#hit", body);
  if (mark) body.scrollTop += mark.getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight / 4;
}

function shut() {
  const panel = $("#evidence");
  panel.classList.remove("open");
  document.documentElement.classList.remove("reading-evidence");
  hits[hit]?.focus();
}

document.addEventListener("click", (event) => {
  event.target.closest("a.export")?.removeAttribute("target"); // Gradio would open an empty page for it
  const mark = event.target.closest(".answer a.number, .answer a.open");
  if (mark && $("#evidence") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const inQuotes = $$(".quote a.number", mark.closest(".answer"));
    hits = inQuotes.length && !mark.matches(".open") ? inQuotes : [mark];
    const same = hits.findIndex((one) => addressOf(one) === addressOf(mark));
    show(Math.max(0, same));
    return;
  }
  const button = event.target.closest("#evidence .bar button");
  if (button?.matches(".close")) shut();
  if (button?.matches(".previous")) show(hit - 1);
  if (button?.matches(".next")) show(hit + 1);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $("#evidence.open")) shut();
});

// A mark among the sources previews its quote.
const preview = Object.assign(document.createElement("div"), { id: "preview", hidden: true, role: "tooltip" });
for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(on, (event) => {
    const mark = event.target.closest?.(".sources a.number");
    if (!mark) return;
    const quote = $$(".quote a.number", mark.closest(".answer")).find((one) => one.textContent === mark.textContent)?.closest(".quote");
    if (!quote) return;
    preview.textContent = $("blockquote", quote).textContent;
    document.body.append(preview);
    preview.hidden = false;
    const box = mark.getBoundingClientRect();
    preview.style.left = `${Math.max(8, Math.min(box.left, innerWidth - preview.offsetWidth - 8))}px`;
    preview.style.top = box.top > preview.offsetHeight + 16 ? `${box.top - preview.offsetHeight - 8}px` : `${box.bottom + 8}px`;
  });
  document.addEventListener(off, () => { preview.hidden = true; });
}

// The question box opens once the chat is drawn, and then has the keyboard.
if (!$("main#content")) {
  new MutationObserver((_, observer) => {
    const box = $("#question textarea:not([disabled])");
    if (!box) return;
    observer.disconnect();
    box.focus();
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
}

// A new answer is read from its question on: the chat by itself would stay where it is, or go to the end of a long answer.
if (!$("main#content")) {
  new MutationObserver(() => {
    const answers = $$("#chat .answer, #chat .message-wrap .refused");
    const last = answers[answers.length - 1];
    if (!last || last.dataset.seen) return;
    last.dataset.seen = "yes";
    if (location.search) history.replaceState(null, "", location.pathname); // ?q= has been asked: a reload must not ask it again
    const questions = $$("#chat .asked");
    const box = last.closest(".bubble-wrap");
    const top = questions[questions.length - 1]?.getBoundingClientRect().top;
    if (box && top !== undefined) box.scrollTop += top - box.getBoundingClientRect().top - 12;
  }).observe(document, { childList: true, subtree: true });
}

// An article opened at a quote: the quote is brought into view.
addEventListener("load", () => $("main #hit")?.scrollIntoView({ block: "center" }));

// Adding: each file is read when its turn comes; what is ticked can then be kept.
(async () => {
  for (const section of $$(".look")) {
    try {
      section.innerHTML = await (await fetch(section.dataset.from)).text();
    } catch {
      section.classList.add("failed");
    }
  }
  const keep = $("#keep");
  if (keep) keep.disabled = !$(".look input[type=checkbox]");
})();

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
  if (event.submitter?.matches("[data-untick]")) $$(".look input[type=checkbox]").forEach((box) => { box.checked = false; });
});

// Work under way: its progress, and the page anew when it is done.
(async () => {
  const box = $("#work");
  while (box) {
    const work = await (await fetch("/work")).json();
    if (!work.running) break;
    const words = $(`[data-stage="${work.stage}"]`, box)?.textContent ?? "";
    $(".now", box).textContent = work.total ? words.replace("{done}", work.done).replace("{total}", work.total) : "";
    Object.assign($("progress", box), { max: work.total || 1, value: work.done });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (box) location.reload();
})();
