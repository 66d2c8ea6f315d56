// Where the console begins: it takes the token, finds the view that the address names, and follows the pulse.
import { Refused, takeToken } from "./control.js";
import { frame } from "./frame.js";
import { drawWith, page, redraw } from "./page.js";
import { follow } from "./pulse.js";
import { say } from "./parts/notice.js";
import { keepTime } from "./parts/time.js";
import { viewOf } from "./views/index.js";

let seen = "";
let loading = null;
let again = false;

/** Read the view and its place from the address. */
function turn() {
  const [name, ...place] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  const view = viewOf(name);
  const other = page.view !== null && view !== page.view;
  if (other) page.view.leave?.();
  page.view = view;
  page.place = place;
  seen = "";
  document.title = `${view.title} · Mocktill`;
  if (other) window.scrollTo(0, 0);
  load().then(() => other && document.querySelector("h1")?.focus({ preventScroll: true }));
}

/**
 * Let the view fetch what it shows, one at a time; what changes meanwhile is fetched after it. Before the first pulse
 * nobody knows whether the sandbox is there, and asking it would make it.
 */
async function load() {
  if (loading) {
    again = true;
    return loading;
  }
  loading = (async () => {
    do {
      again = false;
      const view = page.view;
      try {
        if (page.pulse) await view.load?.(page.place);
        view.failure = null;
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        view.failure = thrown;
      }
      redraw();
    } while (again);
  })().finally(() => (loading = null));
  return loading;
}

/** Look at a pulse: draw what moved, and load the view again where what it watches has changed. */
function told(pulse, refused) {
  page.offline = refused !== null && refused.status === 0;
  page.locked = refused?.status === 401;
  page.refused = refused;
  if (pulse) {
    page.pulse = pulse;
    keepTime(pulse);
    const now = JSON.stringify([pulse.server, pulse.exists, page.place, page.view.watches?.(pulse) ?? []]);
    if (now !== seen) {
      seen = now;
      load();
    }
  }
  redraw();
}

window.addEventListener("hashchange", () => {
  const locked = location.hash.startsWith("#token=");
  takeToken();
  if (locked) say("The token is kept for this session.");
  turn();
});
takeToken();
drawWith(frame);
turn();
page.beat = follow(told);
redraw();
