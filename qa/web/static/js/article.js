// An article opened at a quote: the quote is brought into view.
import { $ } from "./dom.js";

addEventListener("load", () => $("main #hit")?.scrollIntoView({ block: "center" }));
