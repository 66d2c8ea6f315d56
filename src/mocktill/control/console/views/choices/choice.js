// One choice: its question and what holds in a line, which opens to all that it could be.
import { html, nothing } from "../../lit/lit-html.js";
import { live } from "../../lit/directives/live.js";
import { ask } from "../../control.js";
import { redraw } from "../../page.js";
import { basis, tag } from "../../parts/badge.js";
import { change } from "../../parts/change.js";
import { inView } from "../../parts/inview.js";
import { prose } from "../../parts/prose.js";
import { changed } from "./filter.js";

const open = new Set();
const asked = new Map();

/** Open a choice. */
export function unfold(name) {
  open.add(name);
}

/** Return a choice as an item of a list; the one that is `sought` is brought into view. */
export function choice(one, sought) {
  const shown = open.has(one.name);
  return html`<li ${sought ? inView : nothing}>
    <button class="line" aria-expanded=${shown} aria-controls="options-${one.name}" @click=${() => turn(one.name)}>
      <span class="question">${prose(one.question)}</span>
      <span class="held">${changed(one) ? tag("changed", "waiting") : nothing}<code>${one.value}</code></span>
    </button>
    <div id="options-${one.name}">${shown ? options(one) : nothing}</div>
  </li>`;
}

function turn(name) {
  if (!open.delete(name)) open.add(name);
  redraw();
}

function options(one) {
  return html`<fieldset class="options">
    <legend><code>${one.name}</code></legend>
    ${one.options.map((option) => radio(one, option))}
    ${changed(one) ? html`<button class="small" @click=${() => choose(one, one.default)}>Back to the default</button>` : nothing}
  </fieldset>`;
}

function radio(one, { value, sentence, basis: known }) {
  return html`<label class="option">
    <input type="radio" name=${one.name} value=${value} .checked=${live(value === held(one))} @change=${() => choose(one, value)} />
    <span>${prose(sentence)}
      <span class="row"><code>${value}</code>${basis(known)}${value === one.default ? tag("default") : nothing}</span></span>
  </label>`;
}

async function choose(one, value) {
  asked.set(one.name, value);
  await change(() => ask("PATCH", "choices", { [one.name]: value }), `${one.name} is ${value}.`);
  asked.delete(one.name);
  redraw();
}

/** What is asked for is marked until the sandbox has said what holds. */
function held(one) {
  return asked.get(one.name) ?? one.value;
}
