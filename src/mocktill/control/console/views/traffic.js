// The view of traffic.
import { html } from "../lit/lit-html.js";

export const view = { name: "traffic", title: "Traffic", about: "", template: () => html`<p>…</p>` };
