// The form for a new sandbox: a name is enough, and what else it can begin with is under "more".
import { html } from "../../lit/lit-html.js";
import { Refused, addressOf, ask } from "../../control.js";
import { redraw } from "../../page.js";
import { confirm } from "../../parts/dialog.js";
import { Draft, chosen, field, option, wrongElsewhere } from "../../parts/draft.js";
import { say } from "../../parts/notice.js";
import { apis } from "../../parts/served.js";
import { beginning } from "./beginning.js";

const FIELDS = {
  name: { name: "sandbox", label: "Name", at: ["/name"], example: "made up", hint: "Letters, digits, dot, dash, underscore." },
  now: {
    name: "now", label: "A clock that stands still at", at: ["/now"],
    example: "2026-03-02T12:00:00Z", hint: "Without it, it runs from the real time.",
  },
  answers: { name: "answers", label: "Answers", at: ["/answers"] },
  seed: { name: "seed", label: "Seed", at: ["/seed"], example: "7", hint: "Of everything that is made up: an integer." },
  populate: {
    name: "populate", label: "Made-up objects", at: ["/populate"],
    example: "0", hint: "As many of each API, 1,000 at the most.",
  },
  populate_api: { name: "populate_api", label: "Of", at: ["/populate_api"] },
  choices: {
    name: "choices", label: "Choices", at: ["/choices"], rows: 3, wide: true,
    example: "api.choice = value", hint: "A line each: its name, =, its value. All names are under Choices.",
  },
  webhooks: {
    name: "webhooks", label: "Webhooks", at: ["/webhooks"], rows: 2, wide: true,
    example: "api = http://localhost:3000/hook", hint: "A line each: an API, =, where its webhooks go.",
  },
};
const ANSWERS = {
  "": "As the server has it",
  stateful: "Stateful: what was created can be read back",
  canned: "Canned: the documented example",
  generated: "Generated: made up by the schema",
};
const draft = new Draft();
let open = false;

/** Return the form; `sandboxes` are those that there are. */
export function form(sandboxes) {
  const more = ["seed", "populate", "choices", "webhooks"].some((name) => FIELDS[name].name in draft.wrong);
  return html`<section class="card stack" aria-labelledby="one-more">
    <h2 id="one-more">One more</h2>
    <form class="stack" novalidate @submit=${(event) => submit(event, sandboxes)}>
      ${wrongElsewhere(draft)}
      <div class="fields">
        ${field(draft, FIELDS.name)} ${field(draft, FIELDS.now)}
        ${chosen(draft, FIELDS.answers, Object.entries(ANSWERS).map(([value, label]) => option(draft, "answers", value, label)))}
      </div>
      <details .open=${open || more} @toggle=${(event) => (open = event.target.open)}>
        <summary>More</summary>
        <div class="fields folded">
          ${field(draft, FIELDS.seed)} ${field(draft, FIELDS.populate)}
          ${chosen(draft, FIELDS.populate_api, html`${option(draft, "populate_api", "", "Each API")}
            ${apis().map(({ name, title }) => option(draft, "populate_api", name, title))}`)}
          ${field(draft, FIELDS.choices)} ${field(draft, FIELDS.webhooks)}
        </div>
      </details>
      <div class="row"><button class="primary">Make it</button></div>
    </form>
  </section>`;
}

function submit(event, sandboxes) {
  event.preventDefault();
  const name = draft.get("sandbox").trim();
  if (!sandboxes.some((one) => one.name === name)) return make();
  const sentence = "There is a sandbox of this name. It begins anew then: its rows, journal and snapshots are gone.";
  confirm(`Replace ${name}?`, sentence, "Replace", make);
}

async function make() {
  try {
    const { name } = await ask("POST", "sandboxes", beginning(draft));
    draft.clear();
    open = false;
    say(`${name} is there. It is at ${new URL(addressOf(name), location.href).pathname}.`);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    draft.refuse(thrown, Object.values(FIELDS));
  }
  redraw();
}
