// The form for a rule of one's own: what is usual first, the rest under "more".
import { html, nothing } from "../../lit/lit-html.js";
import { Refused, ask } from "../../control.js";
import { redraw } from "../../page.js";
import { chosen, field, option, wrongElsewhere } from "../../parts/draft.js";
import { say } from "../../parts/notice.js";
import { apis } from "../../parts/served.js";
import { FIELDS, KINDS, NARROWER, draft, ofWhat, ruleOf } from "./rule.js";
import { scopes } from "./scope.js";
import { sentence } from "./sentence.js";

const ENDS = {
  "": "Not at all",
  drop: "Closed before any byte",
  cut: "Cut in the middle of the body",
  never: "Never an answer",
  garbled: "A body that is no JSON any more",
};
const MOMENTS = { before: "Nothing: it fails before", after: "What they should: the answer alone suffers" };
const opened = new Set();

/** Return the form. */
export function form() {
  const [first, also] = ofWhat(draft.get("kind"));
  return html`<section class="card stack" aria-labelledby="own-rule">
    <h2 id="own-rule">A rule of your own</h2>
    <form class="stack" novalidate @submit=${add}>
      ${wrongElsewhere(draft)}
      <div class="fields">
        ${chosen(draft, FIELDS.scope, scopes((value, label) => option(draft, "scope", value, label)))}
        ${chosen(draft, FIELDS.kind, Object.entries(KINDS).map(([name, [label]]) => option(draft, "kind", name, label)))}
        ${first.map(shown)}
        ${field(draft, FIELDS.next)}
        ${chosen(draft, FIELDS.moment, Object.entries(MOMENTS).map(([name, label]) => option(draft, "moment", name, label)))}
      </div>
      ${more("More about which requests", NARROWER)}
      ${more("More about what they get", also)}
      <div class="fields">${field(draft, FIELDS.title)}</div>
      ${preview()}
      <div class="row"><button class="primary">Add the rule</button><button type="button" @click=${empty}>Empty the form</button></div>
      ${errors()}
    </form>
  </section>`;
}

function shown(name) {
  return name === "end"
    ? chosen(draft, FIELDS.end, Object.entries(ENDS).map(([value, label]) => option(draft, "end", value, label)))
    : field(draft, FIELDS[name]);
}

/** What is less usual is folded away, but not where it is filled in or refused. */
function more(label, names) {
  const wrong = names.some((name) => name in draft.wrong);
  const filled = names.filter((name) => draft.get(name)).length;
  return html`<details .open=${opened.has(label) || wrong} @toggle=${(event) => fold(label, event.target.open)}>
    <summary>${label}${filled ? html` <span class="tag">${filled} filled in</span>` : nothing}</summary>
    <div class="fields folded">${names.map(shown)}</div>
  </details>`;
}

function fold(label, open) {
  if (open) opened.add(label);
  else opened.delete(label);
}

function preview() {
  try {
    return html`<p class="soft" id="preview">${sentence(ruleOf(draft))}</p>`;
  } catch {
    return nothing; // half a rule has no sentence
  }
}

/** The errors that the chosen APIs know, to choose from; any other can be typed, and is refused in words. */
function errors() {
  const [name] = draft.get("scope").split(".");
  const meant = apis().filter((api) => !name || api.name === name);
  const names = [...new Set(meant.flatMap((api) => api.errors))].sort();
  return html`<datalist id="errors">${names.map((error) => html`<option value=${error}></option>`)}</datalist>`;
}

function empty() {
  draft.clear();
  opened.clear();
  redraw();
}

async function add(event) {
  event.preventDefault();
  try {
    await ask("POST", "faults", ruleOf(draft));
    empty();
    say("The rule is in force.");
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    draft.refuse(thrown, fieldsNow());
  }
}

function fieldsNow() {
  const [first, also] = ofWhat(draft.get("kind"));
  return ["scope", "kind", "moment", "next", ...first, ...also, ...NARROWER, "title"].map((name) => FIELDS[name]);
}
