// Uploaded files: each is read when its turn comes; what is ticked can then be kept.
import { $, $$ } from "./dom.js";

const TICKS = "[data-preview] input[type=checkbox]";

async function showPreviews() {
  for (const section of $$("[data-preview]")) {
    try {
      section.innerHTML = await (await fetch(section.dataset.preview)).text();
    } catch {
      section.classList.add("failed");
    }
  }
  const keep = $("#keep");
  if (keep) keep.disabled = !$(TICKS);
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-untick]")) $$(TICKS).forEach((box) => (box.checked = false));
});

showPreviews();
