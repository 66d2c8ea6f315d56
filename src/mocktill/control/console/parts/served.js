// The APIs of the server: they stay as they are while it runs, so they are asked for once.
import { ask } from "../control.js";
import { page } from "../page.js";

let known = { server: null, apis: [] };

/** Return the APIs, as `GET /apis` tells of them. */
export async function loadApis() {
  const server = page.pulse?.server ?? null;
  if (!known.apis.length || known.server !== server) known = { server, apis: (await ask("GET", "apis")).apis };
  return known.apis;
}

/** Return the APIs that were loaded. */
export function apis() {
  return known.apis;
}

/** Return how an API is called by its people: its own name where it is not known. */
export function titleOf(name) {
  return known.apis.find((api) => api.name === name)?.title ?? name;
}
