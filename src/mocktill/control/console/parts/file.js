// Files that the page gives and takes: what is downloaded, and what is chosen to be uploaded.
import { html } from "../lit/lit-html.js";

/** Let the browser keep a text as a file of JSON. */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address));
}

/** Return a button that lets somebody choose a file of JSON; `taken(file)` is called with it. */
export function fileButton(label, taken) {
  return html`<label class="button upload">${label}
    <input type="file" class="unseen" accept=".json,application/json" @change=${(event) => take(event.target, taken)} /></label>`;
}

function take(input, taken) {
  const [file] = input.files;
  input.value = ""; // so that the same one can be chosen again
  if (file) taken(file);
}
