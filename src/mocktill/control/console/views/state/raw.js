// The rows behind an object as JSON, to be read and to be changed as they are.
import { html, nothing } from "../../lit/lit-html.js";
import { Refused, ask, path } from "../../control.js";
import { page, redraw } from "../../page.js";
import { close, show } from "../../parts/dialog.js";
import { attempt, say } from "../../parts/notice.js";

const MASK = "***";
const LINES = { least: 3, most: 20 };

/** Open the dialog with the rows that have a key in some tables. */
export async function showRows(key, tables) {
  const rows = await attempt(() => Promise.all(tables.map((table) => find(table, key))));
  if (!rows) return;
  const save = (event) => {
    event.preventDefault();
    keep(event.target, key, rows);
  };
  show(`Raw ${rows.length === 1 ? "row" : "rows"} of ${key}`, () => template(rows, save));
}

async function find(table, key) {
  try {
    const { rows } = await ask("GET", path`state/${table}?key=${key}`);
    return { table, row: rows[0].row, wrong: "" };
  } catch (thrown) {
    if (thrown.status !== 404) throw thrown;
    return { table, row: null, wrong: "" };
  }
}

function template(rows, save) {
  return html`<form class="stack" @submit=${save}>
    ${rows.map(editor)}
    <p class="soft small-text">Only what you change is sent. A masked value (<code>${MASK}</code>) that you leave as it is stays what it was.</p>
    <div class="row end"><button type="button" @click=${close}>Cancel</button><button class="primary">Save</button></div>
  </form>`;
}

function editor({ table, row, wrong }) {
  if (row === null) return html`<p class="soft">There is no such row in <code>${table}</code>.</p>`;
  const text = written(row);
  const lines = Math.min(LINES.most, Math.max(LINES.least, text.split("\n").length));
  return html`<div class="field">
    <label for=${table}>Row of <code>${table}</code></label>
    <textarea id=${table} name=${table} rows=${lines} spellcheck="false" aria-invalid=${wrong ? "true" : "false"}
      .value=${text}></textarea>
    ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
  </div>`;
}

async function keep(form, key, rows) {
  const texts = new FormData(form);
  const there = rows.filter(({ row }) => row !== null);
  const changed = there.map((one) => difference(one, texts.get(one.table)));
  if (there.every((one) => !one.wrong)) {
    await Promise.all(there.map((one, place) => send(one, key, changed[place])));
    if (there.every((one) => !one.wrong)) {
      close();
      say(changed.some((fields) => Object.keys(fields).length) ? `Saved: ${key}` : "Nothing was changed.");
    }
    page.beat();
  }
  redraw();
}

async function send(one, key, fields) {
  if (!Object.keys(fields).length) return;
  try {
    await ask("PATCH", path`state/${one.table}/${key}`, fields);
    one.row = { ...one.row, ...fields };
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    one.wrong = thrown.message;
  }
}

/** Return what differs from the row in a text; what is wrong with the text becomes what is said of the row. */
function difference(one, text) {
  const now = read(one, text);
  if (one.wrong) return {};
  const same = (name) => JSON.stringify(now[name]) === JSON.stringify(one.row[name]);
  const changed = Object.keys(now).filter((name) => !same(name));
  const gone = Object.keys(one.row).filter((name) => !(name in now));
  const masked = changed.filter((name) => JSON.stringify(now[name]).includes(MASK));
  if (gone.length) one.wrong = `A field cannot be taken out of a row, only changed: ${gone.join(", ")}.`;
  else if (masked.length) one.wrong = `Write the value itself where it is masked: ${masked.join(", ")}.`;
  return Object.fromEntries(changed.map((name) => [name, now[name]]));
}

function read(one, text) {
  one.wrong = "";
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
    one.wrong = "A row is a JSON object: {…}.";
  } catch (thrown) {
    one.wrong = `This is no JSON: ${thrown.message}`;
  }
  return {};
}

function written(row) {
  return JSON.stringify(row, null, 2);
}
