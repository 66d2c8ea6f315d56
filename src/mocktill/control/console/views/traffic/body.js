// A body as it is shown: JSON and forms by their fields, text as it is, anything else by its size.
import { html, nothing } from "../../lit/lit-html.js";
import { isJson, JsonText } from "../../parts/json.js";
import { pairsTemplate } from "./pairs.js";
import { violationTemplate } from "./violations.js";

const FORM = "application/x-www-form-urlencoded";
const KEPT = 64 * 1024;

/** Return what is shown of the body of a message; it is read once, however often it is drawn. */
export function readBody({ body, body_encoding: encoding }, type) {
  if (!body) return { kind: "none" };
  if (encoding === "base64") return { kind: "binary", bytes: Math.floor((body.length * 3) / 4) - (/=*$/.exec(body)[0].length) };
  const cut = new TextEncoder().encode(body).length >= KEPT;
  if (isJson(body)) return { kind: "json", json: new JsonText(body), cut };
  if (type.startsWith(FORM)) return { kind: "form", pairs: [...new URLSearchParams(body)], cut };
  return { kind: "text", text: body, cut };
}

/** Return a body that was read, with the violations that concern it at their fields. */
export function bodyTemplate(read, label, violations = []) {
  return html`${drawn(read, label, violations)}
    ${read.cut ? html`<p class="soft small-text">The journal keeps the first 64 KiB of a body: the rest of it is not here.</p>` : nothing}`;
}

function drawn(read, label, violations) {
  if (read.kind === "json") return read.json.template(label, violations, violationTemplate);
  if (read.kind === "form") return pairsTemplate(read.pairs, violations, label);
  return html`${plain(read, label)} ${violations.map(violationTemplate)}`;
}

function plain(read, label) {
  if (read.kind === "none") return html`<p class="soft">No body.</p>`;
  if (read.kind === "binary") return html`<p class="soft">A binary body of ${read.bytes.toLocaleString("en")} bytes, which is not shown.</p>`;
  return html`<div class="code"><pre tabindex="0" role="region" aria-label=${label}>${read.text}</pre></div>`;
}
