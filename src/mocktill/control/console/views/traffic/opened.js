// The entry that is open: fetched once, with the texts that send its request again.
import { ask, path, Refused } from "../../control.js";
import { readBodies } from "./message.js";
import { clearedUpTo } from "./lines.js";

const NOTHING = { id: 0, entry: null, read: null, copies: null, gone: "", cleared: 0 };
let opened = NOTHING;

/** Return what is known of the entry with an id: nothing yet where it is not the one that was fetched. */
export function openedEntry(id) {
  return opened.id === id ? opened : { ...NOTHING, id };
}

/** Fetch the entry with an id, unless it is there already; one that is not kept any more is said to be gone. */
export async function fetchEntry(id) {
  const cleared = clearedUpTo();
  if (opened.id === id && (opened.cleared === cleared || id > cleared)) return;
  opened = { ...NOTHING, id, cleared };
  try {
    const entry = await ask("GET", path`journal/${id}`);
    opened = { ...NOTHING, id, cleared, entry, read: readBodies(entry) };
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.status === 0) throw thrown;
    opened = { ...opened, gone: thrown.message };
  }
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
