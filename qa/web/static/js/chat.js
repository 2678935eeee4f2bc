// What Gradio's chat does not do by itself.
import { $, $$, ROOT } from "./dom.js";

const GAP = 12; // pixels above the question that an answer is read from
const isChat = !$("main#content");

// Enter chooses among the candidates of an input method; it must not send the half-written question.
document.addEventListener("keydown", (event) => {
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && isComposing) event.stopImmediatePropagation();
}, true);

// Gradio would open an empty page for a file that is handed out.
document.addEventListener("click", (event) => {
  event.target.closest(`.answer a[href^="${ROOT}/answer."]`)?.removeAttribute("target");
}, true);

// The question box opens once the chat is drawn, and then has the keyboard.
function focusQuestion(_, observer) {
  const box = $("#question textarea:not([disabled])");
  if (!box) return;
  observer.disconnect();
  box.focus();
}

// A new answer is read from its question on: the chat by itself would stay where it is, or go to the end of a long
// answer.
function scrollToQuestion() {
  const last = $$("#chat .answer, #chat .message-wrap .refused").at(-1);
  if (!last || last.dataset.seen) return;
  last.dataset.seen = "yes";
  // ?q= has been asked: a reload must not ask it again.
  if (location.search) history.replaceState(null, "", location.pathname);
  const box = last.closest(".bubble-wrap");
  const top = $$("#chat .asked").at(-1)?.getBoundingClientRect().top;
  if (box && top !== undefined) box.scrollTop += top - box.getBoundingClientRect().top - GAP;
}

if (isChat) {
  const drawn = { childList: true, subtree: true };
  new MutationObserver(focusQuestion).observe(document, { ...drawn, attributes: true, attributeFilter: ["disabled"] });
  new MutationObserver(scrollToQuestion).observe(document, drawn);
}
