// Sentences of the control API in which `code` stands between backticks.
import { html } from "../lit/lit-html.js";

/** Return a sentence with its capital and its full stop, whether or not the server said them. */
export function sentence(text) {
  const said = text.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase()); // not that of an identifier
  return prose(/[.!?]$/.test(said) ? said : `${said}.`);
}

/** Return a text with what stands between backticks as code. */
export function prose(text) {
  return String(text).split("`").map((part, place) => (place % 2 ? html`<code>${part}</code>` : part));
}
