import { onAction } from "./actions.js";

onAction("print", () => window.print());
