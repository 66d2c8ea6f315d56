// One dialog at a time, over the page: the browser's own, which keeps the focus and closes with Escape.
import { html, nothing } from "../lit/lit-html.js";
import { ref } from "../lit/directives/ref.js";
import { redraw } from "../page.js";

let open = null;

/** Open a dialog: its title, and a function that returns its content, drawn with the page. */
export function show(title, content) {
  open = { title, content };
  redraw();
}

/** Close the dialog. */
export function close() {
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

/** Return the dialog that is open. */
export function openDialog() {
  if (!open) return nothing;
  return html`<dialog aria-labelledby="dialog-title" ${ref(begin)} @close=${close} @click=${outside}>
    <div class="dialog">
      <div class="heading"><h2 id="dialog-title">${open.title}</h2>
        <button class="quiet" aria-label="Close" @click=${close}>×</button></div>
      ${open.content()}
    </div>
  </dialog>`;
}

function begin(element) {
  if (element && !element.open) queueMicrotask(() => element.isConnected && !element.open && element.showModal());
}

function outside(event) {
  if (event.target === event.currentTarget) close();
}
