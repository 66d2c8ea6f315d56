// The view of scenarios: flows that come with each API, to be played in this sandbox and read as a story.
import { html, nothing } from "../lit/lit-html.js";
import { ask } from "../control.js";
import { addressOfView } from "../page.js";
import { inView } from "../parts/inview.js";
import { prose } from "../parts/prose.js";
import { apis, loadApis } from "../parts/served.js";
import { tabs } from "../parts/tabs.js";
import { outcome } from "./scenarios/played.js";
import { scenario } from "./scenarios/scenario.js";

let scenarios = [];

export const view = {
  name: "scenarios",
  title: "Scenarios",
  about: "Flows from beginning to end. They are played in this sandbox as it is now, at once, and what they ask is in the traffic.",
  watches: (pulse) => [pulse.server],
  load,
  template,
};

async function load() {
  [{ scenarios }] = await Promise.all([ask("GET", "scenarios"), loadApis()]);
}

function template([name, open]) {
  const api = apis().some((one) => one.name === name) ? name : apis()[0]?.name;
  const shown = scenarios.filter((one) => one.api === api);
  return html`
    ${tabs("scenarios", api, ({ name: of }) => scenarios.filter((one) => one.api === of).length)}
    ${shown.length || !scenarios.length ? nothing : html`<p class="empty">This API has none.</p>`}
    <ul class="flows">${shown.map((one) => item(one, one.name === open))}</ul>
  `;
}

function item(one, open) {
  const address = open ? addressOfView("scenarios", one.api) : addressOfView("scenarios", one.api, one.name);
  return html`<li ${open ? inView : nothing}>
    <a class="line" href=${address} aria-expanded=${open}>
      <span class="question">${prose(one.title)}<br /><span class="soft">${prose(one.about)}</span></span>
      <span class="held">${outcome(one)}</span>
    </a>
    ${open ? scenario(one) : nothing}
  </li>`;
}
