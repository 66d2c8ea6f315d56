// The operation that is open, as the control API describes it.
import { ask, path } from "../../control.js";

let described = null;

/** Return the description of an operation, where it is the one that was fetched. */
export function descriptionOf(api, name) {
  return described?.api === api && described.name === name ? described : null;
}

/** Fetch the description of an operation. */
export async function fetchOperation(api, name) {
  const told = await ask("GET", path`apis/${api}/operations/${name}`);
  described = { ...told, api, name };
}
