// What can be done with the request of an entry: copied to send it again from elsewhere, or asked again at once.
import { html, nothing } from "../../lit/lit-html.js";
import { ask, path } from "../../control.js";
import { go } from "../../page.js";
import { copyButton } from "../../parts/copy.js";
import { attempt } from "../../parts/notice.js";
import { sentence } from "../../parts/prose.js";

const FORMS = { curl: "Copy as curl", fetch: "Copy as fetch", python: "Copy as Python", pytest: "Copy as pytest" };

/** Return the buttons; the texts come a moment after the entry. */
export function copiesTemplate(id, copies) {
  return html`<div class="row" role="group" aria-label="Send it again">
      ${Object.entries(FORMS).map(([form, label]) => (copies?.[form] ? copyButton(label, copies[form], label.slice(5)) : html`<button
        class="small" disabled>${label}</button>`))}
      <button class="small" @click=${() => replay(id)}>Replay</button>
    </div>
    ${copies?.about ? html`<p class="soft small-text">${sentence(copies.about)}</p>` : nothing}`;
}

async function replay(id) {
  const told = await attempt(
    () => ask("POST", path`journal/${id}/replay`),
    (answer) => [`Asked again: ${answer.status}.`, answer.about].filter(Boolean).join(" "),
  );
  if (told) go("traffic", told.entry);
}
