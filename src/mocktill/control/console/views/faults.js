// The view of faults: what is in force and how often it struck, what comes by name, and a rule of one's own.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { ask, path } from "../control.js";
import { page } from "../page.js";
import { change } from "../parts/change.js";
import { confirm } from "../parts/dialog.js";
import { loadApis } from "../parts/served.js";
import { form } from "./faults/form.js";
import { presets } from "./faults/presets.js";
import { sentence } from "./faults/sentence.js";

let faults = [];
let known = [];

export const view = {
  name: "faults",
  title: "Faults",
  about: "What the sandbox does wrong, on purpose: be slow, lose an answer, refuse. The first rule in force that strikes a request wins.",
  watches: (pulse) => [pulse.rows, pulse.faults, pulse.generation],
  load,
  template,
};

async function load() {
  if (!page.pulse?.exists) return (faults = []); // asking would make the sandbox
  const [there, named] = await Promise.all([ask("GET", "faults"), known.length ? null : ask("GET", "faults/presets"), loadApis()]);
  faults = there.faults;
  known = named?.presets ?? known;
}

function template() {
  return html`<div class="stack wide-stack">
    ${inForce()} ${presets(known, faults)} ${form()}
  </div>`;
}

function inForce() {
  return html`<section aria-labelledby="in-force">
    <div class="heading"><h2 id="in-force">In force</h2>
      ${faults.length ? html`<button class="danger small" @click=${clear}>Remove all</button>` : nothing}</div>
    ${faults.length ? table() : html`<p class="empty">Nothing: each request is answered as it should be. Switch something on below.</p>`}
  </section>`;
}

function table() {
  return html`<div class="table"><table class="folding">
    <thead><tr><th scope="col">Rule</th><th scope="col" class="number" title="How many requests it was about">Met</th>
      <th scope="col" class="number" title="How many of them it struck">Struck</th>
      <th scope="col"><span class="unseen">Remove</span></th></tr></thead>
    <tbody>${repeat(faults, (fault) => fault.id, row)}</tbody>
  </table></div>`;
}

function row({ id, rule, calls, hits }) {
  const said = sentence(rule);
  return html`<tr>
    <td>${rule.title ? html`<b>${rule.title}</b><br />` : nothing}${said}</td>
    <td class="number" data-label="Met">${calls}</td><td class="number" data-label="Struck">${hits}</td>
    <td class="number"><button class="small" aria-label="Remove: ${said}" @click=${() => remove(id)}>Remove</button></td>
  </tr>`;
}

function remove(id) {
  return change(() => ask("DELETE", path`faults/${id}`), "The rule is removed.");
}

function clear() {
  confirm("Remove all faults?", "Each rule that is in force is removed, and its counts with it.", "Remove all", () =>
    change(() => ask("DELETE", "faults"), "No fault is in force any more."),
  );
}
