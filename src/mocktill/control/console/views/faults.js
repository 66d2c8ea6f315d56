// The view of faults.
import { html } from "../lit/lit-html.js";

export const view = { name: "faults", title: "Faults", about: "", template: () => html`<p>…</p>` };
