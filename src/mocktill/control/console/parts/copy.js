// A button that copies a text, and a text with such a button.
import { html } from "../lit/lit-html.js";
import { say } from "./notice.js";

const SHEETS = html`<svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
  <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M3.5 10.5h-1v-8h8v1" />
</svg>`;

/** Copy a text, or what a function returns or promises, and say so. */
export async function copy(text, what = "") {
  const found = typeof text === "function" ? await text() : text;
  if (found === null || found === undefined) return;
  await put(found);
  say(what ? `Copied: ${what}` : "Copied.");
}

async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // a page that is not on localhost and not on https has no clipboard: the old way
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** Return a button that copies: `copyButton("Copy as curl", () => curl)`. */
export function copyButton(label, text, what = label) {
  return html`<button class="small" @click=${() => copy(text, what)}>${label}</button>`;
}

/** Return a short text in one line, with a button that copies it; `shown` is how it looks, where it is not as it is. */
export function copyable(text, shown = text) {
  return html`<span class="copyable"><code>${shown}</code
    ><button class="quiet" aria-label="Copy ${text}" title="Copy" @click=${() => copy(text, text)}>${SHEETS}</button></span>`;
}

/** Return a block of code with a button that copies it. */
export function code(text, label = "Code") {
  return html`<div class="code"><pre tabindex="0" role="region" aria-label=${label}>${text}</pre>
    <button class="small" @click=${() => copy(text, label)}>Copy</button></div>`;
}
