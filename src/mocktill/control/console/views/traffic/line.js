// One line of the list: a request with what came of it, or a remark on what happened between two.
import { html, nothing } from "../../lit/lit-html.js";
import { addressOfView } from "../../page.js";
import { basis, method, status, tag } from "../../parts/badge.js";
import { instant, timeOfDay } from "../../parts/time.js";
import { pathOf } from "./filters.js";

/** Return the line of an item; `opened` is the id of the entry that is open. */
export function lineTemplate({ entry, remark }, opened) {
  return remark ? remarkTemplate(remark) : entryTemplate(entry, entry.id === opened);
}

function remarkTemplate(remark) {
  return html`<p class="remark" title="${instant(remark.at)} UTC · ${remark.sentence}">
    <time class="mono soft" datetime=${remark.at}>${timeOfDay(remark.at)}</time>
    ${tag(remark.what)} <span class="sentence">${remark.sentence}</span>
  </p>`;
}

function entryTemplate(entry, opened) {
  const path = pathOf(entry);
  return html`<a class="entry" data-id=${entry.id} href=${addressOfView("traffic", entry.id)}
    aria-current=${opened ? "true" : "false"}>
    <time class="mono soft" datetime=${entry.at} title="${instant(entry.at)} UTC">${timeOfDay(entry.at)}</time>
    ${method(entry.method)}
    <span class="path mono" title=${path}>${path}</span>
    <span class="operation soft">${entry.api} · ${entry.operation ?? "no operation"}</span>
    <span class="answer">${entry.lost ? tag("lost", "bad", "The client never got the whole answer.") : status(entry.status)}</span>
    <span class="known">${basis(entry.basis)}</span>
    <span class="marks">${marks(entry)}</span>
  </a>`;
}

function marks({ violations, fault, changes }) {
  return html`
    ${violations.errors ? tag(counted(violations.errors, "error"), "bad", "violations that an API refuses or documents against") : nothing}
    ${violations.warnings ? tag(counted(violations.warnings, "warning"), "waiting", "violations that an API tolerates") : nothing}
    ${fault ? tag("fault", "bad", fault.sentence) : nothing}
    ${changes ? tag(counted(changes, "change"), "plain", "rows of the state that it changed") : nothing}
  `;
}

/** Return a number with its noun: `2 changes`. */
export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
