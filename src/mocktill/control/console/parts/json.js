// A JSON text, line by line: numbers and names stay as they were written, and what is said of a field stands below it.
import { html, nothing } from "../lit/lit-html.js";
import { redraw } from "../page.js";

const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = "  ";
const HEAD = 400;
const LONGEST_HEAD = 1500;

/** Return whether a text is JSON. */
export function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Return the lines of a JSON text: `{depth, name, text, pointer}`. The pointer is that of the value that begins in the
 * line; where one ends, it is null.
 */
function linesOf(text) {
  const lines = [];
  const within = [];
  let name = "";
  const add = (token, pointer) => lines.push({ depth: within.length, name, text: token, pointer });
  for (const token of text.match(TOKEN) ?? []) {
    const top = within.at(-1);
    if (token === ":") continue;
    if (token === ",") {
      lines.at(-1).text += ",";
      if (top.list) top.index += 1;
    } else if (token === "}" || token === "]") {
      within.pop();
      if (lines.at(-1) === top.line) top.line.text += token;
      else add(token, null);
    } else if (top && !top.list && !name) name = token;
    else {
      add(token, pointerOf(top, name));
      name = "";
      if (token === "{" || token === "[") {
        within.push({ list: token === "[", index: 0, line: lines.at(-1), pointer: lines.at(-1).pointer });
      }
    }
  }
  return lines;
}

function pointerOf(top, name) {
  if (!top) return "";
  return `${top.pointer}/${top.list ? top.index : escaped(JSON.parse(name))}`;
}

/** Return a name as a JSON pointer has it. */
function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A JSON text as it is shown: its beginning line by line, and the rest, where there is much of it, on demand. */
export class JsonText {
  #all = false;
  #rest = null;

  constructor(text) {
    this.lines = linesOf(text);
    this.places = new Map(this.lines.map((line, place) => [line.pointer, place]));
  }

  /** Return the text; `remarks` are `{pointer, …}`, and `draw(remark)` draws what is said of a field. */
  template(label, remarks = [], draw = null) {
    const said = this.#grouped(remarks);
    const far = Math.max(-1, ...[...said.keys()].filter((place) => place < LONGEST_HEAD));
    const head = this.lines.slice(0, Math.max(HEAD, far + 1));
    const below = [...said].filter(([place]) => place >= head.length).flatMap(([, some]) => some);
    return html`<div class="json" role="region" tabindex="0" aria-label=${label}>
      ${head.map((line, place) => html`${lineTemplate(line, said.has(place))}${said.get(place)?.map(draw) ?? nothing}`)}
      ${this.#more(head.length)} ${below.map(draw)}
    </div>`;
  }

  /** Return the line of a field; of one that is missing, the line of what it is missing in. */
  #placeOf(pointer) {
    let at = pointer;
    while (at && !this.places.has(at)) at = at.slice(0, at.lastIndexOf("/"));
    return this.places.get(at) ?? 0;
  }

  #grouped(remarks) {
    const groups = new Map();
    for (const remark of remarks) {
      const place = this.#placeOf(remark.pointer);
      groups.set(place, [...(groups.get(place) ?? []), remark]);
    }
    return groups;
  }

  #more(from) {
    const left = this.lines.length - from;
    if (left <= 0) return nothing;
    if (this.#all) {
      this.#rest ??= this.lines.slice(from).map(plain).join("\n"); // one text: however long, it is drawn at once
      return html`<pre class="rest">${this.#rest}</pre>`;
    }
    return html`<p class="more"><button class="small" @click=${() => this.#show()}>Show ${left.toLocaleString("en")} more lines</button></p>`;
  }

  #show() {
    this.#all = true;
    redraw();
  }
}

function lineTemplate(line, marked) {
  const name = line.name ? html`<span class="name">${line.name}</span>: ` : nothing;
  return html`<div class=${marked ? "json-line marked" : "json-line"} data-pointer=${line.pointer ?? nothing}><span
    class="indent">${INDENT.repeat(line.depth)}</span><span>${name}${line.text}</span></div>`;
}

function plain(line) {
  return INDENT.repeat(line.depth) + (line.name ? `${line.name}: ` : "") + line.text;
}
