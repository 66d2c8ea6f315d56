// What happened other than by requests: the journal's remarks, and between them the moves that were made here.
import { html, nothing } from "../../lit/lit-html.js";
import { repeat } from "../../lit/directives/repeat.js";
import { ask } from "../../control.js";
import { page } from "../../page.js";
import { tag } from "../../parts/badge.js";
import { instant } from "../../parts/time.js";

const SHOWN = 200;
const TONES = { expired: "waiting", act: "good", left: "bad", evicted: "bad" };
let remarks = [];
let moves = [];
let told = 0;
let made = 0;
let server = "";

/** Fetch the remarks. Each has its number among all that there ever were: moves stand between them. */
export async function loadFired() {
  const answer = await ask("GET", "journal?format=lines&limit=0");
  told = answer.remarked;
  const first = told - answer.remarks.length + 1;
  remarks = answer.remarks.map((remark, place) => ({ ...remark, id: first + place, number: first + place }));
  if (server !== page.pulse?.server) moves = []; // another process counts anew
  server = page.pulse?.server;
  moves = moves.filter(({ number }) => number >= first - 0.5 && number <= told + 0.5); // what was before a reset went with it
}

/** Keep a move that was made here, after all that it made happen. */
export async function keepMove(move) {
  await loadFired();
  made += 1;
  moves = [...moves, { ...move, what: "moved", id: `moved ${made}`, number: told + 0.5 }].slice(-SHOWN);
}

/** Return the list, the newest first. */
export function fired() {
  const all = [...remarks, ...moves].toReversed().sort((one, other) => other.number - one.number);
  return html`<section class="card fired" aria-labelledby="fired">
    <h2 id="fired">What happened</h2>
    ${all.length
      ? html`<ol>${repeat(all.slice(0, SHOWN), ({ id }) => id, line)}</ol>`
      : html`<p class="empty">Nothing yet. What expires, what is let happen and what is restored is listed here, whoever did it.</p>`}
    ${all.length > SHOWN ? html`<p class="soft small-text">The newest ${SHOWN} of ${all.length} that are kept.</p>` : nothing}
  </section>`;
}

function line({ at, what, sentence, api }) {
  return html`<li>
    <time class="mono soft" datetime=${at}>${instant(at)}</time>
    ${tag(what, TONES[what] ?? "plain")}
    <span class="words">${sentence}${api ? html` <span class="unit">${api}</span>` : nothing}</span>
  </li>`;
}
