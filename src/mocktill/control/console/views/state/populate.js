// A form that makes objects with made-up values: in one API, or in each.
import { html } from "../../lit/lit-html.js";
import { ask } from "../../control.js";
import { change } from "../../parts/change.js";
import { titleOf } from "../../parts/served.js";
import { count } from "./paging.js";

const MOST = 1000;

/** Return the form; without an API the objects are made in each of them. */
export function populate(api) {
  const make = (event) => {
    event.preventDefault();
    const number = Number(new FormData(event.target).get("count"));
    change(() => ask("POST", "populate", { count: number, ...(api ? { api } : {}) }), told);
  };
  return html`<form class="row" @submit=${make} title="Living objects with made-up values, the same ones for the same seed">
    <label>Objects <input class="short" name="count" type="number" min="1" max=${MOST} step="1" value="10" required /></label>
    <button>Populate ${api ? titleOf(api) : "each API"}</button>
  </form>`;
}

function told({ made }) {
  const parts = Object.entries(made).map(([api, keys]) => `${count(keys.length)} in ${titleOf(api)}`);
  return `Made: ${parts.join(", ")}.`;
}
