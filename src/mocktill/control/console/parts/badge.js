// Words with a colour: a basis, a status, a state.
import { html } from "../lit/lit-html.js";

const BASES = {
  documented: ["good", "The vendor's page says so."],
  published: ["good", "Another page or file of the vendor says so."],
  observed: ["waiting", "A client's code or an integrator's report shows it."],
  assumed: ["plain", "Nobody says: it is a choice of the sandbox."],
};

/** Return a word in a tone: `good`, `waiting`, `bad` or `plain`. */
export function tag(text, tone = "plain", title = "") {
  return html`<span class="tag ${tone}" title=${title}>${text}</span>`;
}

/** Return how well something is known. */
export function basis(name) {
  const [tone, sentence] = BASES[name] ?? ["plain", ""];
  return tag(name, tone, sentence);
}

/** Return a status of HTTP. */
export function status(code) {
  const tone = code >= 500 ? "bad" : code >= 400 ? "waiting" : "good";
  return html`<span class="tag status ${tone}">${code}</span>`;
}

/** Return a method of HTTP. */
export function method(name) {
  return html`<span class="method">${name}</span>`;
}
