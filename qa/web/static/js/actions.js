// Buttons say in `data-action` what they do; in Gradio's chat, which lets no `data-` through, in their `name`.
const actions = new Map();
const MARKED_MS = 2000; // how long a button is marked as done

export function onAction(name, act) {
  actions.set(name, act);
}

// A button marks itself as done for a moment.
export function markDone(button) {
  button.classList.remove("failed");
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), MARKED_MS);
}

// A button marks itself as failed, and says after it why, where that is known.
function markFailed(button, told) {
  button.classList.add("failed");
  if (!told) return;
  const said = button.nextElementSibling?.matches(".told") ? button.nextElementSibling : document.createElement("span");
  said.className = "told";
  said.role = "alert";
  said.textContent = told;
  button.after(said);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const act = button && actions.get(button.dataset.action ?? button.name);
  if (!act) return;
  Promise.resolve(button).then(act).catch((error) => markFailed(button, error.told));
});
