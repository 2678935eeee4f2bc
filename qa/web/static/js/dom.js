// Short names for what every module asks of the page.
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Links to quotes: their address ends in #hit. Gradio's chat lets `class`, `href`, `name` and `value` through, but no
// `data-`.
export const QUOTE_LINK = 'a[href^="/article/"][href$="#hit"]';

// The address of an article and a stretch of it, KEY/2?start=310&end=352.
export const addressOf = (link) => link.getAttribute("href").replace(/^\/article\/|#.*$/g, "");

// The question of the answer that an element stands in; "" outside answers.
export const questionOf = (answer) => (answer && $(".tools > .question", answer)?.textContent) ?? "";
