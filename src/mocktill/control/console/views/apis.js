// The view of APIs: what somebody needs to begin with one, and each operation ready to be sent.
import { html } from "../lit/lit-html.js";
import { apis, loadApis } from "../parts/served.js";
import { tabs } from "../parts/tabs.js";
import { apiTemplate } from "./apis/api.js";
import { operationTemplate } from "./apis/operation.js";
import { fetchOperation } from "./apis/described.js";

async function load([name, operation]) {
  await loadApis();
  if (apis().some((api) => api.name === name && api.operations.some((one) => one.name === operation))) {
    await fetchOperation(name, operation);
  }
}

function template([name, operation]) {
  if (!apis().length) return html`<p class="soft">…</p>`;
  const api = name ? apis().find((one) => one.name === name) : apis()[0];
  return html`${tabs("apis", api?.name)}
    ${api ? chosen(api, operation) : html`<div class="empty"><p>There is no API ${name} here. Those that are have a tab above.</p></div>`}`;
}

function chosen(api, operation) {
  return operation ? operationTemplate(api, operation) : apiTemplate(api);
}

export const view = {
  name: "apis",
  title: "APIs",
  about: "Point your page at a base URL and begin. Each operation has a request that works, to copy or to send from here.",
  anew: true,
  watches: (pulse) => [pulse.generation],
  load,
  template,
};
