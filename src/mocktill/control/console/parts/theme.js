// Light or dark: as the browser has it, or as somebody chose. What was chosen holds before anything is drawn: ../theme.js.
import { html } from "../lit/lit-html.js";

const KEPT = "mocktill.theme";
const THEMES = ["auto", "light", "dark"];

/** Return the field in which the theme is chosen. */
export function themePicker() {
  const now = document.documentElement.dataset.theme ?? "auto";
  return html`<label class="theme">Theme
    <select @change=${(event) => choose(event.target.value)}>
      ${THEMES.map((name) => html`<option value=${name} ?selected=${name === now}>${name}</option>`)}
    </select></label>`;
}

function choose(name) {
  if (name === "auto") {
    localStorage.removeItem(KEPT);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEPT, name);
    document.documentElement.dataset.theme = name;
  }
}
