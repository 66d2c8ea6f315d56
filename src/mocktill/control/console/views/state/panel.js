// A list of objects of an API: their cells, page by page, and what can be done with each.
import { html, nothing } from "../../lit/lit-html.js";
import { classMap } from "../../lit/directives/class-map.js";
import { repeat } from "../../lit/directives/repeat.js";
import { ask, path } from "../../control.js";
import { addressOfView, go } from "../../page.js";
import { cell, classOf, heading } from "../../parts/cells.js";
import { act, editObject, label } from "./object.js";
import { SIZE, paging, within } from "./paging.js";
import { showRows } from "./raw.js";

let list = null;
let missing = "";
const offsets = new Map();
const marks = new Map();

/** Fetch a page of a panel, or the one object that has a key. */
export async function loadPanel({ api, name, total }, key) {
  const place = [api, name, key ?? ""].join("/");
  const offset = within(offsets.get(place) ?? 0, total);
  const query = key === undefined ? `offset=${offset}&limit=${SIZE}` : path`key=${key}`;
  missing = "";
  try {
    keep({ ...(await ask("GET", `${path`panels/${api}/${name}`}?${query}`)), place });
  } catch (thrown) {
    if (key === undefined || thrown.status !== 404) throw thrown;
    [list, missing] = [null, thrown.message];
  }
}

/** Keep what came, and mark the objects that are not what they were when the same page was there before. */
function keep(next) {
  const same = list?.place === next.place && list.offset === next.offset;
  if (!same) marks.clear();
  const before = new Map((same ? list.objects : []).map(({ key, cells }) => [key, JSON.stringify(cells)]));
  const grown = same && next.offset === 0 && next.total > list.total;
  for (const { key, cells } of same ? next.objects : []) {
    const changed = before.has(key) ? before.get(key) !== JSON.stringify(cells) : grown;
    if (changed) marks.set(key, (marks.get(key) ?? 0) + 1);
  }
  list = next;
}

/** Forget the marks: they tell of changes while somebody looks. */
export function leavePanel() {
  marks.clear();
  list = null;
}

/** Return the list of a panel as it was fetched. */
export function panel({ api, name }, key, renew) {
  if (missing) return absent(api, name);
  if (list?.place !== [api, name, key ?? ""].join("/")) return nothing;
  const turn = (offset) => {
    offsets.set(list.place, offset);
    renew();
  };
  const pages = paging({ ...list, here: list.objects.length }, turn);
  return html`
    <div class="row toolbar">${key === undefined ? pages : only(api, name, key)} ${lookUp(api, name)}</div>
    ${list.objects.length ? table() : html`<p class="empty">${list.nothing}</p>`}
    ${key === undefined && list.total > SIZE ? pages : nothing}`;
}

function absent(api, name) {
  return html`<div class="row toolbar"><p>${back(api, name)}</p> ${lookUp(api, name)}</div><p class="empty">${missing}</p>`;
}

function only(api, name, key) {
  return html`<p>Only the one with the key <code>${key}</code>. ${back(api, name)}</p>`;
}

function back(api, name) {
  return html`<a href=${addressOfView("state", api, name)}>Show all</a>`;
}

function lookUp(api, name) {
  const find = (event) => {
    event.preventDefault();
    go("state", api, name, new FormData(event.target).get("key").trim());
  };
  return html`<form class="row" role="search" @submit=${find}>
    <label>Key <input name="key" required autocomplete="off" spellcheck="false" /></label><button>Look up</button>
  </form>`;
}

/** Its roles are said, since on a narrow page its rows are drawn as cards, which would take them away. */
function table() {
  return html`<div class="table objects" role="region" aria-label=${list.title} tabindex="0">
    <table role="table">
      <thead role="rowgroup"><tr role="row">
        ${list.columns.map((column) => html`<th role="columnheader" scope="col" class=${classOf(column.kind)}>${heading(column)}</th>`)}
        <th role="columnheader" scope="col" class="doing"><span class="unseen">What can be done</span></th>
      </tr></thead>
      <tbody role="rowgroup">${repeat(list.objects, ({ key }) => key, row)}</tbody>
    </table>
  </div>`;
}

function row(object) {
  const changes = marks.get(object.key) ?? 0;
  const marked = classMap({ changed: changes > 0, again: changes % 2 === 0 });
  const name = list.columns.find(({ kind }) => kind === "id") ?? list.columns[0];
  return html`<tr role="row" class=${marked} data-key=${object.key}>
    ${list.columns.map((column) => drawn(column, column === name, object.cells[column.name]))}
    <td role="cell" class="doing">${doings(object)}</td>
  </tr>`;
}

function drawn({ kind, title }, names, value) {
  const shown = cell(kind, value, list.base_url);
  const gap = value === null || value === undefined || value === "";
  const classes = `${classOf(kind)}${gap ? " gap" : ""}`;
  return names
    ? html`<th role="rowheader" scope="row" class=${classes} data-title=${title}>${shown}</th>`
    : html`<td role="cell" class=${classes} data-title=${title}>${shown}</td>`;
}

function doings(object) {
  const { key } = object;
  const tables = [...new Set([list.table, ...list.fields.map((field) => field.table)])];
  return html`${list.acts.length ? html`<div class="acts">${list.acts.map((one) => doing(one, key))}</div>` : nothing}
  <div class="row">
    ${list.fields.length ? edit(object) : nothing}
    <button class="small" aria-label="Raw row of ${key}" title="Raw row" @click=${() => showRows(key, tables)}>{…}</button>
  </div>`;
}

function edit(object) {
  return html`<button class="small" aria-label="Edit ${object.key}" @click=${() => editObject(list, object)}>Edit</button>`;
}

function doing({ name, summary }, key) {
  return html`<button class="small" title=${summary} @click=${() => act(name, key)}>${label(name)}</button>`;
}
