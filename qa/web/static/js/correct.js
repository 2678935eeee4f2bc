// The text beside the form that sets a document right: lines are chosen by their numbers, and marked. The form's fields
// hold the marks, as in 6, 12-14, so that they can be typed as well.
import { onAction } from "./actions.js";
import { $, $$ } from "./dom.js";

const RANGE = /(\d{1,7})(?:\s*[-–—~～]\s*(\d{1,7}))?/g;
const sheet = $(".sheet");
const lines = $$(".text-lines li");
let first = 0; // of the chosen lines
let last = 0;

const field = (name) => $(`[name$="-${name}"]`, sheet);

function read(name) {
  const numbers = new Set();
  for (const [, from, to] of field(name).value.matchAll(RANGE)) {
    const ends = [Number(from), Number(to ?? from)];
    const end = Math.max(Math.min(...ends), Math.min(Math.max(...ends), lines.length));
    for (let number = Math.min(...ends); number <= end; number += 1) numbers.add(number);
  }
  return numbers;
}

function write(name, numbers) {
  const stretches = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const stretch = stretches.at(-1);
    if (stretch && number === stretch[1] + 1) stretch[1] = number;
    else stretches.push([number, number]);
  }
  field(name).value = stretches.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

function paint() {
  const starts = read("starts");
  const leftOut = read("left_out");
  for (const line of lines) {
    const number = Number(line.dataset.line);
    const isMarked = ["start", "left-out"].includes(line.dataset.mark);
    if (leftOut.has(number)) line.dataset.mark = "left-out";
    else if (starts.has(number)) line.dataset.mark = "start";
    else if (isMarked) line.dataset.mark = "inside";
    line.classList.toggle("chosen", first <= number && number <= last);
  }
  const chosen = $("[data-part=chosen]", sheet);
  chosen.textContent = chosen.dataset.words.replace("{lines}", first === last ? first : `${first}–${last}`);
  $(".line-tools", sheet).hidden = !first;
}

function choose(event) {
  const link = event.target.closest(".text-lines a");
  if (!link) return;
  event.preventDefault();
  const number = Number(link.textContent);
  [first, last] = event.shiftKey && first ? [Math.min(first, number), Math.max(last, number)] : [number, number];
  paint();
}

// Change the lines that a field names by the chosen ones, and draw the marks anew.
function mark(name, change) {
  const numbers = read(name);
  for (let number = first; number <= last; number += 1) change(numbers, number);
  write(name, numbers);
}

onAction("begin-article", () => {
  last = first;
  mark("left_out", (numbers, number) => numbers.delete(number));
  mark("starts", (numbers, number) => numbers.add(number));
  field("one_article").checked = false;
  paint();
});

onAction("leave-out", () => {
  mark("left_out", (numbers, number) => numbers.add(number));
  paint();
});

onAction("take-back", () => {
  for (const name of ["starts", "left_out"]) mark(name, (numbers, number) => numbers.delete(number));
  paint();
});

if (sheet) {
  sheet.addEventListener("click", choose);
  sheet.addEventListener("input", paint);
}
