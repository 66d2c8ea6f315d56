// The entry that is open: fetched once, with the texts that send its request again.
import { ask, path, Refused } from "../../control.js";
import { readBodies } from "./message.js";
import { journalAt } from "./lines.js";

const NOTHING = { id: 0, entry: null, read: null, copies: null, gone: "", journal: null };
let opened = NOTHING;

/** Return what is known of the entry with an id: nothing yet where it is not the one that was fetched. */
export function openedEntry(id) {
  return opened.id === id ? opened : { ...NOTHING, id };
}

/** Fetch the entry with an id, unless it is there already; one that is not kept any more is said to be gone. */
export async function fetchEntry(id) {
  const journal = journalAt();
  if (opened.id === id && isStill(id, journal)) return;
  opened = { ...NOTHING, id, journal };
  try {
    const entry = await ask("GET", path`journal/${id}`);
    opened = { ...opened, entry, read: readBodies(entry) };
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.status === 0) throw thrown;
    opened = { ...opened, gone: thrown.message };
  }
}

/**
 * Whether what is known of the entry holds. Another journal, of a server or a sandbox that began anew, has another entry
 * of that id; and one that is not there may be still to come.
 */
function isStill(id, { begun, cleared, last }) {
  const { journal: then, gone } = opened;
  if (then.begun !== begun) return false;
  return gone ? id <= then.last || id > last : then.cleared === cleared || id > cleared;
}

/** Fetch the texts that send the request of the open entry again. */
export async function fetchCopies() {
  const { id, entry, copies } = opened;
  if (!entry || copies) return;
  try {
    const told = await ask("GET", path`journal/${id}/copies`);
    if (opened.id === id) opened = { ...opened, copies: told };
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    if (opened.id === id) opened = { ...opened, copies: { about: `It cannot be copied: ${thrown.message}` } };
  }
}

/** Forget the entry, so that it is fetched again. */
export function forgetEntry() {
  opened = NOTHING;
}
