// The chosen theme, before anything is drawn: without a choice the browser's own holds.
const chosen = localStorage.getItem("mocktill.theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
