// A list of many: only the lines that are in view stand in the document, and what is in view stays there while new
// lines come on top.
import { html } from "../lit/lit-html.js";
import { ref } from "../lit/directives/ref.js";
import { repeat } from "../lit/directives/repeat.js";
import { afterDrawing, redraw } from "../page.js";

const BEYOND = 8;

/**
 * A list whose lines are all of one height, which the custom property `--line-height` of its element says in pixels.
 * Each item has a `key`; the key of the line at the top is what the list holds on to.
 */
export class VirtualList {
  #items = [];
  #element = null;
  #top = 0;
  #height = 36;
  #anchor = null;
  #keep = (element) => this.#found(element);
  #moved = () => this.#scrolled();

  constructor() {
    afterDrawing(() => this.#settle());
    addEventListener("resize", redraw);
  }

  /** Whether the newest line is out of view. */
  get away() {
    return this.#top > 0;
  }

  /** Go to the first line. */
  toTop() {
    this.#anchor = null;
    this.#top = 0;
    redraw();
  }

  /** Bring the line with a key into view; returns whether there is one. */
  reveal(key) {
    const place = this.#items.findIndex((item) => item.key === key);
    const room = this.#room();
    if (place < 0 || !this.#element) return false;
    const from = place * this.#height;
    if (from < this.#top) this.#go(from);
    else if (from + this.#height > this.#top + room) this.#go(from + this.#height - room);
    return true;
  }

  /** Return the list; `line(item)` draws what stands in one line, and `label` says what the list is of. */
  template(items, line, label) {
    this.#items = items;
    this.#hold();
    const first = Math.max(0, Math.floor(this.#top / this.#height) - BEYOND);
    const last = Math.min(items.length, Math.ceil((this.#top + this.#room()) / this.#height) + BEYOND);
    const shown = items.slice(first, last).map((item, place) => ({ item, place: first + place }));
    return html`<div class="virtual" tabindex="0" role="region" aria-label=${label} ${ref(this.#keep)} @scroll=${this.#moved}>
      <ul class="lines" role="list">
        ${repeat(shown, ({ item }) => item.key, ({ item, place }) => html`<li data-place=${place}
          aria-posinset=${place + 1} aria-setsize=${items.length}>${line(item)}</li>`)}
      </ul>
    </div>`;
  }

  #room() {
    return this.#element?.clientHeight || innerHeight;
  }

  #go(top) {
    this.#top = Math.max(0, top);
    this.#anchor = this.#anchorAt(this.#top);
    redraw();
  }

  /** Keep the line at the top where it is, whatever came above it. */
  #hold() {
    if (!this.#anchor) return;
    const place = this.#items.findIndex((item) => item.key === this.#anchor.key);
    const most = Math.max(0, this.#items.length * this.#height - this.#room());
    this.#top = place < 0 ? Math.min(this.#top, most) : place * this.#height + this.#anchor.beyond;
    if (place < 0) this.#anchor = this.#anchorAt(this.#top);
  }

  #anchorAt(top) {
    const place = Math.floor(top / this.#height);
    return top > 0 && this.#items[place] ? { key: this.#items[place].key, beyond: top - place * this.#height } : null;
  }

  #found(element) {
    if (!element) return;
    this.#element = element;
    this.#height = parseFloat(getComputedStyle(element).getPropertyValue("--line-height")) || this.#height;
    queueMicrotask(redraw); // how many lines are in view is known only now
  }

  #scrolled() {
    const top = this.#element.scrollTop;
    if (Math.abs(top - this.#top) < 1) return;
    this.#top = top;
    this.#anchor = this.#anchorAt(top);
    redraw();
  }

  /** After each drawing: the room that all lines would take, each line in its place, and the place that is in view. */
  #settle() {
    const element = this.#element;
    if (!element?.isConnected) return;
    this.#height = parseFloat(getComputedStyle(element).getPropertyValue("--line-height")) || this.#height;
    const lines = element.querySelector(".lines");
    lines.style.height = `${this.#items.length * this.#height}px`;
    for (const line of lines.children) line.style.top = `${Number(line.dataset.place) * this.#height}px`;
    if (Math.abs(element.scrollTop - this.#top) >= 1) element.scrollTop = this.#top;
  }
}
