// One scenario: what playing it does, its steps, and what came of each when it was played.
import { html, nothing } from "../../lit/lit-html.js";
import { ask } from "../../control.js";
import { addressOfView } from "../../page.js";
import { tag } from "../../parts/badge.js";
import { confirm } from "../../parts/dialog.js";
import { prose } from "../../parts/prose.js";
import { busy, play, storyOf } from "./played.js";

const KINDS = {
  request: ["asks", () => ""],
  clock: ["moves the sandbox's time", () => "time"],
  change: ["changes rows", () => "a row changes"],
  act: ["lets something happen without a request", () => "it happens"],
};

/** Return a scenario with its steps. */
export function scenario(one) {
  const story = storyOf(one);
  return html`<div class="flow stack">
    <p class="soft">${effects(one)}</p>
    <div class="row">
      <button class="primary" ?disabled=${busy()} @click=${() => play(one)}>Play</button>
      <button ?disabled=${busy()} @click=${() => afresh(one)}>Reset, then play</button>
    </div>
    <ol class="story" aria-label="Steps">${one.steps.map((step, place) => line(step, story?.steps[place]))}</ol>
    ${story ? end(story) : nothing}
  </div>`;
}

function effects({ steps, choices }) {
  const also = Object.keys(KINDS).filter((kind) => kind !== "request" && steps.some((step) => step.kind === kind));
  const set = Object.entries(choices).map(([name, value]) => html`<code>${name}</code> to <code>${value}</code>, `);
  const does = ["asks this sandbox as a client would", ...also.map((kind) => KINDS[kind][0])];
  return html`Playing it ${does.slice(0, -1).join(", ")}${does.length > 1 ? " and " : ""}${does.at(-1)}.
    ${set.length ? html`It sets ${set}and that stays so.` : nothing}
    Faults in force strike as they do otherwise. Every step comes as expected in a sandbox that was just reset.`;
}

function afresh(one) {
  const sentence = "All rows, the clock, the choices and the faults go back to the beginning; the journal is emptied. Snapshots stay.";
  confirm("Reset the sandbox first?", sentence, "Reset, then play", () => play(one, () => ask("POST", "reset")));
}

function line({ title, kind }, step) {
  const failed = step?.problems.length > 0;
  return html`<li class=${failed ? "failed" : ""}>
    <div class="row"><b>${prose(title)}</b>
      ${step ? (failed ? tag("not as expected", "bad") : tag("ok", "good")) : KINDS[kind][1]() ? tag(KINDS[kind][1]()) : nothing}</div>
    ${step ? happened(step) : nothing}
  </li>`;
}

function happened({ said, problems, entry }) {
  return html`<p class="soft said"><span class="mono">${said}</span>
      ${entry ? html`<a href=${addressOfView("traffic", entry)}>entry ${entry}</a>` : nothing}</p>
    ${problems.map((problem) => html`<p class="wrong">${problem}</p>`)}`;
}

function end({ ok, steps }) {
  const failed = steps.filter((step) => step.problems.length).length;
  return html`<p class="notice ${ok ? "good" : "bad"}">${ok
    ? `All ${steps.length} steps came as expected.`
    : `${failed} of ${steps.length} steps did not come as expected. A scenario is made for the sandbox as it begins.`}</p>`;
}
