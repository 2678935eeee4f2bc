// Save a quote with the question that it answers.
import { markDone, onAction } from "./actions.js";
import { $, QUOTE_LINK, addressOf, questionOf } from "./dom.js";
import { send } from "./send.js";

onAction("save", async (button) => {
  const quote = button.closest(".quote");
  // In the panel beside the chat: the question of the answer whose quote is open there.
  const answer = button.closest(".answer") ?? $(".answer:has(.number.current)");
  const address = quote ? addressOf($(QUOTE_LINK, quote)) : button.value;
  await send("/saved", { address, question: questionOf(answer) });
  markDone(button);
});
