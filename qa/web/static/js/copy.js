// Copy the text in the nearest `.plain` around a button.
import { markDone, onAction } from "./actions.js";
import { $ } from "./dom.js";

onAction("copy", async (button) => {
  let holder = button.parentElement;
  while (holder && !$(":scope > .plain", holder)) holder = holder.parentElement;
  const text = $(":scope > .plain", holder).textContent;
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    copySelected(text);
  }
  markDone(button);
});

// Without a clipboard (a page of another machine, without https) the text is selected and copied.
function copySelected(text) {
  const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
  area.select();
  document.execCommand("copy");
  area.remove();
}
