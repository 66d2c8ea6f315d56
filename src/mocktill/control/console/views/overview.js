// The view of everything at a glance: what is served, what was just asked, and what to do next.
import { html } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { ask } from "../control.js";
import { addressOfView, page } from "../page.js";
import { method, status } from "../parts/badge.js";
import { copyable } from "../parts/copy.js";
import { apis, loadApis } from "../parts/served.js";
import { countdown, nowText, timeOfDay } from "../parts/time.js";

const LINES = 10;
let lines = [];

export const view = {
  name: "overview",
  title: "Overview",
  about: "A stateful sandbox of purchase APIs: point your page at a base URL, and watch here what it does.",
  watches: (pulse) => [pulse.journal, pulse.generation],
  load,
  template,
};

async function load() {
  await loadApis();
  if (!page.pulse.exists) return (lines = []); // asking would make the sandbox
  lines = (await ask("GET", `journal?format=lines&limit=${LINES}`)).entries.toReversed();
}

function template() {
  return html`<div class="overview">
    ${section("served", "What runs", "", apis().map(api))}
    ${section("asked", "What was just asked", html`<a href=${addressOfView("traffic")}>All traffic</a>`, asked())}
    ${section("next", "What to do here", "", next())}
    ${page.pulse?.exists ? section("clock", "Its time", html`<a href=${addressOfView("time")}>Move it</a>`, clock()) : ""}
  </div>`;
}

function section(id, title, beside, content) {
  return html`<section aria-labelledby=${id}>
    <div class="heading"><h2 id=${id}>${title}</h2>${beside}</div>
    <div class="stack">${content}</div>
  </section>`;
}

function api({ name, title, base_url: url, operations }) {
  return html`<article class="card served">
    <h3><a href=${addressOfView("apis", name)}>${title}</a></h3>
    <p class="soft small-text">${operations.length} operations · <a href=${addressOfView("state", name)}>State</a> ·
      <a href="../reference/?api=${encodeURIComponent(name)}">Reference</a></p>
    ${copyable(url)}
  </article>`;
}

function asked() {
  if (!lines.length) {
    return html`<p class="empty">Nothing yet. Send a request from <a href=${addressOfView("apis")}>APIs</a>,
      or <a href=${addressOfView("scenarios")}>play a scenario</a>.</p>`;
  }
  return html`<ol class="card recent">${repeat(lines, (line) => line.id, recent)}</ol>`;
}

function recent(line) {
  return html`<li>
    <a href=${addressOfView("traffic", line.id)}>
      <time class="mono soft" datetime=${line.at}>${timeOfDay(line.at)}</time>
      ${status(line.status)} ${method(line.method)}
      <span class="mono path">/${line.api}${line.path}</span>
    </a>
  </li>`;
}

function next() {
  return html`<ul class="card todo">
    <li><a href=${addressOfView("apis")}>Copy a request</a> that works, or send it from here.</li>
    <li><a href=${addressOfView("state")}>See and edit</a> what the sandbox knows: a stock, a status, a date.</li>
    <li><a href=${addressOfView("faults")}>Break something</a>: a slow answer, a lost one, one sold out.</li>
    <li><a href=${addressOfView("scenarios")}>Play a scenario</a> from beginning to end.</li>
    <li><a href=${addressOfView("snapshots")}>Save all of it, or reset it.</a></li>
  </ul>`;
}

function clock() {
  const { pulse } = page;
  return html`<dl class="card facts">
    <dt>Now</dt><dd class="mono">${nowText()} UTC${pulse.mode === "frozen" ? ", frozen" : ""}</dd>
    <dt>Next expiry</dt><dd>${pulse.next_expiry ? countdown(pulse.next_expiry) : "nothing is held"}</dd>
    <dt>Faults</dt><dd><a href=${addressOfView("faults")}>${pulse.faults ? `${pulse.faults} in force` : "none"}</a></dd>
  </dl>`;
}
