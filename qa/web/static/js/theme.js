// Before anything is drawn: the language, theme and size of text that this browser has chosen (cookies; see Settings).
// No module: those run once the page is read.
(() => {
  const cookies = Object.fromEntries(document.cookie.split("; ").map((pair) => pair.split("=")));
  const root = document.documentElement;

  function chosenLanguage() {
    if (["zh", "en"].includes(cookies.language)) return cookies.language;
    const preferred = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
    return preferred.find((tag) => tag === "zh" || tag === "en") ?? "zh";
  }

  // Gradio takes its labels from the browser's language.
  function tellGradio(language) {
    const tag = language === "zh" ? "zh-CN" : "en";
    for (const [name, value] of [["language", tag], ["languages", [tag]]]) {
      Object.defineProperty(navigator, name, { get: () => value, configurable: true });
    }
  }

  const system = matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    const chosen = ["light", "dark"].includes(cookies.theme) ? cookies.theme : null;
    const isDark = chosen ? chosen === "dark" : system.matches;
    root.classList.toggle("dark", isDark);
    document.body?.classList.toggle("dark", isDark); // Gradio's own mark, which it sets by the system's theme
  }

  const language = chosenLanguage();
  root.dataset.language = language;
  tellGradio(language);
  root.classList.add(`size-${cookies.size ?? "normal"}`);
  paint();
  system.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", () => {
    paint();
    new MutationObserver(() => {
      if (document.body.classList.contains("dark") !== root.classList.contains("dark")) paint();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
})();
