// Names and values, as of headers, a query or a form, with each violation at the line that it concerns.
import { html, nothing } from "../../lit/lit-html.js";
import { atName, violationTemplate } from "./violations.js";

/** Return the pairs as a list; violations of a name that is missing stand below it. */
export function pairsTemplate(pairs, violations, label) {
  const lines = pairs.map(([name, value]) => ({ name, value, said: atName(violations, name) }));
  const told = new Set(lines.flatMap((line) => line.said));
  const missing = violations.filter((violation) => !told.has(violation));
  return html`${lines.length ? html`<dl class="facts pairs" aria-label=${label}>
      ${lines.map(({ name, value, said }) => html`<dt class="mono">${name}</dt>
        <dd class="mono">${value}${said.map(violationTemplate)}</dd>`)}
    </dl>` : nothing}
    ${missing.map(violationTemplate)}`;
}
