// Short names for what every module asks of the page.
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// The path below which the page is served, "" at the root of its host: this file is PATH/page/js/dom.js.
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

// Links to quotes: their address ends in #hit. Gradio's chat lets `class`, `href`, `name` and `value` through, but no
// `data-`.
const ARTICLE = `${ROOT}/article/`;
export const ARTICLE_LINK = `a[href^="${ARTICLE}"]`;
export const QUOTE_LINK = `${ARTICLE_LINK}[href$="#hit"]`;

// The address of an article and a stretch of it, KEY/2?start=310&end=352&text=SHA256.
export const addressOf = (link) => link.getAttribute("href").replace(ARTICLE, "").replace(/#.*$/, "");

// The question of the answer that an element stands in; "" outside answers.
export const questionOf = (answer) => (answer && $(".tools > .question", answer)?.textContent) ?? "";
