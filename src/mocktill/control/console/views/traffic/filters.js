// Which lines are listed: by API, by class of status, by violations, by a text in the path. Quick, since in the page.
import { html } from "../../lit/lit-html.js";
import { redraw } from "../../page.js";
import { linesVersion, newestFirst } from "./lines.js";

const NONE = { api: "", status: "", violations: false, text: "" };
const CLASSES = ["2", "3", "4", "5"];
let wanted = NONE;
let made = { version: -1, wanted: null, items: [] };

/** Return the items that fit, newest first; the same list until the lines or the filters are others. */
export function listed() {
  if (made.version !== linesVersion() || made.wanted !== wanted) {
    made = { version: linesVersion(), wanted, items: newestFirst().filter(fits) };
  }
  return made.items;
}

/** Return whether anything is filtered out. */
export function filtered() {
  return wanted !== NONE;
}

/** List everything. */
export function unfilter() {
  wanted = NONE;
  const { api, status, violations, text } = document.getElementById("traffic-filters").elements;
  [api.value, status.value, violations.checked, text.value] = ["", "", false, ""];
  redraw();
}

/** Return the fields; `apis` are those that are served, `{name, title}`. */
export function filterFields(apis) {
  return html`<form class="row filters" id="traffic-filters" role="search" aria-label="Which lines are listed"
    @submit=${(event) => event.preventDefault()} @input=${(event) => read(event.currentTarget)}>
    <label><span class="unseen">API</span><select name="api">
      <option value="">every API</option>
      ${apis.map((api) => html`<option value=${api.name} ?selected=${api.name === wanted.api}>${api.title}</option>`)}
    </select></label>
    <label><span class="unseen">Status</span><select name="status">
      <option value="">every status</option>
      ${CLASSES.map((one) => html`<option value=${one} ?selected=${one === wanted.status}>${one}xx</option>`)}
    </select></label>
    <label class="row"><input type="checkbox" name="violations" ?checked=${wanted.violations} /> only violations</label>
    <label class="text"><span class="unseen">Text in the path</span>
      <input type="search" name="text" placeholder="text in the path" autocomplete="off" value=${wanted.text} /></label>
  </form>`;
}

function read(form) {
  const { api, status, violations, text } = form.elements;
  const now = { api: api.value, status: status.value, violations: violations.checked, text: text.value.trim().toLowerCase() };
  wanted = Object.keys(NONE).every((name) => now[name] === NONE[name]) ? NONE : now;
  redraw();
}

function fits({ entry, remark }) {
  if (wanted === NONE) return true;
  if (remark) return !wanted.status && !wanted.violations && !wanted.text && remark.api === wanted.api;
  return (
    (!wanted.api || entry.api === wanted.api) &&
    (!wanted.status || String(entry.status).startsWith(wanted.status)) &&
    (!wanted.violations || entry.violations.errors + entry.violations.warnings > 0) &&
    (!wanted.text || pathOf(entry).toLowerCase().includes(wanted.text))
  );
}

/** Return path and query of a line. */
export function pathOf(entry) {
  return entry.query ? `${entry.path}?${entry.query}` : entry.path;
}
