// The scripts of every page. Each module waits for what it finds on the page, and does nothing where that is not there.
import "./copy.js";
import "./save.js";
import "./feedback.js";
import "./print.js";
import "./evidence.js";
import "./preview.js";
import "./chat.js";
import "./article.js";
import "./upload.js";
import "./correct.js";
import "./confirm.js";
import "./job.js";
import "./news.js";
