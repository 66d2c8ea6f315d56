// What the page says of what somebody did: a line that goes by itself, read aloud by screen readers.
import { html } from "../lit/lit-html.js";
import { repeat } from "../lit/directives/repeat.js";
import { Refused } from "../control.js";
import { redraw } from "../page.js";

const STAYS_MS = 6000;
const MOST = 2;
let said = [];
let high = false;

/** Say something; `tone` is `good`, `waiting` or `bad`. */
export function say(text, tone = "good") {
  const notice = { text, tone };
  said = [...said, notice].slice(-MOST);
  high = isLow(document.activeElement);
  setTimeout(() => drop(notice), tone === "bad" ? 3 * STAYS_MS : STAYS_MS);
  redraw();
}

/** What is said must not cover what was just clicked, which may be clicked once more. */
function isLow(element) {
  return element !== document.body && element.getBoundingClientRect().top > innerHeight / 2;
}

function drop(notice) {
  said = said.filter((other) => other !== notice);
  redraw();
}

/** Do something that the server may refuse, and say what came of it. Returns its result; null where it was refused. */
export async function attempt(doing, done = "") {
  try {
    const result = await doing();
    if (done) say(typeof done === "function" ? done(result) : done);
    return result ?? true;
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    say(thrown.message, "bad");
    return null;
  }
}

/** Return the lines that are said now. */
export function notices() {
  return html`<div class="notices ${high ? "high" : ""}" aria-live="polite" role="status">
    ${repeat(said, (notice) => notice, (notice) => html`<p class="notice ${notice.tone}"><span>${notice.text}</span>
      <button class="quiet" aria-label="Dismiss" @click=${() => drop(notice)}>×</button></p>`)}
  </div>`;
}
