// The view of choices.
import { html } from "../lit/lit-html.js";

export const view = { name: "choices", title: "Choices", about: "", template: () => html`<p>…</p>` };
