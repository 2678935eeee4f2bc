// A number among the sources of an answer previews its quote.
import { $, $$, QUOTE_LINK } from "./dom.js";

const MARGIN = 8; // pixels between the preview and the number, and the edges of the window

const preview = Object.assign(document.createElement("div"), { id: "preview", hidden: true, role: "tooltip" });

function show(event) {
  const number = event.target.closest?.(`.sources ${QUOTE_LINK}`);
  if (!number) return;
  const quoted = $$(`.quote ${QUOTE_LINK}`, number.closest(".answer"));
  const quote = quoted.find((link) => link.textContent === number.textContent)?.closest(".quote");
  if (!quote) return;
  preview.textContent = $("blockquote", quote).textContent;
  document.body.append(preview);
  preview.hidden = false;
  const box = number.getBoundingClientRect();
  const rightmost = innerWidth - preview.offsetWidth - MARGIN;
  const fitsAbove = box.top > preview.offsetHeight + 2 * MARGIN;
  preview.style.left = `${Math.max(MARGIN, Math.min(box.left, rightmost))}px`;
  preview.style.top = `${fitsAbove ? box.top - preview.offsetHeight - MARGIN : box.bottom + MARGIN}px`;
}

function hide() {
  preview.hidden = true;
}

for (const type of ["mouseover", "focusin"]) document.addEventListener(type, show);
for (const type of ["mouseout", "focusout"]) document.addEventListener(type, hide);
