// What the page shows now: the view that its address names, the last pulse, and the drawing of both.
import { html, render } from "./lit/lit-html.js";

/**
 * The state of the page. A view keeps what is its own itself; what the sandbox knows is asked for again, never kept up
 * by hand. `place` is the view's part of the address, `["deem", "deals"]` of `#/state/deem/deals`; `refused` is what came
 * in place of the last pulse, if anything; `began` is the server that this page was told of first; `beat()` asks for a
 * pulse at once.
 */
export const page = { view: null, place: [], pulse: null, refused: null, began: null, beat: () => {} };

let frame = () => html``;
let due = false;
const after = [];

/** Call a function after each drawing. */
export function afterDrawing(doing) {
  after.push(doing);
}

/** Say what draws the whole page. */
export function drawWith(template) {
  frame = template;
}

/** Draw the page soon: many calls in a row draw it once. */
export function redraw() {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    render(frame(), document.getElementById("console"));
    after.forEach((doing) => doing());
  });
}

/** Go to a view: `go("traffic", 12)`. */
export function go(...parts) {
  location.hash = addressOfView(...parts);
}

/** Return the address of a view, for links. */
export function addressOfView(...parts) {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}
