// A clicked chip of the last answer goes to the program. Gradio runs this text as the body of a function and gives it
// `trigger`. When the answer has been replaced, the focus goes to the chip after the one removed, or to the question
// where none is left.
const CHIP = ".answer button[name=remove-chip]";

document.addEventListener("click", (event) => {
  const chip = event.target.closest(CHIP);
  if (!chip) return;
  const index = [...chip.parentElement.children].indexOf(chip);
  new MutationObserver((_, observer) => {
    const last = [...document.querySelectorAll("#chat .answer")].at(-1);
    if (chip.isConnected || !last) return;
    observer.disconnect();
    const left = [...document.querySelectorAll(`#chat ${CHIP}`)].filter((button) => last.contains(button));
    const next = left[Math.min(index, left.length - 1)] ?? document.querySelector("#question textarea");
    next.focus({ preventScroll: true });
  }).observe(document.getElementById("chat"), { childList: true, subtree: true });
  trigger("click", { key: chip.value });
});
