// The view of everything at a glance: what is served, what was just asked, and what to do next.
import { html, nothing } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { ask } from "../control.js";
import { addressOfView, page } from "../page.js";
import { method, status } from "../parts/badge.js";
import { copyable } from "../parts/copy.js";
import { countdown, nowText, timeOfDay } from "../parts/time.js";

const LINES = 12;
let apis = null;
let lines = [];

export const view = {
  name: "overview",
  title: "Overview",
  about: "A stateful sandbox of purchase APIs: point your page at a base URL, and watch here what it does.",
  watches: (pulse) => [pulse.journal, pulse.generation],
  async load() {
    apis ??= (await ask("GET", "apis")).apis;
    if (!page.pulse.exists) return (lines = []); // asking would make the sandbox
    lines = (await ask("GET", `journal?format=lines&limit=${LINES}`)).entries.toReversed();
  },
  template,
};

function template() {
  return html`<div class="overview">
    <section class="stack" aria-labelledby="served">
      <h2 id="served">What runs</h2>
      <div class="cards">${(apis ?? []).map(api)}</div>
    </section>
    <div class="stack">
      ${clock()}
      <section class="card" aria-labelledby="asked">
        <div class="heading"><h2 id="asked">What was just asked</h2><a href=${addressOfView("traffic")}>All traffic</a></div>
        ${lines.length ? recent() : unasked()}
      </section>
      ${next()}
    </div>
  </div>`;
}

function api({ name, title, base_url: url, operations }) {
  return html`<article class="card stack">
    <h3><a href=${addressOfView("apis", name)}>${title}</a></h3>
    ${copyable(url)}
    <p class="soft small-text">${operations.length} operations · <a href=${addressOfView("state", name)}>State</a> ·
      <a href="../reference/?api=${name}">Reference</a></p>
  </article>`;
}

function clock() {
  const { pulse } = page;
  if (!pulse?.exists) return nothing;
  return html`<section class="card" aria-labelledby="clock">
    <div class="heading"><h2 id="clock">Its time</h2><a href=${addressOfView("time")}>Move it</a></div>
    <dl class="facts">
      <dt>Now</dt><dd class="mono">${nowText()} UTC${pulse.mode === "frozen" ? ", frozen" : ""}</dd>
      <dt>Next expiry</dt><dd>${pulse.next_expiry ? countdown(pulse.next_expiry) : "nothing is held"}</dd>
      <dt>Faults</dt><dd><a href=${addressOfView("faults")}>${pulse.faults ? `${pulse.faults} in force` : "none"}</a></dd>
    </dl>
  </section>`;
}

function recent() {
  return html`<ol class="recent">
    ${repeat(lines, (line) => line.id, (line) => html`<li>
      <a href=${addressOfView("traffic", line.id)}>
        <time class="mono soft" datetime=${line.at}>${timeOfDay(line.at)}</time>
        ${status(line.status)} ${method(line.method)}
        <span class="mono path">/${line.api}${line.path}</span>
      </a>
    </li>`)}
  </ol>`;
}

function next() {
  return html`<section class="card" aria-labelledby="next">
    <h2 id="next">What to do here</h2>
    <ul class="plain">
      <li><a href=${addressOfView("apis")}>Copy a request</a> that works, or send it from here.</li>
      <li><a href=${addressOfView("state")}>See and edit</a> what the sandbox knows: a stock, a status, a date.</li>
      <li><a href=${addressOfView("faults")}>Break something</a>: a slow answer, a lost one, one sold out.</li>
      <li><a href=${addressOfView("scenarios")}>Play a scenario</a> from beginning to end.</li>
      <li><a href=${addressOfView("snapshots")}>Save all of it, or reset it.</a></li>
    </ul>
  </section>`;
}

function unasked() {
  return html`<p class="empty">Nothing yet. Send a request from <a href=${addressOfView("apis")}>APIs</a>,
    or <a href=${addressOfView("scenarios")}>play a scenario</a>.</p>`;
}
