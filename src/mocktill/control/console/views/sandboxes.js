// The view of sandboxes: who is there, one more, one less, and the way to each.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { addressOf, ask, path, sandbox } from "../control.js";
import { redraw } from "../page.js";
import { tag } from "../parts/badge.js";
import { change } from "../parts/change.js";
import { confirm } from "../parts/dialog.js";
import { loadApis } from "../parts/served.js";
import { instant } from "../parts/time.js";
import { form } from "./sandboxes/form.js";

const MOST = 100;
let there = { sandboxes: [], limit: 0 };
let word = "";

export const view = {
  name: "sandboxes",
  title: "Sandboxes",
  about: "Each has state, time, faults, choices, journal and snapshots of its own. One for each test or each developer keeps them apart.",
  // the pulse tells of this page's sandbox alone: the others are looked at once a second
  watches: (pulse) => [pulse.sandboxes, pulse.rows, pulse.journal, Math.floor(Date.now() / 1000)],
  load,
  template,
};

async function load() {
  [there] = await Promise.all([ask("GET", "sandboxes"), loadApis()]);
}

function template() {
  const { sandboxes, limit } = there;
  const found = sandboxes.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()));
  return html`<div class="stack wide-stack">
    <section aria-labelledby="there">
      <div class="heading"><h2 id="there">Those that there are</h2>
        <span class="soft small-text">${sandboxes.length} of ${limit} at the most</span></div>
      ${sandboxes.length > 10 || word ? search() : nothing}
      ${found.length ? table(found.slice(0, MOST)) : nothing}
      ${found.length > MOST ? html`<p class="soft">${found.length - MOST} more: search for a name.</p>` : nothing}
      ${!found.length && word ? html`<p class="empty">None has this in its name.</p>` : nothing}
    </section>
    ${form(sandboxes)}
  </div>`;
}

function search() {
  return html`<search class="row filters"><label class="row grow"><span class="unseen">Search the sandboxes</span>
    <input type="search" class="grow" placeholder="Search for a name" .value=${word}
      @input=${(event) => seek(event.target.value)} /></label></search>`;
}

function seek(text) {
  word = text;
  redraw();
}

function table(found) {
  return html`<div class="table"><table class="folding">
    <thead><tr><th scope="col">Name</th><th scope="col">Its time, UTC</th><th scope="col" class="number">Rows</th>
      <th scope="col" class="number">Entries</th><th scope="col">Stays</th>
      <th scope="col"><span class="unseen">What to do with it</span></th></tr></thead>
    <tbody>${repeat(found, ({ name }) => name, row)}</tbody>
  </table></div>`;
}

function row({ name, kept, now, entries, rows }) {
  return html`<tr>
    <th scope="row"><a href=${addressOf(name)} aria-label="Open ${name}"><code>${name}</code></a>
      ${name === sandbox ? tag("this page", "good") : nothing}</th>
    <td class="mono nowrap">${instant(now)}</td>
    <td class="number" data-label="Rows">${rows}</td><td class="number" data-label="Entries">${entries}</td>
    <td data-label="Stays">${stays(name, kept)}</td>
    <td class="number nowrap">${remove(name)}</td>
  </tr>`;
}

function stays(name, kept) {
  if (name === "default") return "always";
  return kept ? "until it is deleted" : "while there is room";
}

function remove(name) {
  if (name === "default") return nothing;
  if (name === sandbox) return html`<a href=${addressOf("default")}>to the default one, to delete it</a>`;
  return html`<button class="small danger" aria-label="Delete ${name}" @click=${() => forget(name)}>Delete</button>`;
}

function forget(name) {
  const sentence = "The sandbox is gone then, with its journal and its snapshots. A request to it makes a fresh one.";
  confirm(`Delete ${name}?`, sentence, "Delete", () =>
    change(() => ask("DELETE", path`sandboxes/${name}`), `Deleted: ${name}.`),
  );
}
