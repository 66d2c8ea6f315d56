// The view of overview.
import { html } from "../lit/lit-html.js";

export const view = { name: "overview", title: "Overview", about: "", template: () => html`<p>…</p>` };
