// Say that an answer or its evidence is wrong.
import { markDone, onAction } from "./actions.js";
import { $$, QUOTE_LINK, addressOf, questionOf } from "./dom.js";
import { send } from "./send.js";

onAction("feedback", async (button) => {
  const answer = button.closest(".answer");
  const quotes = $$(`.quote ${QUOTE_LINK}`, answer).map(addressOf);
  await send("/feedback", { wrong: button.value, question: questionOf(answer), quotes });
  markDone(button);
  button.disabled = true;
});
