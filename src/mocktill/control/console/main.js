// Where the console begins: it takes the token, finds the view that the address names, and follows the pulse.
import { sandbox, takeToken } from "./control.js";
import { frame } from "./frame.js";
import { load, loadChanged } from "./loading.js";
import { drawWith, page, redraw } from "./page.js";
import { follow } from "./pulse.js";
import { close } from "./parts/dialog.js";
import { say } from "./parts/notice.js";
import { keepTime } from "./parts/time.js";
import { viewOf } from "./views/index.js";

/** Read the view and its place from the address. */
async function turn() {
  const [name, ...place] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
  const [view, before] = [viewOf(name), page.view];
  const other = before !== null && view !== before;
  if (other) before.leave?.();
  close();
  [page.view, page.place] = [view, place];
  document.title = [view.title, ...(sandbox === "default" ? [] : [sandbox]), "Mocktill"].join(" · ");
  if (other || view.anew) window.scrollTo(0, 0);
  await load();
  // whoever follows a link with the keyboard goes on at what it led to; the link itself may be gone
  if (before && (other || document.activeElement === document.body)) document.querySelector("h1")?.focus({ preventScroll: true });
}

/** Return a part of the address; one that somebody mistyped is what it is. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Look at a pulse: draw what moved, and load the view again where what it watches has changed. */
function told(pulse, refused) {
  page.refused = refused;
  if (pulse) {
    page.began ??= pulse.server;
    page.pulse = pulse;
    keepTime(pulse);
    loadChanged();
  }
  redraw();
}

window.addEventListener("hashchange", () => {
  if (takeToken()) {
    say("The token is kept for this session.");
    page.beat();
  }
  turn();
});
takeToken();
drawWith(frame);
turn();
page.beat = follow(told);
