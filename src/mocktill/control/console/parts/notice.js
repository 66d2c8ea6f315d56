// What the page says of what somebody did: a line that goes by itself, read aloud by screen readers.
import { html } from "../lit/lit-html.js";
import { Refused } from "../control.js";
import { redraw } from "../page.js";

const STAYS_MS = 6000;
let said = [];
let last = 0;

/** Say something; `tone` is `good`, `waiting` or `bad`. */
export function say(text, tone = "good") {
  const notice = { id: ++last, text, tone };
  said = [...said.slice(-3), notice];
  setTimeout(() => drop(notice), tone === "bad" ? 3 * STAYS_MS : STAYS_MS);
  redraw();
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
  return html`<div class="notices" aria-live="polite" role="status">
    ${said.map(
      (notice) => html`<p class="notice ${notice.tone}">
        <span>${notice.text}</span>
        <button class="quiet" aria-label="Dismiss" @click=${() => drop(notice)}>×</button>
      </p>`,
    )}
  </div>`;
}
