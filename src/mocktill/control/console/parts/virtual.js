// A list of many: only the lines that are in view stand in the document, and what is in view stays there while new
// lines come on top. Scrolling draws those lines alone, once a frame.
import { html, render } from "../lit/lit-html.js";
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
  #line = null;
  #element = null;
  #top = 0;
  #height = 36;
  #room = innerHeight;
  #anchor = null;
  #awaited = 0;
  #keep = ref((element) => (this.#element = element ?? this.#element));
  #scrolled = () => (this.#awaited ||= requestAnimationFrame(() => this.#follow()));

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
    this.#go(0);
  }

  /** Bring the line with a key into view; returns whether there is one. */
  reveal(key) {
    const place = this.#items.findIndex((item) => item.key === key);
    if (place < 0 || !this.#element) return false;
    const from = place * this.#height;
    if (from < this.#top) this.#go(from);
    else if (from + this.#height > this.#top + this.#room) this.#go(from + this.#height - this.#room);
    return true;
  }

  /** Return the list; `line(item)` draws what stands in one line, and `label` says what the list is of. */
  template(items, line, label) {
    [this.#items, this.#line] = [items, line];
    this.#hold();
    return html`<div class="virtual" tabindex="0" role="region" aria-label=${label} ${this.#keep} @scroll=${this.#scrolled}>
      <ul class="lines" role="list"></ul>
    </div>`;
  }

  #go(top) {
    this.#turnTo(Math.max(0, top));
    redraw();
  }

  #turnTo(top) {
    this.#top = top;
    const place = Math.floor(top / this.#height);
    const item = this.#items[place];
    this.#anchor = top > 0 && item ? { key: item.key, beyond: top - place * this.#height } : null;
  }

  /** Keep the line at the top where it is, whatever came above it. */
  #hold() {
    if (!this.#anchor) return;
    const place = this.#items.findIndex((item) => item.key === this.#anchor.key);
    const most = Math.max(0, this.#items.length * this.#height - this.#room);
    if (place < 0) this.#turnTo(Math.min(this.#top, most));
    else this.#top = place * this.#height + this.#anchor.beyond;
  }

  #follow() {
    this.#awaited = 0;
    const [away, top] = [this.away, this.#element.scrollTop];
    if (!this.#element.isConnected || Math.abs(top - this.#top) < 1) return;
    this.#turnTo(top);
    if (this.away === away) this.#draw();
    else redraw(); // others show whether the newest line is in view
  }

  /** After each drawing of the page: how large it all is now, the lines, and the place that is in view. */
  #settle() {
    const element = this.#element;
    if (!element?.isConnected) return;
    this.#height = parseFloat(getComputedStyle(element).getPropertyValue("--line-height")) || this.#height;
    this.#room = element.clientHeight;
    this.#draw();
    if (Math.abs(element.scrollTop - this.#top) >= 1) element.scrollTop = this.#top;
  }

  /**
   * Draw the lines around those in view. Each keeps its element as long as it is drawn, whatever comes above it; an
   * element that is free is taken for the next line, since making one costs ten times as much as changing its words.
   */
  #draw() {
    const [items, lines] = [this.#items, this.#element.querySelector(".lines")];
    const elements = Math.ceil(this.#room / this.#height) + 2 * BEYOND + 1;
    const first = Math.max(0, Math.floor(this.#top / this.#height) - BEYOND);
    const shown = items.slice(first, first + elements).map((item, place) => ({ item, place: first + place }));
    lines.style.height = `${items.length * this.#height}px`;
    lines.style.paddingTop = `${first * this.#height}px`;
    const line = ({ item, place }) => html`<li aria-posinset=${place + 1} aria-setsize=${items.length}>${this.#line(item)}</li>`;
    render(repeat(shown, ({ place }) => (items.length - place) % elements, line), lines);
  }
}
