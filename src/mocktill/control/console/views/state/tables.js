// All tables of the sandbox, and the rows of one as they are.
import { html, nothing } from "../../lit/lit-html.js";
import { repeat } from "../../lit/directives/repeat.js";
import { ask, path } from "../../control.js";
import { go } from "../../page.js";
import { SIZE, count, paging, within } from "./paging.js";
import { showRows } from "./raw.js";

let tables = [];
let shown = null;
const offsets = new Map();

/** Fetch the names of all tables, and a page of the rows of one: the first, where none is named. */
export async function loadTables(name) {
  tables = (await ask("GET", "tables")).tables;
  const table = name ?? tables[0]?.name;
  if (!table) return;
  const offset = within(offsets.get(table) ?? 0, tables.find((one) => one.name === table)?.rows ?? 0);
  shown = await ask("GET", `${path`state/${table}`}?offset=${offset}&limit=${SIZE}`);
}

/** Return the picker of a table, and its rows. */
export function allTables(name, renew) {
  const table = name ?? tables[0]?.name;
  const here = shown?.table === table ? shown : null;
  const turn = (offset) => {
    offsets.set(table, offset);
    renew();
  };
  const pages = here ? paging({ ...here, here: here.rows.length }, turn) : nothing;
  return html`
    <div class="row toolbar">${picker(table)} ${pages}</div>
    ${here ? rows(here) : nothing}
    ${here?.total > SIZE ? pages : nothing}`;
}

function picker(table) {
  const apis = [...new Set(tables.map(({ api }) => api))];
  return html`<label>Table
    <select @change=${(event) => go("state", "tables", event.target.value)}>
      ${apis.map((api) => html`<optgroup label=${api}>
        ${tables.filter((one) => one.api === api).map(({ name, rows: size }) => html`
          <option value=${name} ?selected=${name === table}>${name} (${count(size)})</option>`)}
      </optgroup>`)}
    </select></label>`;
}

function rows({ table, rows: listed }) {
  if (!listed.length) return html`<p class="empty">There is no row in <code>${table}</code>.</p>`;
  return html`<div class="table" role="region" aria-label="Rows of ${table}" tabindex="0">
    <table role="table" class="raw">
      <thead role="rowgroup"><tr role="row">
        <th role="columnheader" scope="col">Key</th><th role="columnheader" scope="col">Row</th>
        <th role="columnheader" scope="col"><span class="unseen">What can be done</span></th>
      </tr></thead>
      <tbody role="rowgroup">${repeat(listed, ({ key }) => `${table}/${key}`, (one) => line(table, one))}</tbody>
    </table>
  </div>`;
}

function line(table, { key, row }) {
  return html`<tr role="row">
    <th role="rowheader" scope="row"><code>${key}</code></th>
    <td role="cell"><code class="flat">${JSON.stringify(row)}</code></td>
    <td role="cell"><button class="small" aria-label="Edit ${key}" @click=${() => showRows(key, [table])}>Edit</button></td>
  </tr>`;
}
