// The view of snapshots: copies of the sandbox by name, all of it as a file, and the way back to the beginning.
import { html } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { ask, askText, path, sandbox } from "../control.js";
import { page } from "../page.js";
import { change } from "../parts/change.js";
import { confirm } from "../parts/dialog.js";
import { Draft, field, wrongElsewhere } from "../parts/draft.js";
import { download, fileButton } from "../parts/file.js";
import { attempt } from "../parts/notice.js";
import { instant } from "../parts/time.js";
import { save, upload } from "./snapshots/saving.js";

const NAME = {
  name: "snapshot",
  label: "Name of the snapshot",
  at: ["/snapshot"],
  example: "before-checkout",
  hint: "Letters, digits, dot, dash, underscore.",
};
const draft = new Draft();
let snapshots = [];

export const view = {
  name: "snapshots",
  title: "Snapshots",
  about: "Save the sandbox under a name and bring it back: rows, clock, choices, seed and faults. A hold keeps what it had left.",
  watches: (pulse) => [pulse.snapshots, pulse.generation],
  load,
  template,
};

async function load() {
  if (!page.pulse?.exists) return (snapshots = []); // asking would make the sandbox
  ({ snapshots } = await ask("GET", "snapshots"));
}

function template() {
  return html`<div class="stack wide-stack">
    <section class="stack" aria-labelledby="saved">
      <h2 class="unseen" id="saved">Saved</h2>
      <form class="row saving" novalidate @submit=${submit}>
        ${field(draft, NAME)} <button class="primary">Save as it is now</button>
        ${fileButton("Upload a snapshot…", (file) => upload(file, snapshots))}
      </form>
      ${wrongElsewhere(draft)}
      ${snapshots.length ? table() : none()}
    </section>
    ${whole()} ${beginning()}
  </div>`;
}

function none() {
  return html`<p class="empty">None is saved. Save one before you try something, and restore it afterwards.</p>`;
}

function submit(event) {
  event.preventDefault();
  save(draft, NAME, snapshots);
}

function table() {
  return html`<div class="table"><table class="folding">
    <thead><tr><th scope="col">Name</th><th scope="col">Sandbox time, UTC</th><th scope="col" class="number">Rows</th>
      <th scope="col"><span class="unseen">What to do with it</span></th></tr></thead>
    <tbody>${repeat(snapshots, ({ name }) => name, row)}</tbody>
  </table></div>`;
}

function row({ name, at, rows }) {
  return html`<tr>
    <th scope="row"><code>${name}</code></th><td class="mono nowrap">${instant(at)}</td><td class="number" data-label="Rows">${rows}</td>
    <td><div class="row end nowrap">
      <button class="small" aria-label="Restore ${name}" @click=${() => restore(name)}>Restore</button>
      <button class="small" aria-label="Download ${name}" @click=${() => keep(name)}>Download</button>
      <button class="small danger" aria-label="Delete ${name}" @click=${() => forget(name)}>Delete</button>
    </div></td>
  </tr>`;
}

function restore(name) {
  return change(() => ask("POST", path`snapshots/${name}/restore`), `Restored: ${name}.`);
}

function keep(name) {
  return fetched(path`snapshots/${name}`, `${name}.json`);
}

function fetched(from, file) {
  return attempt(async () => download(file, await askText("GET", from)), `Downloaded: ${file}.`);
}

function forget(name) {
  confirm(`Delete ${name}?`, "The snapshot is gone then. The sandbox stays as it is.", "Delete", () =>
    change(() => ask("DELETE", path`snapshots/${name}`), `Deleted: ${name}.`),
  );
}

function whole() {
  return html`<section class="card stack" aria-labelledby="state">
    <h2 id="state">The whole state as a file</h2>
    <p class="soft">All rows, the clock, the choices and the seed, to be kept in a repository or looked through. Secrets are masked. Faults
      are in snapshots alone.</p>
    <div class="row"><button @click=${() => fetched("state", `${sandbox}.json`)}>Download the state</button>
      ${fileButton("Load a state…", replace)}</div>
  </section>`;
}

function replace(file) {
  const sentence = `All rows, the clock, the choices and the seed become what ${file.name} says. The journal and the snapshots stay.`;
  confirm("Replace the state?", sentence, "Replace", () => change(() => ask("PUT", "state", file), `Loaded: ${file.name}.`));
}

function beginning() {
  return html`<section class="card stack" aria-labelledby="reset">
    <h2 id="reset">Back to the beginning</h2>
    <p class="soft">Rows and ids, the clock, the choices and the seed are as when the sandbox was made; no fault is in force, and the
      journal is empty. Snapshots stay.</p>
    <div class="row"><button class="danger" @click=${reset}>Reset the sandbox</button></div>
  </section>`;
}

function reset() {
  const sentence = `All rows, the clock, the choices and the seed go back to the beginning; the faults and the journal are gone.
    Snapshots stay.`;
  confirm(`Reset ${sandbox}?`, sentence, "Reset", () =>
    change(() => ask("POST", "reset"), "The sandbox is as it was at the beginning."),
  );
}
