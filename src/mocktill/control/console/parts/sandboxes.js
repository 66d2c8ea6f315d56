// The picker of the sandbox: which one the page is about is in its address.
import { html } from "../lit/lit-html.js";
import { addressOf, ask, sandbox } from "../control.js";
import { addressOfView, page, redraw } from "../page.js";

let names = [sandbox];
let known = null;

/** Return the picker; it asks for the names again when the pulse says that there are others. */
export function sandboxPicker() {
  if (page.pulse && page.pulse.sandboxes !== known) {
    known = page.pulse.sandboxes;
    refresh();
  }
  return html`<div class="sandbox">
    <label><span class="word">Sandbox</span>
      <select @change=${(event) => location.assign(addressOf(event.target.value))}>
        ${names.map((name) => html`<option value=${name} ?selected=${name === sandbox}>${name}</option>`)}
      </select></label>
    <a href=${addressOfView("sandboxes")}>all</a>
  </div>`;
}

async function refresh() {
  try {
    const { sandboxes } = await ask("GET", "sandboxes");
    names = [...new Set([sandbox, ...sandboxes.map((one) => one.name)])].sort();
    redraw();
  } catch {
    known = null; // asked again with the next pulse
  }
}
