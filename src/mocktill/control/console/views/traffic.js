// The view of traffic: what was asked and answered, newest first, and all of one request beside it.
import { html, nothing } from "../lit/lit-html.js";
import { ask } from "../control.js";
import { page, redraw } from "../page.js";
import { confirm } from "../parts/dialog.js";
import { attempt } from "../parts/notice.js";
import { apis, loadApis } from "../parts/served.js";
import { entryTemplate } from "./traffic/entry.js";
import { fetchLines } from "./traffic/lines.js";
import { listTemplate, reveal } from "./traffic/list.js";
import { fetchCopies, fetchEntry, forgetEntry, openedEntry } from "./traffic/opened.js";

let revealed = 0;

async function load(place) {
  await Promise.all([loadApis(), fetchLines()]);
  const id = idOf(place);
  if (!id || !page.pulse.exists) return forgetEntry(); // asking would make the sandbox
  await fetchEntry(id);
  fetchCopies().then(redraw);
}

function idOf(place) {
  return Number(place[0]) || 0;
}

function template(place) {
  const id = idOf(place);
  show(id);
  return html`<div class="traffic ${id ? "with-entry" : ""}">
    ${listTemplate(id, apis())} ${id ? entryTemplate(openedEntry(id)) : nothing}
  </div>`;
}

/** An entry that was turned to is brought into view, once: whoever scrolls then goes where they like. */
function show(id) {
  if (id === revealed) return;
  if (!id) revealed = 0;
  else queueMicrotask(() => reveal(id) && (revealed = id));
}

function actions() {
  return html`<button class="danger" ?disabled=${!page.pulse?.journal.kept} @click=${askToClear}>Clear</button>`;
}

function askToClear() {
  const { kept } = page.pulse.journal;
  confirm("Clear the journal?", `${kept.toLocaleString("en")} kept entries of this sandbox are forgotten. Its state stays.`, "Clear", clear);
}

async function clear() {
  await attempt(() => ask("DELETE", "journal"), "The journal is empty.");
  page.beat();
}

export const view = {
  name: "traffic",
  title: "Traffic",
  about: "What was asked and answered, newest first. A line opens to all of it: why it was answered so, and what it changed.",
  watches: (pulse) => [pulse.journal, pulse.generation],
  load,
  template,
  actions,
};
