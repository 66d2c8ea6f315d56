// A form that is being filled in: what was typed, and what the control API found wrong with it, field by field.
import { html, nothing } from "../lit/lit-html.js";
import { live } from "../lit/directives/live.js";
import { redraw } from "../page.js";

/**
 * What was typed into the fields of one form, by their names. It outlives drawing and loading, so that nothing that
 * somebody types is lost. A field is `{name, label, at, hint, type, list, rows}`: `at` are the JSON pointers of what it
 * becomes.
 */
export class Draft {
  constructor(values = {}) {
    this.first = values;
    this.clear();
  }

  clear() {
    this.values = { ...this.first };
    this.wrong = {};
  }

  get(name) {
    return this.values[name] ?? "";
  }

  set(name, value) {
    this.values[name] = value;
    delete this.wrong[name];
    redraw();
  }

  /** Put each violation of a refusal at the field that it concerns; what concerns none is the form's, named "". */
  refuse(refused, fields) {
    this.wrong = {};
    for (const violation of refused.violations) {
      const name = nearest(violation.pointer, fields)?.name ?? "";
      this.wrong[name] = [...(this.wrong[name] ?? []), said(violation)];
    }
    if (!refused.violations.length) this.wrong[""] = [refused.message];
    redraw();
    setTimeout(() => document.querySelector('main [aria-invalid="true"]')?.focus());
  }
}

/** Return what is wrong with a value, in words. */
export function said({ rule, expected, got }) {
  if (rule === "sentence") return expected;
  return rule === "pattern" ? `cannot be ${got}` : `expected ${expected}, got ${got}`; // nobody reads a pattern
}

function nearest(pointer, fields) {
  const length = (field) => Math.max(-1, ...(field.at ?? []).filter((at) => within(pointer, at)).map((at) => at.length));
  const [best] = fields.toSorted((one, other) => length(other) - length(one));
  return best && length(best) >= 0 ? best : null;
}

function within(pointer, at) {
  return pointer === at || pointer.startsWith(`${at}/`);
}

/** Return a field of one line, or of several where it has `rows`. */
export function field(draft, of) {
  const invalid = of.name in draft.wrong;
  const type = (event) => draft.set(of.name, event.target.value);
  const control = of.rows
    ? html`<textarea id=${id(of)} name=${of.name} rows=${of.rows} spellcheck="false"
        aria-invalid=${invalid} aria-describedby=${id(of, "-more")} placeholder=${of.example ?? ""} .value=${live(draft.get(of.name))} @input=${type}></textarea>`
    : html`<input id=${id(of)} name=${of.name} type=${of.type ?? "text"} list=${of.list ?? nothing} autocomplete="off" spellcheck="false"
        aria-invalid=${invalid} aria-describedby=${id(of, "-more")} placeholder=${of.example ?? ""}
        .value=${live(draft.get(of.name))} @input=${type} />`;
  return labelled(draft, of, control);
}

/** Return a field that is chosen: `options` are what `choice` and `<optgroup>`s of them return. */
export function chosen(draft, of, options) {
  const invalid = of.name in draft.wrong;
  return labelled(draft, of, html`<select id=${id(of)} name=${of.name} aria-invalid=${invalid} aria-describedby=${id(of, "-more")}
    @change=${(event) => draft.set(of.name, event.target.value)}>${options}</select>`);
}

/** Return an option of a field that is chosen. */
export function option(draft, name, value, label) {
  return html`<option value=${value} .selected=${draft.get(name) === value}>${label}</option>`;
}

/** Return what is wrong with the form and no field of it. */
export function wrongElsewhere(draft) {
  return "" in draft.wrong ? html`<p class="notice bad" role="alert">${draft.wrong[""].join("; ")}</p>` : nothing;
}

function labelled(draft, of, control) {
  const wrong = draft.wrong[of.name];
  return html`<div class="field ${of.wide ? "wide" : ""}"><label for=${id(of)}>${of.label}</label>${control}
    <span id=${id(of, "-more")} class="small-text">
      ${wrong ? html`<span class="wrong">${wrong.join("; ")}.</span>` : nothing} ${of.hint ?? nothing}</span></div>`;
}

function id(of, more = "") {
  return `field-${of.name}${more}`;
}
