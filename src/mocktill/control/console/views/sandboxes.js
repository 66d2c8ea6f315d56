// The view of sandboxes.
import { html } from "../lit/lit-html.js";

export const view = { name: "sandboxes", title: "Sandboxes", about: "", template: () => html`<p>…</p>` };
