// One dialog at a time, over the page: the browser's own, which keeps the focus and closes with Escape.
import { html, nothing } from "../lit/lit-html.js";
import { ref } from "../lit/directives/ref.js";
import { repeat } from "../lit/directives/repeat.js";
import { redraw } from "../page.js";

let open = null;
let pressed = null;

/** Open a dialog: its title, and a function that returns its content, drawn with the page. */
export function show(title, content) {
  open = { title, content };
  redraw();
}

/** Close the dialog; the focus goes back to where it was. */
export function close() {
  document.querySelector("dialog[open]")?.close();
  open = null;
  redraw();
}

/** Ask whether something is to be done that cannot be undone. */
export function confirm(title, sentence, label, doing) {
  show(title, () => html`
    <p>${sentence}</p>
    <div class="row end">
      <button @click=${close}>Leave it</button>
      <button class="danger" @click=${() => { close(); doing(); }}>${label}</button>
    </div>`);
}

/** Return the dialog that is open. Each has an element of its own: the browser tells of a closed one a moment later. */
export function openDialog() {
  return open ? repeat([open], (one) => one, template) : nothing;
}

function template(one) {
  return html`<dialog aria-labelledby="dialog-title" ${ref(begin)} @close=${() => one === open && close()}
      @pointerdown=${(event) => (pressed = event.target)} @click=${outside}>
    <div class="dialog">
      <div class="heading"><h2 id="dialog-title">${one.title}</h2>
        <button class="quiet" aria-label="Close" @click=${close}>×</button></div>
      ${one.content()}
    </div>
  </dialog>`;
}

function begin(element) {
  if (element && !element.open) queueMicrotask(() => element.isConnected && !element.open && element.showModal());
}

/** A click beside the dialog closes it; a text that is selected from within it beyond its edge does not. */
function outside(event) {
  if (event.target === event.currentTarget && pressed === event.target) close();
}
