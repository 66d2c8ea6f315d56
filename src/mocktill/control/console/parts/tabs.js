// One tab for each API, with how many of something it has.
import { html } from "../lit/lit-html.js";
import { addressOfView } from "../page.js";
import { apis } from "./served.js";

/** Return the tabs of a view; each has an address of its own. `count(api)` returns the number. */
export function tabs(view, front, count) {
  return html`<nav class="tabs" aria-label="APIs">
    ${apis().map(
      (api) => html`<a href=${addressOfView(view, api.name)} aria-current=${api.name === front ? "page" : "false"}>${api.title}
        <span class="soft">${count(api)}</span></a>`,
    )}
  </nav>`;
}
