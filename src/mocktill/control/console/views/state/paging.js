// Pages of a long list: where one is, and the way to the next.
import { html, nothing } from "../../lit/lit-html.js";

export const SIZE = 50;

/** Return where a page stands among all, and buttons that `turn` to another offset. */
export function paging({ offset, total, here }, turn) {
  if (!total) return nothing;
  const said = total <= SIZE ? `${count(total)} in all` : `${count(offset + 1)}-${count(offset + here)} of ${count(total)}`;
  return html`<div class="row paging">
    ${total > SIZE ? step("Previous", offset === 0, () => turn(Math.max(0, offset - SIZE))) : nothing}
    <span class="soft small-text">${said}</span>
    ${total > SIZE ? step("Next", offset + here >= total, () => turn(offset + SIZE)) : nothing}
  </div>`;
}

/** Return the offset of the last page where one lies behind it. */
export function within(offset, total) {
  return Math.min(offset, Math.max(0, Math.ceil(total / SIZE) - 1) * SIZE);
}

/** Return a number with its thousands apart. */
export function count(number) {
  return number.toLocaleString("en");
}

function step(label, end, doing) {
  return html`<button class="small" ?disabled=${end} @click=${doing}>${label}</button>`;
}
