// A chip of the last answer that is clicked goes to the program; `trigger` is Gradio's. When the answer has been replaced, the
// keyboard stands on the chip that took the place of the one removed, or on the question where none is left.
document.addEventListener("click", (event) => {
  const chip = event.target.closest(".answer button.chip");
  if (!chip) return;
  const place = [...chip.parentElement.children].indexOf(chip);
  new MutationObserver((_, observer) => {
    const answers = document.querySelectorAll("#chat .answer");
    const last = answers[answers.length - 1];
    if (chip.isConnected || !last) return;
    observer.disconnect();
    const left = last.querySelectorAll("button.chip");
    const next = left[Math.min(place, left.length - 1)] ?? document.querySelector("#question textarea");
    next.focus({ preventScroll: true });
  }).observe(document.getElementById("chat"), { childList: true, subtree: true });
  trigger("click", { key: chip.value });
});
