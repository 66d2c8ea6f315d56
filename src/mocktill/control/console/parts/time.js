// The sandbox's time as a page sees it: it goes on between two pulses, and counts down to what is to come.
import { html } from "../lit/lit-html.js";
import { afterDrawing } from "../page.js";

const TICK_MS = 250;
const LATE_MS = 1000;
let known = { at: Date.now(), heard: performance.now(), running: true };

/** Keep the time that a pulse told; a running clock does not go back by what an answer took on its way. */
export function keepTime(pulse) {
  const told = { at: Date.parse(pulse.now ?? ""), heard: performance.now(), running: pulse.mode === "running" };
  const late = now() - told.at;
  if (!(known.running && told.running && late > 0 && late < LATE_MS)) known = told;
}

/** Return the sandbox's instant in milliseconds since 1970. */
export function now() {
  return known.at + (known.running ? performance.now() - known.heard : 0);
}

/** Return an instant as people read it, in UTC: `2026-11-22 20:05:02`. */
export function instant(text) {
  const at = new Date(typeof text === "number" ? text : Date.parse(text));
  return Number.isNaN(at.getTime()) ? String(text ?? "") : at.toISOString().slice(0, 19).replace("T", " ");
}

/** Return the time of day of an instant: `20:05:02`. */
export function timeOfDay(text) {
  return instant(text).slice(11);
}

/** Return a span in words: `4 min 12 s`. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s` : `${seconds} s`;
}

/** Return the sandbox's time, which goes on by itself. */
export function nowText() {
  return html`<time data-now></time>`;
}

/** Return what counts down to an instant on the sandbox's clock, by itself. */
export function countdown(until) {
  return html`<time class="countdown" data-until=${until} datetime=${until} title=${instant(until)}></time>`;
}

/** Let everything that shows time go on. */
function tick() {
  for (const shown of document.querySelectorAll("[data-now]")) write(shown, instant(now()));
  for (const shown of document.querySelectorAll("[data-until]")) {
    const left = Date.parse(shown.dataset.until) - now();
    write(shown, left > 0 ? span(left) : "due");
    shown.classList.toggle("soon", left < 60_000);
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

setInterval(tick, TICK_MS);
afterDrawing(tick);
