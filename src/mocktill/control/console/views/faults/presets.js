// Faults that come by name, as switches: one is on where a rule of it is in force, whoever added it.
import { html } from "../../lit/lit-html.js";
import { live } from "../../lit/directives/live.js";
import { ask, path } from "../../control.js";
import { redraw } from "../../page.js";
import { scopeInWords, scopes, whenOf } from "./scope.js";
import { change } from "../../parts/change.js";

let scope = "";
/** What is asked for is shown until the sandbox has said what is in force. */
const asked = new Map();

/** Return the presets; `faults` are the rules in force. */
export function presets(known, faults) {
  return html`<section aria-labelledby="presets">
    <div class="heading"><h2 id="presets">What happens most</h2>
      <div class="filter"><label for="scope">For</label>
        <select id="scope" @change=${(event) => choose(event.target.value)}>
          ${scopes((value, label) => html`<option value=${value} .selected=${value === scope}>${label}</option>`)}
        </select></div>
    </div>
    <div class="cards presets">${known.map((preset) => card(preset, faults.filter(({ rule }) => isOf(rule, preset.rule))))}</div>
  </section>`;
}

function choose(value) {
  scope = value;
  redraw();
}

function card(preset, on) {
  return html`<label class="card preset">
    <input class="switch" type="checkbox" role="switch"
      aria-labelledby="preset-${preset.name}" aria-describedby="about-${preset.name}"
      .checked=${live(asked.get(preset.name) ?? on.length > 0)} @change=${(event) => turn(preset, on, event.target.checked)} />
    <span><b id="preset-${preset.name}">${preset.title}</b>
      <span class="soft" id="about-${preset.name}">${preset.about}</span>
      ${on.map(inForce)}
    </span>
  </label>`;
}

function inForce({ rule, calls, hits }) {
  const far = calls ? `struck ${hits} of ${calls}` : "none yet";
  return html`<span class="tag bad">${scopeInWords(rule.when ?? {})}: ${far}</span>`;
}

async function turn(preset, on, wanted) {
  asked.set(preset.name, wanted);
  await (wanted ? add(preset) : remove(preset, on));
  asked.delete(preset.name);
  redraw();
}

function add({ name, title }) {
  return change(() => ask("POST", path`faults/presets/${name}`, scope ? { when: whenOf(scope) } : {}), `On: ${title}.`);
}

function remove({ title }, on) {
  return change(() => Promise.all(on.map(({ id }) => ask("DELETE", path`faults/${id}`))), `Off: ${title}.`);
}

/** Whether a rule is the preset's: a rule does not say so itself, but it does the same, to some of the same requests. */
function isOf(rule, own) {
  const narrowed = Object.entries(own.when ?? {}).every(([name, value]) => same(rule.when?.[name], value));
  return narrowed && same(rule.what, own.what) && (rule.moment ?? "before") === (own.moment ?? "before");
}

function same(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]));
}
