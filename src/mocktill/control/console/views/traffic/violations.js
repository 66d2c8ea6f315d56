// In which way a request departs from the contract, in words, where it does.
import { html, nothing } from "../../lit/lit-html.js";
import { tag } from "../../parts/badge.js";

const TONES = { error: "bad", warning: "waiting" };
const LONG = 300;

/** Return those of the violations that concern a part of the request: `body`, `query`, `path` or `header`. */
export function ofPart(violations, part) {
  return violations.filter((violation) => violation.at === part);
}

/** Return the name of what a violation concerns: of `/a/0/b~1c` it is `a.0.b/c`; without one it is the whole. */
export function nameOf(violation, whole = "the whole") {
  const parts = violation.pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join(".") || whole;
}

/** Return what is wrong, in words. */
export function words({ rule, expected, got }) {
  if (rule === "sentence") return expected;
  if (rule === "required") return "is missing";
  if (rule === "additionalProperties") return `is not known to this API, and got ${short(got)}`;
  return `expected ${expected}, got ${short(got)}`;
}

function short(text) {
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** Return a violation with all that is known of it. */
export function violationTemplate(violation) {
  return html`<div class="violation ${TONES[violation.severity] ?? "plain"}">
    ${tag(violation.severity, TONES[violation.severity])}
    <span><b>${nameOf(violation, violation.at)}</b> ${words(violation)}
      ${violation.source ? html`<span class="source">${violation.source}</span>` : nothing}</span>
  </div>`;
}

/** Return the violations at a named line, as of a header or a parameter: matched without regard to case. */
export function atName(violations, name) {
  const wanted = name.toLowerCase();
  return violations.filter((violation) => topOf(violation) === wanted || nameOf(violation).toLowerCase() === dotted(wanted));
}

function topOf(violation) {
  return nameOf(violation).split(".")[0].toLowerCase();
}

function dotted(name) {
  return name.replaceAll("]", "").replaceAll("[", ".");
}
