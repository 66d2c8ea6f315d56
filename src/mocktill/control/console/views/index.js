// The views, in the order in which they are offered.
import { view as apis } from "./apis.js";
import { view as choices } from "./choices.js";
import { view as faults } from "./faults.js";
import { view as overview } from "./overview.js";
import { view as sandboxes } from "./sandboxes.js";
import { view as scenarios } from "./scenarios.js";
import { view as snapshots } from "./snapshots.js";
import { view as state } from "./state.js";
import { view as time } from "./time.js";
import { view as traffic } from "./traffic.js";

/**
 * A view has a `name` (its part of the address), a `title`, a sentence `about` it, and
 * - `load(place)`: fetches what it shows, when it is turned to and whenever what `watches(pulse)` returns has changed; where
 *   `page.pulse.exists` is false it asks nothing of the sandbox, since that would make it;
 * - `template(place)`: returns what it looks like now; it may be called before the first `load` is over;
 * - `actions()`: what stands beside its title, if anything; `leave()`: what ends with it, if anything;
 * - `anew`: whether each of its places is another page, which begins at the top.
 */
export const VIEWS = [overview, apis, traffic, state, time, faults, choices, scenarios, snapshots, sandboxes];

/** Return the view of a name; the first one where there is none. */
export function viewOf(name) {
  return VIEWS.find((view) => view.name === name) ?? VIEWS[0];
}
