// The view of APIs: what somebody needs to begin with one, and each operation ready to be sent.
import { html } from "../lit/lit-html.js";
import { ask } from "../control.js";
import { addressOfView } from "../page.js";
import { apiTemplate } from "./apis/api.js";
import { operationTemplate } from "./apis/operation.js";
import { fetchOperation } from "./apis/described.js";

let apis = [];

async function load([name, operation]) {
  apis = (await ask("GET", "apis")).apis;
  if (apis.some((api) => api.name === name && api.operations.some((one) => one.name === operation))) {
    await fetchOperation(name, operation);
  }
}

function template([name, operation]) {
  if (!apis.length) return html`<p class="soft">…</p>`;
  const api = name ? apis.find((one) => one.name === name) : apis[0];
  return html`
    <nav class="tabs" aria-label="APIs">
      ${apis.map((one) => html`<a href=${addressOfView("apis", one.name)} aria-current=${one === api ? "page" : "false"}>${one.title}</a>`)}
    </nav>
    ${api ? chosen(api, operation) : html`<div class="empty"><p>There is no API ${name} here. Those that are have a tab above.</p></div>`}
  `;
}

function chosen(api, operation) {
  return operation ? operationTemplate(api, operation) : apiTemplate(api);
}

export const view = {
  name: "apis",
  title: "APIs",
  about: "Point your page at a base URL and begin. Each operation has a request that works, to copy or to send from here.",
  watches: (pulse) => [pulse.generation],
  load,
  template,
};
