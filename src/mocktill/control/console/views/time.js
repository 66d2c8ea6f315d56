// The view of time.
import { html } from "../lit/lit-html.js";

export const view = { name: "time", title: "Time", about: "", template: () => html`<p>…</p>` };
