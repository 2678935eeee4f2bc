// Before anything is drawn: the language, theme and size of text that this browser has chosen (cookies; see Settings).
(() => {
  const cookies = Object.fromEntries(document.cookie.split("; ").map((one) => one.split("=")));
  const root = document.documentElement;
  const language = ["zh", "en"].includes(cookies.language)
    ? cookies.language
    : (navigator.languages ?? [navigator.language]).map((one) => one.slice(0, 2).toLowerCase()).find((one) => one === "zh" || one === "en") ?? "zh";
  root.dataset.language = language;
  // Gradio takes its labels from the browser's language.
  const tag = language === "zh" ? "zh-CN" : "en";
  for (const [name, value] of [["language", tag], ["languages", [tag]]]) {
    Object.defineProperty(navigator, name, { get: () => value, configurable: true });
  }
  root.classList.add(`size-${cookies.size ?? "normal"}`);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const theme = cookies.theme === "light" || cookies.theme === "dark" ? cookies.theme : system.matches ? "dark" : "light";
    root.classList.toggle("dark", theme === "dark");
    document.body?.classList.toggle("dark", theme === "dark"); // Gradio's own mark, which it sets by the system's theme
  };
  paint();
  system.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", () => {
    paint();
    new MutationObserver(() => {
      if (document.body.classList.contains("dark") !== root.classList.contains("dark")) paint();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
})();
