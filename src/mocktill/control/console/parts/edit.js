// A form for what can be changed of an object: an input for each field, and what of it somebody has changed.
import { html, nothing } from "../lit/lit-html.js";
import { ref } from "../lit/directives/ref.js";
import { said } from "./draft.js";

const LONG = 60;
const NUMBERS = new Set(["integer", "number"]);
const ASIDE = "A number is kept exactly up to 9,007,199,254,740,991.";

/** A form of fields with the values that they have when it is opened: what is typed stays, whatever changes meanwhile. */
export class Form {
  constructor(fields, values) {
    this.fields = fields;
    this.values = values;
    this.refused = new Map();
    this.general = "";
    this.element = null;
    this.begin = (element) => {
      this.element = element ?? this.element;
      if (element) queueMicrotask(() => (this.begun ??= this.read())); // once its inputs are there
    };
  }

  /** Return what stands in each input, as text. */
  read() {
    return new Map(new FormData(this.element));
  }

  /** Return what was changed: `{"deem.stock": {"free": 1}}`; null where a number cannot be kept exactly. */
  changes() {
    this.forget();
    const [now, changed] = [this.read(), {}];
    for (const field of this.fields) {
      const text = now.get(nameOf(field));
      if (text === this.begun.get(nameOf(field))) continue;
      const value = valueOf(field, text);
      if (field.kind === "integer" && value !== null && !Number.isSafeInteger(value)) this.refused.set(nameOf(field), ASIDE);
      (changed[field.table] ??= {})[field.name] = value;
    }
    return this.refused.size ? null : changed;
  }

  /** What was changed in a table has been kept: it counts as the beginning from now on. */
  keep(table) {
    const now = this.read();
    this.fields.filter((field) => field.table === table).forEach((field) => this.begun.set(nameOf(field), now.get(nameOf(field))));
  }

  /** Say what was refused in a table: at the field that it concerns, or above all of them. */
  refuse(table, { message, violations }) {
    const names = new Set(this.fields.map(nameOf));
    const placed = violations.map((found) => [`${table}${found.pointer}`, said(found)]);
    placed.filter(([name]) => names.has(name)).forEach(([name, detail]) => this.refused.set(name, detail));
    if (!placed.length || placed.some(([name]) => !names.has(name))) this.general = message;
  }

  /** Forget what was refused. */
  forget() {
    this.refused = new Map();
    this.general = "";
  }

  /** Return the form with its inputs; `save` is called when it is sent. */
  template(save, buttons) {
    return html`<form class="stack" @submit=${save} ${ref(this.begin)}>
      ${this.general ? html`<p class="notice bad" role="alert">${this.general}</p>` : nothing}
      <div class="fields">${this.fields.map((field) => this.field(field))}</div>
      ${buttons}
    </form>`;
  }

  field(field) {
    const [name, wrong] = [nameOf(field), this.refused.get(nameOf(field))];
    return html`<div class="field">
      <label for=${name}>${field.title}${unit(field)}</label>
      ${input(field, this.values[field.name], name, wrong)}
      ${wrong ? html`<p class="wrong" id="${name}-wrong" role="alert">${wrong}</p>` : nothing}
    </div>`;
  }
}

/** Return an instant as an input of that kind has it, in UTC. */
export function writtenInstant(value) {
  const at = new Date(value);
  return value === null || Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 19);
}

/** Return what such an input says as an instant: RFC 3339 with microseconds, as rows have it. */
export function readInstant(text) {
  return `${text.length === 16 ? `${text}:00` : text.slice(0, 19)}.000000Z`;
}

function nameOf(field) {
  return `${field.table}/${field.name}`;
}

function unit(field) {
  const units = [field.kind === "instant" ? "UTC" : "", field.optional ? "may be empty" : ""].filter(Boolean);
  return units.length ? html` <span class="unit">${units.join(", ")}</span>` : nothing;
}

function input(field, value, name, wrong) {
  const how = { invalid: wrong ? "true" : "false", about: wrong ? `${name}-wrong` : nothing };
  if (field.kind === "boolean") return select(field, value, name, how, [["true", "yes"], ["false", "no"]]);
  if (field.kind === "option") return select(field, value, name, how, field.options.map((one) => [one, one]));
  return field.kind === "text" ? words(String(value ?? ""), name, how) : measure(field, value, name, how);
}

function words(text, name, { invalid, about }) {
  return text.length > LONG || text.includes("\n")
    ? html`<textarea id=${name} name=${name} aria-invalid=${invalid} aria-describedby=${about} .value=${text}></textarea>`
    : html`<input id=${name} name=${name} aria-invalid=${invalid} aria-describedby=${about} autocomplete="off" .value=${text} />`;
}

function measure(field, value, name, { invalid, about }) {
  const [type, text] = field.kind === "instant" ? ["datetime-local", writtenInstant(value)] : ["number", String(value ?? "")];
  return html`<input id=${name} name=${name} type=${type} step=${field.kind === "number" ? "any" : "1"} aria-invalid=${invalid}
    aria-describedby=${about} ?required=${!field.optional && value !== null} .value=${text} />`;
}

function select(field, value, name, { invalid, about }, options) {
  const now = value === null ? "" : String(value);
  const unknown = options.some(([one]) => one === now) ? [] : [[now, now || "nothing"]];
  const none = field.optional && now !== "" ? [["", "nothing"]] : [];
  return html`<select id=${name} name=${name} aria-invalid=${invalid} aria-describedby=${about}>
    ${[...unknown, ...none, ...options].map(([one, shown]) => html`<option value=${one} ?selected=${one === now}>${shown}</option>`)}
  </select>`;
}

function valueOf(field, text) {
  if (text === "" && (field.optional || field.kind !== "text")) return null;
  if (NUMBERS.has(field.kind)) return Number(text);
  if (field.kind === "boolean") return text === "true";
  return field.kind === "instant" ? readInstant(text) : text;
}
