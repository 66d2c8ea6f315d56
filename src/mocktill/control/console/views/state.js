// The view of what the sandbox knows: the objects of each API first, all tables behind them.
import { html, nothing } from "../lit/lit-html.js";
import { ask } from "../control.js";
import { load as renew } from "../loading.js";
import { addressOfView, page } from "../page.js";
import { loadApis, titleOf } from "../parts/served.js";
import { counted, tab } from "../parts/tabs.js";
import { leavePanel, loadPanel, panel } from "./state/panel.js";
import { populate } from "./state/populate.js";
import { allTables, loadTables } from "./state/tables.js";

const TABLES = "tables";
let panels = null;

export const view = {
  name: "state",
  title: "State",
  about: "What the sandbox knows now. Change it here as no request could: a stock, a status, a date.",
  watches: (pulse) => [pulse.rows, pulse.generation],
  load,
  template,
  actions,
  leave: leavePanel,
};

async function load([api, name, key]) {
  if (page.pulse?.exists === false) return (panels = null); // asking would make the sandbox
  await loadApis();
  panels = (await ask("GET", "panels")).panels;
  if (api === TABLES) return loadTables(name);
  const one = chosen(api, name);
  if (one) await loadPanel(one, key);
}

/** Return the panel that the address names; the first one of its API, or of all, where it names none. */
function chosen(api, name) {
  const own = panels.filter((one) => api === undefined || one.api === api);
  return name === undefined ? own[0] : own.find((one) => one.name === name);
}

function actions() {
  if (!panels) return nothing;
  const [api] = page.place;
  return populate(api === TABLES ? undefined : chosen(api, undefined)?.api);
}

function template([api, name, key]) {
  if (!panels) return nothing;
  if (api === TABLES) return html`${apis(TABLES)} ${allTables(name, renew)}`;
  const one = chosen(api, name);
  if (!one) return html`${apis(api)} <p class="empty">There is no such list. ${panels.length ? "Choose one above." : ""}</p>`;
  return html`${apis(one.api)} ${lists(one)} ${panel(one, key, renew)}`;
}

function apis(now) {
  const names = [...new Set(panels.map((one) => one.api))];
  return html`<nav class="tabs" aria-label="APIs">
    ${names.map((name) => tab(addressOfView("state", name), name === now, titleOf(name)))}
    ${tab(addressOfView("state", TABLES), now === TABLES, "All tables")}
  </nav>`;
}

function lists(now) {
  const own = panels.filter((one) => one.api === now.api);
  return html`<nav class="pills" aria-label="Lists of ${titleOf(now.api)}">
    ${own.map((one) => tab(addressOfView("state", one.api, one.name), one === now, counted(one.title, one.total)))}
  </nav>`;
}
