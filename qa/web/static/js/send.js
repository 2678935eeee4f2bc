import { ROOT } from "./dom.js";

// Send JSON to the program. Throws where it refuses.
export async function send(address, body) {
  const answer = await fetch(`${ROOT}${address}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
}
