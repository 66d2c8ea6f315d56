// The list of lines: its filters, what of it is in view, the way through it with the keyboard.
import { html } from "../../lit/lit-html.js";
import { addressOfView, afterDrawing, go } from "../../page.js";
import { VirtualList } from "../../parts/virtual.js";
import { filtered, filterFields, listed, unfilter } from "./filters.js";
import { counted, lineTemplate } from "./line.js";

const list = new VirtualList();
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
let sought = 0;

/** Return the list; `opened` is the id of the entry that is open, if any, and `apis` are those that are served. */
export function listTemplate(opened, apis) {
  const items = listed();
  return html`<section class="traffic-list" aria-label="Requests" @keydown=${(event) => step(event, opened)}>
    <div class="over">
      ${filterFields(apis)}
      <p class="row end"><button class="small newest" ?hidden=${!list.away || !items.length} @click=${() => list.toTop()}>Jump to
          newest</button><span class="soft small-text total">${counted(items.length, "line")}</span></p>
    </div>
    ${items.length ? list.template(items, (item) => lineTemplate(item, opened), "Requests, newest first") : empty()}
  </section>`;
}

/** Bring the line of an entry into view; returns whether it is listed. */
export function reveal(id) {
  return list.reveal(String(id));
}

/** Return the id of the entry so many lines further down; undefined at the end. */
export function neighbour(opened, by) {
  const items = listed();
  let at = items.findIndex((item) => item.entry?.id === opened);
  if (at < 0) return undefined;
  do at += by;
  while (items[at]?.remark);
  return items[at]?.entry.id;
}

function step(event, opened) {
  const by = STEPS[event.key];
  if (!by || !event.target.closest(".virtual")) return;
  const focused = Number(event.target.closest("a.entry")?.dataset.id);
  const from = focused || opened;
  const next = from ? neighbour(from, by) : listed().find((item) => item.entry)?.entry.id;
  if (!next) return;
  event.preventDefault();
  go("traffic", next);
  reveal(next);
  sought = next;
}

/** The line that the keyboard went to has the focus as soon as it stands in the document. */
function focusSought() {
  if (!sought) return;
  const link = document.querySelector(`.traffic-list a.entry[data-id="${sought}"]`);
  if (!link) return;
  link.focus({ preventScroll: true });
  sought = 0;
}

afterDrawing(focusSought);

function empty() {
  if (filtered()) {
    return html`<div class="empty"><p>No line fits these filters.</p><button @click=${unfilter}>Show all lines</button></div>`;
  }
  return html`<div class="empty"><p>Nothing was asked yet. Send a request from <a href=${addressOfView("apis")}>APIs</a>, or from your own page; it
    appears here at once.</p></div>`;
}
