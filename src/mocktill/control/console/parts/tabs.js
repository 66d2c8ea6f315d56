// Tabs of a view: links, since each has its address.
import { html, nothing } from "../lit/lit-html.js";
import { addressOfView } from "../page.js";
import { inView } from "./inview.js";
import { apis } from "./served.js";

/** Return one tab for each API; each has an address of its own. `count(api)`, if given, returns how many of something it has. */
export function tabs(view, front, count = null) {
  return html`<nav class="tabs" aria-label="APIs">
    ${apis().map((api) => tab(addressOfView(view, api.name), api.name === front, count ? counted(api.title, count(api)) : api.title))}
  </nav>`;
}

/** Return one tab. */
export function tab(address, current, words) {
  return html`<a href=${address} aria-current=${current ? "page" : "false"} ${current ? inView : nothing}>${words}</a>`;
}

/** Return words with how many there are. */
export function counted(words, number) {
  return html`${words} <span class="count">${number.toLocaleString("en")}</span>`;
}
