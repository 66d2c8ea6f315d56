// The cells of a list of objects: how each kind of value looks, whatever API it comes from.
import { html, nothing, svg } from "../lit/lit-html.js";
import { tag } from "./badge.js";
import { copyable } from "./copy.js";
import { money } from "./money.js";
import { countdown, instant } from "./time.js";

const LISTED = 2;
const TAIL = 6;
const PLAIN_ID = 20;
const LONG = 50;
const KINDS = { text, id, number, money: amount, instant: at, countdown: until, state, stock, meter, link, image, list };
const TO_THE_RIGHT = new Set(["number", "money"]);

/** Return a value as its kind looks; `base` is the root of the API, which the paths of links are below. */
export function cell(kind, value, base) {
  if (value === null || value === undefined || value === "") return html`<span class="soft" title="none">–</span>`;
  return (KINDS[kind] ?? text)(value, base);
}

/** Return the class of the cells of a kind, and of their heading. */
export function classOf(kind) {
  return TO_THE_RIGHT.has(kind) ? `number kind-${kind}` : `kind-${kind}`;
}

/** Return a heading with the unit that all cells of its kind have. */
export function heading({ title, kind }) {
  return kind === "instant" ? html`${title} <span class="unit">UTC</span>` : title;
}

/** Return a bar of parts: `[["free", 3], ["sold", 7]]`, each as wide as its share of a whole. */
function bar(parts, whole) {
  let at = 0;
  return html`<svg class="bar" aria-hidden="true">
    ${parts.map(([name, size]) => {
      const [x, width] = [at, whole > 0 ? Math.min(100 - at, (100 * size) / whole) : 0];
      at += width;
      return svg`<rect class="is-${name}" x="${x}%" y="0" width="${width}%" height="100%"></rect>`;
    })}
  </svg>`;
}

function text(value) {
  const words = typeof value === "object" ? JSON.stringify(value) : String(value);
  const roomy = words.length > PLAIN_ID && words.includes(" ");
  return html`<span class="words ${roomy ? "roomy" : ""}" title=${words.length > LONG ? words : ""}>${breakable(words)}</span>`;
}

/** A word that code made of several may break between them. */
function breakable(words) {
  return words.split(/(?<=[_@])/).map((part, place) => (place ? html`<wbr />${part}` : part));
}

/** A long id is cut where it is least telling: before its end. One that says what it is of does so in a line of its own. */
function id(value) {
  const whole = String(value);
  if (whole.length <= PLAIN_ID) return copyable(whole);
  return html`<span class="long" title=${whole}>${copyable(whole, cut(whole))}</span>`;
}

function cut(whole) {
  const [kind] = /^[a-z_]{2,12}\./.exec(whole) ?? [];
  if (kind) return html`${kind}<br />…${whole.slice(-TAIL)}`;
  return html`<span class="start">${whole.slice(0, -TAIL)}</span><span>${whole.slice(-TAIL)}</span>`;
}

function number(value) {
  return Number(value).toLocaleString("en");
}

function amount(value) {
  return money(value);
}

function at(value) {
  const [date, time = ""] = instant(value).split(" ");
  return html`<time class="mono at" datetime=${value}><span>${date}</span> <span>${time}</span></time>`;
}

function until(value) {
  return html`<span class="until">${countdown(value)} <span class="soft mono">${instant(value)} UTC</span></span>`;
}

function state({ value, tone }) {
  return tag(value, tone);
}

function stock({ free, held, sold }) {
  const parts = [["free", free], ["held", held], ["sold", sold]];
  return html`<span class="measured stock">
    ${bar(parts, free + held + sold)}
    <span class="legend">${parts.map(([name, size]) => html`<span class="is-${name}">${number(size)} ${name}</span>`)}</span>
  </span>`;
}

function meter({ value, limit, currency }) {
  const said = (size) => (currency ? money({ amount: size, currency }) : number(size));
  if (limit === null || limit === undefined) return html`<span class="measured">${said(value)}, no limit</span>`;
  return html`<span class="measured">
    ${bar([[value < limit ? "filled" : "full", value]], limit)}
    <span>${said(value)} of ${said(limit)}${value < limit ? nothing : ", full"}</span>
  </span>`;
}

function link({ path, text: words }, base) {
  return html`<a href=${base + path} target="_blank" rel="noopener">${words}</a>`;
}

function image({ path, text: words }, base) {
  return html`<a class="picture" href=${base + path} target="_blank" rel="noopener"
    ><img src=${base + path} alt=${words} width="44" height="44" loading="lazy"
  /></a>`;
}

function list(values) {
  if (!values.length) return cell("text", null);
  const more = values.length - LISTED;
  return html`<ul class="listed" title=${more > 0 ? values.join(", ") : ""}>
    ${values.slice(0, LISTED).map((value) => html`<li>${value}</li>`)}
    ${more > 0 ? html`<li class="soft">and ${more} more</li>` : nothing}
  </ul>`;
}
