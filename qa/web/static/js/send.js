import { ROOT } from "./dom.js";

// Send JSON to the program. Throws where it refuses, with what it says as `told`, if it says anything.
export async function send(address, body) {
  const answer = await fetch(`${ROOT}${address}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) return;
  const told = answer.headers.get("Content-Type")?.startsWith("text/plain") ? (await answer.text()).trim() : "";
  throw Object.assign(new Error(`${address}: ${answer.status}`), { told });
}
