// What a request changed in the state: per row the fields that differ, as they were and as they are.
import { html, nothing } from "../../lit/lit-html.js";
import { addressOfView } from "../../page.js";
import { tag } from "../../parts/badge.js";

const LONG = 2000;

/** Return the state changes of an entry. */
export function changesTemplate(changes) {
  return html`<section class="card">
    <h3>State changes</h3>
    ${changes.length ? changes.map(changeTemplate) : html`<p class="soft">It changed nothing.</p>`}
  </section>`;
}

function changeTemplate({ table, key, before, after }) {
  const kind = before === null ? tag("new row", "good") : after === null ? tag("deleted", "bad") : tag("changed");
  const times = [before && "Before", after && "After"].filter(Boolean);
  return html`<div class="change">
    <p class="row"><a class="mono" href=${addressOfView("state", "tables", table)}>${table}</a> <code>${key}</code> ${kind}</p>
    <div class="table" tabindex="0" role="region" aria-label="${table} ${key}"><table>
      <thead><tr><th scope="col">Field</th>${times.map((time) => html`<th scope="col">${time}</th>`)}</tr></thead>
      <tbody>${differences(before ?? {}, after ?? {}).map(({ name, was, is }) => html`<tr>
        <th scope="row" class="mono">${name}</th>
        ${before ? html`<td class="mono">${shown(was)}</td>` : nothing}${after ? html`<td class="mono">${shown(is)}</td>` : nothing}
      </tr>`)}</tbody>
    </table></div>
  </div>`;
}

/** Return the fields that differ, at any depth of objects: `{name, was, is}`. */
function differences(before, after, within = "") {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (isObject(was) && isObject(is)) return differences(was, is, `${within}${name}.`);
    return [{ name: within + name, was, is }];
  });
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value) {
  if (value === undefined) return "—";
  const text = JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}
