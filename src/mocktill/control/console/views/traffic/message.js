// The request and the response of an entry: their first line, headers, query and body.
import { html, nothing } from "../../lit/lit-html.js";
import { method, status } from "../../parts/badge.js";
import { counted } from "./line.js";
import { bodyTemplate, readBody } from "./body.js";
import { pairsTemplate } from "./pairs.js";
import { ofPart, violationTemplate } from "./violations.js";

/** Read the bodies of an entry, once. */
export function readBodies({ request, response }) {
  const sent = new Map(response.headers.map(([name, value]) => [name.toLowerCase(), value]));
  return {
    request: readBody(request, request.headers["content-type"] ?? ""),
    response: readBody(response, sent.get("content-type") ?? ""),
  };
}

/** Return what was asked, with each violation at what it concerns. */
export function requestTemplate({ request, violations }, read) {
  const query = [...new URLSearchParams(request.query)];
  const ofHeaders = ofPart(violations, "header");
  return html`<section class="card message">
    <h3>Request</h3>
    <p class="target">${method(request.method)} <code>${request.url}</code></p>
    ${ofPart(violations, "path").map(violationTemplate)}
    ${query.length || ofPart(violations, "query").length ? html`<h4>Query</h4>
      ${pairsTemplate(query, ofPart(violations, "query"), "Query")}` : nothing}
    ${headersTemplate(Object.entries(request.headers), ofHeaders, "Headers of the request")}
    <h4>Body</h4>
    ${bodyTemplate(read, "Body of the request", ofPart(violations, "body"))}
  </section>`;
}

/** Return what was answered, or would have been. */
export function responseTemplate({ response, lost }, read) {
  return html`<section class="card message">
    <h3>${lost ? "Response, as it would have been" : "Response"}</h3>
    <p class="target">${status(response.status)}
      ${lost ? html`<span class="soft">The client never got the whole of it.</span>` : nothing}</p>
    ${headersTemplate(response.headers, [], "Headers of the response")}
    <h4>Body</h4>
    ${bodyTemplate(read, "Body of the response")}
  </section>`;
}

/** Headers are opened on demand; what is wrong with one stands in sight. */
function headersTemplate(headers, violations, label) {
  return html`<details ?open=${violations.length > 0}><summary>${counted(headers.length, "header")}</summary>
    ${pairsTemplate(headers, violations, label)}</details>`;
}
