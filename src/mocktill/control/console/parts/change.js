// A change that somebody makes on the page: it is tried, what came of it is said, and what holds now is shown at once.
import { load } from "../loading.js";
import { attempt } from "./notice.js";

/** Do something as `attempt` does, and let the view fetch what it shows without waiting for the next pulse. */
export async function change(doing, done = "") {
  const result = await attempt(doing, done);
  await load();
  return result;
}
