// One API: where it is, what it can be asked, and the values that make it answer otherwise.
import { html, nothing } from "../../lit/lit-html.js";
import { addressOfView } from "../../page.js";
import { basis, method } from "../../parts/badge.js";
import { code, copyable } from "../../parts/copy.js";
import { prose } from "../../parts/prose.js";

/** Return what somebody needs to begin with an API. */
export function apiTemplate(api) {
  return html`<div class="stack api">
    ${begin(api)}
    <section><h2>Operations</h2>${operations(api)}</section>
    ${api.magic.length ? html`<section><h2>Magic values</h2>${magic(api)}</section>` : nothing}
  </div>`;
}

function begin(api) {
  return html`<section class="card">
    <div class="heading"><h2>${api.title}</h2>
      <a href="../reference/?api=${encodeURIComponent(api.name)}">API reference</a></div>
    <dl class="facts">
      <dt>Base URL</dt><dd>${copyable(api.base_url)}</dd>
      <dt>Hosts it stands for</dt><dd>${api.hosts.map((host) => html`<code>${host}</code> `)}</dd>
    </dl>
    ${api.curl.map((line) => code(line, "first request as curl"))}
  </section>`;
}

function operations(api) {
  return html`<ul class="operations">
    ${api.operations.map((operation) => html`<li>
      <a href=${addressOfView("apis", api.name, operation.name)}>
        ${method(operation.method)}
        <span class="mono path">${pathOf(operation)}</span>
        <span class="summary">${operation.summary}</span>
        <span class="known">${basis(operation.basis)}</span>
      </a>
    </li>`)}
  </ul>`;
}

/** Return the path of an operation below the base URL, with the first of the prefixes that it has. */
export function pathOf(operation) {
  return `${operation.prefixes[0] ?? ""}${operation.path}`;
}

function magic(api) {
  return html`<p class="soft small-text">Put one of these where it belongs, and the answer is another. All of them are there from the
      beginning, and after each reset.</p>
    <div class="table magic" tabindex="0" role="region" aria-label="Magic values of ${api.title}"><table>
      <thead><tr><th scope="col">Among</th><th scope="col">Value</th><th scope="col">What it does</th></tr></thead>
      <tbody>${api.magic.map((one) => html`<tr>
        <td class="soft">${one.table.replaceAll("_", " ")}</td><td>${copyable(one.key)}</td><td>${prose(one.sentence)}</td>
      </tr>`)}</tbody>
    </table></div>`;
}
