// What stands around every view: the name, the sandbox, its clock, the faults in force, and the way to the other views.
import { html, nothing } from "./lit/lit-html.js";
import { addressOf, ask, keepToken, sandbox } from "./control.js";
import { addressOfView, page, redraw } from "./page.js";
import { attempt, notices } from "./parts/notice.js";
import { openDialog } from "./parts/dialog.js";
import { nowText } from "./parts/time.js";
import { sandboxPicker } from "./parts/sandboxes.js";
import { VIEWS } from "./views/index.js";

/** Return the whole page. */
export function frame() {
  return html`
    <a class="skip" href="#content" @click=${skip}>Skip to the content</a>
    ${header()} ${navigation()}
    <main id="content" tabindex="-1">
      ${page.locked ? locked() : content()}
    </main>
    ${notices()} ${openDialog()}
  `;
}

function skip(event) {
  event.preventDefault(); // the address tells the view
  document.getElementById("content").focus();
}

function header() {
  return html`<header class="top">
    <a class="brand" href=${addressOfView("overview")}><img src="icon.svg" alt="" width="24" height="24" /><span>Mocktill</span></a>
    ${sandboxPicker()}
    <div class="status">${clock()} ${faults()} ${connection()} ${theme()}</div>
  </header>`;
}

function clock() {
  const { pulse } = page;
  if (!pulse?.exists) return nothing;
  return html`<a class="chip" href=${addressOfView("time")} title="The sandbox's time">
    <span class="mono">${nowText()}</span>${pulse.mode === "frozen" ? html`<span class="tag waiting">frozen</span>` : nothing}
  </a>`;
}

function faults() {
  const count = page.pulse?.faults ?? 0;
  if (!count) return nothing;
  return html`<a class="chip bad" href=${addressOfView("faults")}>${count} ${count === 1 ? "fault" : "faults"} on</a>`;
}

function connection() {
  return page.offline
    ? html`<span class="chip bad" role="status">no answer: trying again</span>`
    : html`<span class="chip live" role="status"><span class="dot"></span>live</span>`;
}

function theme() {
  const now = document.documentElement.dataset.theme ?? "auto";
  return html`<label class="theme"><span class="unseen">Theme</span>
    <select @change=${(event) => chooseTheme(event.target.value)}>
      ${["auto", "light", "dark"].map((name) => html`<option value=${name} ?selected=${name === now}>${name}</option>`)}
    </select></label>`;
}

function chooseTheme(name) {
  if (name === "auto") {
    localStorage.removeItem("mocktill.theme");
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem("mocktill.theme", name);
    document.documentElement.dataset.theme = name;
  }
  redraw();
}

function navigation() {
  return html`<nav class="views" aria-label="Views">
    <ul>
      ${VIEWS.map(
        (view) => html`<li>
          <a href=${addressOfView(view.name)} aria-current=${view === page.view ? "page" : "false"}>${view.title}</a>
        </li>`,
      )}
    </ul>
    <ul class="beside">
      <li><a href="../reference/">API reference</a></li>
      <li><a href="../guide/">Guide</a></li>
    </ul>
  </nav>`;
}

function content() {
  const { view, pulse } = page;
  return html`
    <div class="heading"><h1 tabindex="-1">${view.title}</h1>${view.actions?.() ?? nothing}</div>
    ${view.about ? html`<p class="about">${view.about}</p>` : nothing}
    ${pulse && !pulse.exists ? absent() : nothing}
    ${page.refused && page.refused.status !== 0 ? failure(page.refused) : nothing}
    ${view.failure && !page.offline ? failure(view.failure) : nothing}
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

function locked() {
  return html`<h1 tabindex="-1">This server has a token</h1>
    <p>The line that the server printed when it was ready has this page's address with the token in it. Or paste the token here; it
      is kept until this tab is closed.</p>
    <form class="row" @submit=${unlock}>
      <label>Token <input name="token" type="password" autocomplete="off" required /></label>
      <button class="primary">Use it</button>
    </form>`;
}

function unlock(event) {
  event.preventDefault();
  keepToken(new FormData(event.target).get("token").trim());
  page.beat();
}
