// One operation: a request that works, as code and to be sent, and what it answers.
import { html, nothing } from "../../lit/lit-html.js";
import { repeat } from "../../lit/directives/repeat.js";
import { addressOfView, redraw } from "../../page.js";
import { basis, method, status } from "../../parts/badge.js";
import { code } from "../../parts/copy.js";
import { sentence } from "../../parts/prose.js";
import { pathOf } from "./api.js";
import { descriptionOf } from "./described.js";
import { sendTemplate } from "./send.js";

const FORMS = { curl: "curl", fetch: "fetch", python: "Python" };
let form = "curl";

/** Return an operation of an API. */
export function operationTemplate(api, name) {
  const operation = api.operations.find((one) => one.name === name);
  const described = descriptionOf(api.name, name);
  return html`<div class="stack operation">
    <p><a href=${addressOfView("apis", api.name)}>‹ All of ${api.title}</a></p>
    ${operation ? heading(operation) : html`<div class="empty"><p>${api.title} has no operation ${name}.</p></div>`}
    ${operation && described ? repeat([described], () => `${api.name}.${name}`, () => content(api, described)) : nothing}
  </div>`;
}

function heading(operation) {
  return html`<header>
    <h2>${operation.summary}</h2>
    <p class="row">${method(operation.method)} <code>${pathOf(operation)}</code> ${basis(operation.basis)}
      ${operation.open ? html`<span class="tag">needs no credentials</span>` : nothing}</p>
    <p class="soft small-text">Source: ${operation.source}</p>
  </header>`;
}

function content(api, described) {
  return html`<div class="stack">
    ${described.about ? html`<p class="notice waiting"><span>${sentence(described.about)}</span></p>` : nothing}
    <div class="side-by-side">
      <section class="card"><h3>A request that works</h3>${copies(described.copies)}</section>
      <section class="card"><h3>Send it from here</h3>${sendTemplate(api, described)}</section>
    </div>
    <section><h3>What it answers, and refuses with</h3>${answers(described.answers)}</section>
  </div>`;
}

function copies(texts) {
  return html`<div class="tabs" role="tablist" aria-label="The request as" @keydown=${turn}>
      ${Object.entries(FORMS).map(([key, title]) => html`<button role="tab" id="form-${key}" aria-selected=${key === form ? "true" : "false"}
        aria-controls="form" tabindex=${key === form ? 0 : -1} @click=${() => choose(key)}>${title}</button>`)}
    </div>
    <div id="form" role="tabpanel" aria-labelledby="form-${form}">${code(texts[form], `the request as ${FORMS[form]}`)}</div>`;
}

function choose(key) {
  form = key;
  redraw();
}

/** The arrow keys go from tab to tab. */
function turn(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const keys = Object.keys(FORMS);
  choose(keys[(keys.indexOf(form) + by + keys.length) % keys.length]);
  document.getElementById(`form-${form}`).focus();
}

function answers(told) {
  return html`<div class="table" tabindex="0" role="region" aria-label="Answers"><table>
    <thead><tr><th scope="col">Status</th><th scope="col">Type</th><th scope="col">Text</th><th scope="col">Basis</th>
      <th scope="col">Source</th></tr></thead>
    <tbody>${told.map((one) => html`<tr>
      <td>${status(one.status)}</td><td><code>${one.type}</code></td><td class="text">${one.text}</td><td>${basis(one.basis)}</td>
      <td class="soft">${one.source}</td></tr>`)}</tbody>
  </table></div>`;
}
