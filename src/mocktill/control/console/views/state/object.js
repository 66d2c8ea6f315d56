// One object: the dialog that changes its fields, and what can be let happen to it.
import { html } from "../../lit/lit-html.js";
import { Refused, ask, path } from "../../control.js";
import { page, redraw } from "../../page.js";
import { change } from "../../parts/change.js";
import { close, show } from "../../parts/dialog.js";
import { Form } from "../../parts/edit.js";
import { say } from "../../parts/notice.js";

/** Open the dialog in which an object is changed. */
export function editObject({ fields }, { key, values }) {
  const form = new Form(fields, values);
  const buttons = html`<div class="row end">
    <button type="button" @click=${close}>Cancel</button><button class="primary">Save</button>
  </div>`;
  const save = (event) => {
    event.preventDefault();
    keep(form, key);
  };
  show(`Edit ${key}`, () => form.template(save, buttons));
}

/** Let an act happen to an object, and say what came of it. */
export function act(name, key) {
  return change(() => ask("POST", path`acts/${name}`, { key }), ({ sentence }) => `${sentence}.`);
}

/** Return what an act is called on a button: `Pay tab` of `supertab.pay_tab`. */
export function label(name) {
  const words = name.slice(name.indexOf(".") + 1).replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

async function keep(form, key) {
  const changed = form.changes();
  if (changed && (await keepAll(form, key, changed))) {
    close();
    say(Object.keys(changed).length ? `Saved: ${key}` : "Nothing was changed.");
  }
  page.beat();
  redraw();
  setTimeout(() => document.querySelector('dialog [aria-invalid="true"]')?.focus());
}

/** Change a row of each table; what one of them refuses is said in the form, and the others stay changed. */
async function keepAll(form, key, changed) {
  for (const [table, fields] of Object.entries(changed)) {
    try {
      await ask("PATCH", path`state/${table}/${key}`, fields);
      form.keep(table);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      form.refuse(table, thrown);
    }
  }
  return !form.general && !form.refused.size;
}
