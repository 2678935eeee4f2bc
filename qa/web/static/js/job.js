// A job under way: its progress, and the page anew when it is done.
import { $, ROOT } from "./dom.js";

const EVERY_MS = 500;

async function follow(box) {
  for (;;) {
    const job = await (await fetch(`${ROOT}/work`)).json();
    if (!job.running) break;
    const words = $(`[data-stage="${job.stage}"]`, box)?.textContent ?? "";
    $("[data-part=stage]", box).textContent = job.total
      ? words.replace("{done}", job.done).replace("{total}", job.total)
      : "";
    Object.assign($("progress", box), { max: job.total || 1, value: job.done });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  location.reload();
}

const box = $("[data-job]");
if (box) follow(box);
