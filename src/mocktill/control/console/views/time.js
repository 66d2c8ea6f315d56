// The view of the sandbox's time: what it is, where it can be moved to, and what that made happen.
import { html, nothing } from "../lit/lit-html.js";
import { Refused, ask } from "../control.js";
import { page, redraw } from "../page.js";
import { said } from "../parts/draft.js";
import { readInstant, writtenInstant } from "../parts/edit.js";
import { say } from "../parts/notice.js";
import { countdown, instant, now, nowText, span } from "../parts/time.js";
import { number } from "../parts/written.js";
import { fired, keepMove, loadFired } from "./time/fired.js";

const REAL_MS = 2000;
let wrong = {};
let target = "";

export const view = {
  name: "time",
  title: "Time",
  about: "The sandbox has a clock of its own. Forwards, what is due happens; backwards nothing does, and what has expired stays so.",
  watches: (pulse) => [pulse.journal.remarked, pulse.generation, pulse.server],
  async load() {
    if (page.pulse?.exists === false) return; // asking would make the sandbox
    target ||= writtenInstant(now());
    await loadFired();
  },
  template,
  leave() {
    [wrong, target] = [{}, ""];
  },
};

function template() {
  return html`${page.pulse?.exists ? html`<div class="cards clocks">${clock()} ${moves()}</div>` : nothing} ${fired()}`;
}

function clock() {
  const { mode, next_expiry: next } = page.pulse;
  return html`<section class="card stack" aria-labelledby="now">
    <div class="heading"><h2 id="now">Now</h2>
      <span class="tag ${mode === "frozen" ? "waiting" : "good"}">${mode}</span></div>
    <p class="face mono">${nowText()} <span class="unit">UTC</span></p>
    <p class="soft">${distance(mode)}</p>
    <div class="row">
      ${mode === "frozen"
        ? html`<button class="primary" @click=${() => move("Time runs on", { run: true })}>Let it run</button>`
        : html`<button @click=${() => move("Time stands still", { freeze: true })}>Freeze</button>`}
      <button title="Let it run with this computer's clock" @click=${toReal}>Back to real time</button>
    </div>
    <div class="heading"><h2>Next expiry</h2></div>
    ${next
      ? html`<p class="face small-face">${countdown(next)}</p><p class="soft mono">${instant(next)} UTC</p>`
      : html`<p class="soft">Nothing is held, so nothing is going to expire.</p>`}
  </section>`;
}

/** How far the sandbox's time is from this computer's, in words. */
function distance(mode) {
  const ahead = now() - Date.now();
  if (Math.abs(ahead) < REAL_MS) return mode === "frozen" ? "It stands still." : "It runs with this computer's clock.";
  const how = mode === "frozen" ? "It stands still" : "It runs";
  return `${how}, ${span(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} this computer's clock.`;
}

function moves() {
  const next = page.pulse.next_expiry;
  return html`<section class="card stack" aria-labelledby="move">
    <h2 id="move">Move it</h2>
    <div class="row">
      <button @click=${() => move("Moved 1 min forward", { advance: "1m" })}>+1 min</button>
      <button @click=${() => move("Moved 5 min forward", { advance: "5m" })}>+5 min</button>
      <button ?disabled=${!next} @click=${() => move("Moved to the next expiry", { next: true })}>To the next expiry</button>
    </div>
    ${form("advance", "By", "Move", html`<input id="advance" name="advance" placeholder="90s, 2h, 3d" required autocomplete="off"
      aria-describedby="advance-hint" />`, byAmount)}
    <p class="soft small-text" id="advance-hint">As in 250ms, 90s, 5m, 2h, 1d or PT5M; a number is seconds, and a minus goes back.</p>
    ${form("travel_to", "To an instant, UTC", "Travel", html`<input id="travel_to" name="travel_to" type="datetime-local" step="1" required
      .value=${target} />`, toInstant)}
  </section>`;
}

function form(name, label, button, input, doing) {
  const send = (event) => {
    event.preventDefault();
    doing(new FormData(event.target).get(name).trim());
  };
  return html`<form class="field" @submit=${send}>
    <label for=${name}>${label}</label>
    <div class="row">${input} <button>${button}</button></div>
    ${wrong[name] ? html`<p class="wrong" role="alert">${wrong[name]}</p>` : nothing}
  </form>`;
}

function byAmount(text) {
  const amount = number(text);
  return move(`Moved by ${amount === text ? text : `${text} s`}`, { advance: amount });
}

function toInstant(text) {
  return move("Travelled", { travel_to: readInstant(text) });
}

/** Real time is that of the machine: it runs first, so that no moment is lost between the two calls. */
function toReal() {
  return move("Back to real time", { run: true }, () => ({ travel_to: new Date().toISOString() }));
}

/** Move the clock, in one call after the other, and keep what that made happen. */
async function move(words, ...calls) {
  const events = [];
  wrong = {};
  try {
    let answer = null;
    for (const call of calls) {
      answer = await ask("POST", "clock", typeof call === "function" ? call() : call);
      events.push(...answer.events);
    }
    const sentence = `${words}: ${instant(answer.now)} UTC. ${happened(events.length)}`;
    say(sentence);
    await keepMove({ at: answer.now, sentence });
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    refuse(Object.keys(calls[0])[0], thrown);
  }
  page.beat();
  redraw();
}

function refuse(name, { message, violations }) {
  const [found] = violations;
  if (document.getElementById(name)) wrong = { [name]: found ? said(found) : message };
  else say(message, "bad");
}

function happened(number) {
  if (!number) return "Nothing expired.";
  return number === 1 ? "One thing expired." : `${number} things expired.`;
}
