// The view of scenarios.
import { html } from "../lit/lit-html.js";

export const view = { name: "scenarios", title: "Scenarios", about: "", template: () => html`<p>…</p>` };
