// "Copy answer": the quotes and their references as plain text. The page is on 127.0.0.1, where browsers let pages copy.
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".answer .copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.closest(".answer").querySelector(".plain").textContent);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 2000);
});

// A new answer is read from its question on: the chat by itself would stay where it is, or go to the end of a long answer.
new MutationObserver(() => {
  const answers = document.querySelectorAll("#chat .answer, #chat .message-wrap .refused");
  const last = answers[answers.length - 1];
  if (!last || last.dataset.seen) return;
  last.dataset.seen = "yes";
  const questions = document.querySelectorAll("#chat .asked");
  const box = last.closest(".bubble-wrap");
  const top = questions[questions.length - 1]?.getBoundingClientRect().top;
  if (box && top !== undefined) box.scrollTop += top - box.getBoundingClientRect().top - 40;
}).observe(document, { childList: true, subtree: true });
