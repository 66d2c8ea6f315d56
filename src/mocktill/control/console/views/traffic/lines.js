// The lines of the journal that this page has seen, and the remarks between them: asked for once each, kept in order.
import { ask } from "../../control.js";
import { page } from "../../page.js";

const MOST = 10_000;
const MOST_REMARKS = 2_000;
let entries = [];
let remarks = [];
let server = "";
let version = 0;
/** How often a journal began whose lines these are, and up to which entry it was emptied. */
let [begun, cleared] = [0, 0];

/** Fetch what is new; forget what was emptied. A sandbox that is not there is not asked, which would make it. */
export async function fetchLines() {
  const { pulse } = page;
  if (!pulse) return;
  if (pulse.server !== server || !pulse.exists) forget(pulse.server);
  if (!pulse.exists) return;
  const since = entries.at(-1)?.id ?? 0;
  const told = await ask("GET", `journal?format=lines&since=${since}`);
  if (told.last < since) {
    forget(pulse.server); // another sandbox of the same name has begun
    return fetchLines();
  }
  take(told, since, pulse.journal);
}

/** Return the number of changes so far: what is made of the lines holds until it is another. */
export function linesVersion() {
  return version;
}

/** Return what there is to list, newest first: `{key, entry}` and `{key, remark}`. */
export function newestFirst() {
  const items = [];
  let at = remarks.length;
  for (let place = entries.length - 1; place >= 0; place--) {
    while (at && remarks[at - 1].after >= entries[place].id) items.push(itemOf(remarks[--at]));
    items.push({ key: String(entries[place].id), entry: entries[place] });
  }
  while (at) items.push(itemOf(remarks[--at]));
  return items;
}

/** Return the line of an entry, which the page may still have where the journal has not. */
export function lineOf(id) {
  return entries.find((entry) => entry.id === id);
}

/** Return which journal the lines are of, up to which entry it was emptied, and its last one. */
export function journalAt() {
  return { begun, cleared, last: entries.at(-1)?.id ?? 0 };
}

function itemOf(remark) {
  return { key: `remark ${remark.after} ${remark.nth}`, remark };
}

function forget(now) {
  [entries, remarks, server, cleared] = [[], [], now, 0];
  begun += 1;
  version += 1;
}

function take(told, since, pulsed) {
  const gone = Math.max(cleared, emptiedUpTo(told, pulsed));
  const fresh = told.entries.filter((entry) => entry.id > since);
  const same = !fresh.length && gone === cleared && !isOther(told.remarks, since);
  if (same) return;
  entries = [...entries, ...fresh].filter((entry) => entry.id > gone).slice(-MOST);
  // those after the last known entry come again each time, together with what is new of them
  const before = remarks.filter((remark) => remark.after < since && remark.after >= gone);
  remarks = [...before, ...counted(told.remarks)].slice(-MOST_REMARKS);
  cleared = gone;
  version += 1;
}

/**
 * Up to which entry the journal was emptied: of all that ever were, some are kept and some had to make room; the others
 * were cleared. Where the pulse is older than the answer this is too low at the worst, and the next one mends it.
 */
function emptiedUpTo(told, pulsed) {
  return pulsed.last - pulsed.kept - told.evicted;
}

function isOther(told, since) {
  return told.length !== remarks.filter((remark) => remark.after >= since).length;
}

function counted(told) {
  const seen = new Map();
  return told.map((remark) => {
    const nth = seen.get(remark.after) ?? 0;
    seen.set(remark.after, nth + 1);
    return { ...remark, nth };
  });
}
