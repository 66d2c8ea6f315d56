// The view of choices: what is decided where the docs are silent, API by API, and what else could be.
import { html, nothing } from "../lit/lit-html.js";
import { ask } from "../control.js";
import { page } from "../page.js";
import { change } from "../parts/change.js";
import { confirm } from "../parts/dialog.js";
import { apis, loadApis } from "../parts/served.js";
import { changed, groups, narrow, narrowed } from "./choices/filter.js";
import { choice, unfold } from "./choices/choice.js";
import { tabs } from "../parts/tabs.js";

let choices = [];
let sought = "";

export const view = {
  name: "choices",
  title: "Choices",
  about: "Where the vendors' pages are silent the sandbox decides, and says so. Decide otherwise here: the next request finds it so.",
  watches: (pulse) => [pulse.rows, pulse.generation],
  load,
  template,
};

async function load([name = ""]) {
  if (!page.pulse?.exists) return (choices = []); // asking would make the sandbox
  [{ choices }] = await Promise.all([ask("GET", "choices"), loadApis()]);
  if (name !== sought && choices.some((one) => one.name === name)) {
    narrow({ word: "", only: false });
    unfold(name);
  }
  sought = name;
}

/** The address names an API, or one of its choices. */
function template([name = ""]) {
  const api = apis().find((one) => name === one.name || belongs({ name }, one))?.name ?? apis()[0]?.name;
  const shown = groups(choices, apis(), api);
  return html`
    ${filters()}
    ${narrowed() ? nothing : tabs("choices", api, (one) => choices.filter((found) => belongs(found, one)).length)}
    <div class="stack wide-stack">${shown.map(group)}</div>
    ${shown.length || !choices.length ? nothing : none()}
  `;
}

function none() {
  return html`<p class="empty">No choice is like this. Search for another word, or
    <button class="small" @click=${() => narrow({ word: "", only: false })}>show all</button>.</p>`;
}

function belongs({ name }, api) {
  return name.startsWith(`${api.name}.`);
}

function filters() {
  const different = choices.filter(changed).length;
  return html`<search class="row filters">
    <label class="row grow"><span class="unseen">Search the choices</span>
      <input type="search" class="grow" placeholder="Search all of them: a word of the question, the name or an answer"
        @input=${(event) => narrow({ word: event.target.value })} .value=${narrowed().word ?? ""} /></label>
    <label class="row"><input type="checkbox" .checked=${Boolean(narrowed().only)}
        @change=${(event) => narrow({ only: event.target.checked })} />
      Only those changed (${different})</label>
    <button class="small" ?disabled=${!different} @click=${back}>Back to defaults</button>
  </search>`;
}

function group({ api, found }) {
  return html`<section aria-labelledby="choices-${api.name}">
    <h2 id="choices-${api.name}" class=${narrowed() ? "" : "unseen"}>${api.title}</h2>
    <ul class="choices">${found.map((one) => choice(one, one.name === sought))}</ul>
  </section>`;
}

function back() {
  const different = choices.filter(changed);
  const defaults = Object.fromEntries(different.map((one) => [one.name, one.default]));
  const names = different.map((one) => one.name).join(", ");
  confirm("Back to defaults?", `These are decided as they come: ${names}.`, "Back to defaults", () =>
    change(() => ask("PATCH", "choices", defaults), "All choices are at their defaults."),
  );
}
