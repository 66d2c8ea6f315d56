// The view of snapshots.
import { html } from "../lit/lit-html.js";

export const view = { name: "snapshots", title: "Snapshots", about: "", template: () => html`<p>…</p>` };
