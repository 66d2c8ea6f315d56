// An opened line: everything that is known of one request.
import { html, nothing } from "../../lit/lit-html.js";
import { repeat } from "../../lit/directives/repeat.js";
import { addressOfView } from "../../page.js";
import { basis, status, tag } from "../../parts/badge.js";
import { code } from "../../parts/copy.js";
import { prose, sentence } from "../../parts/prose.js";
import { instant } from "../../parts/time.js";
import { changesTemplate } from "./changes.js";
import { copiesTemplate } from "./copies.js";
import { counted } from "./line.js";
import { lineOf } from "./lines.js";
import { neighbour } from "./list.js";
import { requestTemplate, responseTemplate } from "./message.js";

/** Return the entry that is open. */
export function entryTemplate(opened) {
  return html`<section class="traffic-entry" aria-label="Entry ${opened.id}">
    <div class="row ways">
      <a href=${addressOfView("traffic")}>‹ All requests</a>
      <span class="row">${way("Newer", neighbour(opened.id, -1))} ${way("Older", neighbour(opened.id, 1))}</span>
    </div>
    ${repeat([opened], ({ id }) => id, content)}
  </section>`;
}

function way(label, id) {
  return id ? html`<a href=${addressOfView("traffic", id)}>${label}</a>` : html`<span class="soft">${label}</span>`;
}

function content({ id, entry, read, copies, gone }) {
  if (gone) return goneTemplate(id, gone);
  if (!entry) return html`<h2>Entry ${id}</h2><p class="soft">…</p>`;
  return html`<div class="stack">
    <header class="stack tight">
      <h2 class="row">${status(entry.response.status)} <span>${entry.request.method} <span class="path">${entry.request.path}</span></span></h2>
      <p class="soft small-text">Entry ${id} · ${instant(entry.at)} UTC · ${operation(entry)}</p>
      ${copiesTemplate(id, copies)}
    </header>
    ${summary(entry)} ${fault(entry)} ${nearest(entry)} ${requestTemplate(entry, read.request)}
    ${passing(entry.passing)} ${responseTemplate(entry, read.response)}
    ${basisTemplate(entry)} ${changesTemplate(entry.changes)} ${notes(entry.notes)}
  </div>`;
}

function operation({ api, operation: name }) {
  if (!name) return html`<a href=${addressOfView("apis", api)}>${api}</a>: no operation matched`;
  return html`<a href=${addressOfView("apis", api, name)}>${api}.${name}</a>`;
}

/** What departs from the contract, counted: the words stand at the fields below. */
function summary({ violations }) {
  if (!violations.length) return nothing;
  const errors = violations.filter((violation) => violation.severity === "error").length;
  const said = [errors && counted(errors, "error"), violations.length - errors && counted(violations.length - errors, "warning")];
  return html`<p class="notice ${errors ? "bad" : "waiting"}"><span>${said.filter(Boolean).join(" and ")} against the contract: the
    request below says at which field.</span></p>`;
}

function fault({ fault: struck, lost }) {
  if (!struck) return nothing;
  return html`<section class="card struck">
    <h3>Fault</h3>
    <p>The rule ${tag(struck.id, "bad")} ${struck.sentence}. ${struck.undone
      ? "Nothing came of the request: the state is as it was."
      : "What the request did to the state is kept."}</p>
    ${lost ? html`<p>The response below is what the answer would have been: the client never got the whole of it.</p>` : nothing}
    <p><a href=${addressOfView("faults")}>To the rules in force</a></p>
  </section>`;
}

function nearest({ api, nearest: near }) {
  if (!near.length) return nothing;
  return html`<section class="card">
    <h3>No operation matched. The nearest</h3>
    <ul class="near">${near.map((one) => html`<li><a class="mono" href=${addressOfView("apis", api, one.operation)}>${one.method}
      ${one.path}</a><span>${prose(one.why)}</span></li>`)}</ul>
  </section>`;
}

function passing(found) {
  if (!found) return nothing;
  return html`<section class="card">
    <h3>What would pass</h3>
    <p>${sentence(found.about)}</p>
    ${found.curl.map((line) => code(line, "curl that would pass"))}
  </section>`;
}

function basisTemplate({ basis: known, choices }) {
  return html`<section class="card">
    <h3>How well the answer is known</h3>
    <p>${basis(known)} ${choices.length ? "These choices decided it:" : "No choice decided it."}</p>
    ${choices.length ? html`<dl class="facts">${choices.map((choice) => html`
      <dt><a class="mono" href=${addressOfView("choices", choice.name)}>${choice.name}</a></dt>
      <dd><code>${choice.value}</code> ${basis(choice.basis)}</dd>`)}</dl>` : nothing}
  </section>`;
}

function notes(said) {
  if (!said.length) return nothing;
  return html`<section class="card"><h3>Notes</h3><ul>${said.map((note) => html`<li>${sentence(note)}</li>`)}</ul></section>`;
}

function goneTemplate(id, gone) {
  const line = lineOf(id);
  return html`<h2>Entry ${id}</h2>
    <div class="notice waiting"><p>${line
      ? "The journal does not keep this entry any more: it had to make room for newer ones. What is left of it is its line."
      : `The journal does not keep this entry: ${gone}.`}</p></div>
    ${line ? html`<p>${status(line.status)} <code>${line.method} ${line.path}</code>, ${instant(line.at)} UTC</p>` : nothing}`;
}
