// The view of apis.
import { html } from "../lit/lit-html.js";

export const view = { name: "apis", title: "APIs", about: "", template: () => html`<p>…</p>` };
