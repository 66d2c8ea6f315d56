// A change that somebody makes on the page: it is tried, what came of it is said, and what holds now is shown at once.
import { Refused } from "../control.js";
import { page, redraw } from "../page.js";
import { attempt } from "./notice.js";

/** Do something as `attempt` does, and let the view fetch what it shows without waiting for the next pulse. */
export async function change(doing, done = "") {
  const { view } = page;
  const result = await attempt(doing, done);
  if (page.view === view) await renew(view);
  return result;
}

/** Let the view fetch what it shows, and draw that. */
export async function renew(view = page.view) {
  try {
    await view.load?.(page.place);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown; // the pulse says why nothing answers
  }
  redraw();
}
