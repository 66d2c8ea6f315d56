// The view of state.
import { html } from "../lit/lit-html.js";

export const view = { name: "state", title: "State", about: "", template: () => html`<p>…</p>` };
