// What stands around every view: the name, the sandbox, its clock, the faults in force, and the way to the other views.
import { html, nothing } from "./lit/lit-html.js";
import { addressOf, ask, sandbox } from "./control.js";
import { addressOfView, page } from "./page.js";
import { attempt, notices } from "./parts/notice.js";
import { openDialog } from "./parts/dialog.js";
import { inView } from "./parts/inview.js";
import { lock } from "./parts/lock.js";
import { themePicker } from "./parts/theme.js";
import { nowText } from "./parts/time.js";
import { sandboxPicker } from "./parts/sandboxes.js";
import { VIEWS } from "./views/index.js";

/** Return the whole page. */
export function frame() {
  return html`
    <a class="skip" href="#content" @click=${skip}>Skip to the content</a>
    ${header()} ${navigation()}
    <main id="content" tabindex="-1">
      ${isLocked() ? lock() : content()}
    </main>
    ${notices()} ${openDialog()}
  `;
}

function isLocked() {
  return page.refused?.status === 401;
}

function isOffline() {
  return page.refused?.status === 0;
}

function skip(event) {
  event.preventDefault(); // the address tells the view
  document.getElementById("content").focus();
}

function header() {
  return html`<header class="top">
    <a class="brand" href=${addressOfView("overview")}><img src="icon.svg" alt="" width="24" height="24" /><span>Mocktill</span></a>
    ${sandboxPicker()}
    <div class="status">${isLocked() ? nothing : html`${clock()} ${faults()} ${renewed()}`} ${connection()}</div>
  </header>`;
}

function clock() {
  const { pulse } = page;
  if (!pulse?.exists) return nothing;
  return html`<a class="chip" href=${addressOfView("time")} title="The sandbox's time, UTC">
    <span class="mono">${nowText()}</span>${pulse.mode === "frozen" ? html`<span class="tag waiting">frozen</span>` : nothing}
  </a>`;
}

function faults() {
  const count = page.pulse?.faults ?? 0;
  if (!count) return nothing;
  return html`<a class="chip bad" href=${addressOfView("faults")}>${count} ${count === 1 ? "fault" : "faults"} on</a>`;
}

/** The page goes on with another server; only what it is made of may be older than what that one would send. */
function renewed() {
  if (!page.pulse || page.pulse.server === page.began) return nothing;
  return html`<button class="chip waiting" title="The server was started anew, perhaps with a newer console than this one"
    @click=${() => location.reload()}>server started anew: reload</button>`;
}

function connection() {
  const [tone, words] = standing();
  return html`<span role="status" class="chip ${tone}" ?hidden=${!words}>${tone === "good" ? html`<span class="dot"></span>` : nothing}${words}</span>`;
}

function standing() {
  if (isOffline()) return ["bad", "no answer: trying again"];
  if (page.refused) return ["bad", isLocked() ? "locked" : "refused"];
  return page.pulse ? ["good", "live"] : ["", ""];
}

function navigation() {
  return html`<nav class="views" aria-label="Views">
    <ul>
      ${VIEWS.map((view) => html`<li>${way(view, view === page.view)}</li>`)}
    </ul>
    <ul class="beside">
      <li><a href="../reference/">API reference</a></li>
      <li><a href="../guide/">Guide</a></li>
      <li>${themePicker()}</li>
    </ul>
  </nav>`;
}

function way({ name, title }, current) {
  return html`<a href=${addressOfView(name)} aria-current=${current ? "page" : "false"} ${current ? inView : nothing}>${title}</a>`;
}

function content() {
  const { view, pulse } = page;
  return html`
    <div class="heading"><h1 tabindex="-1">${view.title}</h1>${view.actions?.() ?? nothing}</div>
    ${view.about ? html`<p class="about">${view.about}</p>` : nothing}
    ${pulse && !pulse.exists ? absent() : nothing}
    ${page.refused && !isOffline() ? failure(page.refused) : nothing}
    ${view.failure && !isOffline() ? failure(view.failure) : nothing}
    ${view.template(page.place)}
  `;
}

function absent() {
  return html`<div class="notice waiting"><p>There is no sandbox <b>${sandbox}</b> now. It comes to be with its first request.
    <a href=${addressOf("default")}>Back to the default one</a></p>
    <button class="small" @click=${make}>Make it now</button></div>`;
}

async function make() {
  await attempt(() => ask("POST", "sandboxes", { name: sandbox }), `Made: ${sandbox}.`);
  page.beat();
}

function failure(refused) {
  return html`<div class="notice bad" role="alert"><p>${refused.message}</p></div>`;
}
