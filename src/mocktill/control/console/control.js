// The control API of the sandbox that this page is about: one function that asks, and the token that it shows.

const HERE = new URL(".", import.meta.url);
/** The root of the control API, below the prefix of the sandbox. */
const CONTROL = new URL("..", HERE);
const TOKEN = "mocktill.token";
const [, before = "", name = ""] = /^(.*?)(?:\/~([^/]+))?\/_mocktill\/$/.exec(CONTROL.pathname) ?? [];
/** The name of the sandbox. */
export const sandbox = name ? decodeURIComponent(name) : "default";

/** What the control API refused: `status` (0: it was not reached), `detail` in words, `violations` with their places. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.violations = problem.violations ?? [];
  }
}

/** Take the token out of the address, where whoever opened the page left it; returns whether there was one. */
export function takeToken() {
  if (!location.hash.startsWith("#token=")) return false;
  keepToken(new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get("token")); // which no odd % breaks
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

/** Whether this session has a token. */
export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** Keep a token for this session. */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

/** Return the headers that every control call has, and those that it has with a body. */
function headers(body) {
  const token = sessionStorage.getItem(TOKEN);
  return {
    Accept: "application/json",
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
}

/**
 * Ask the control API: `ask("POST", "clock", {advance: "5m"})`. Returns the JSON of the answer; throws `Refused`. A
 * `signal` ends the waiting for it.
 */
export async function ask(method, path, body, signal) {
  return readJson(await askText(method, path, body, signal));
}

/** Ask as `ask` does, and return the answer as it came. A file as `body` is sent as it is. */
export async function askText(method, path, body, signal) {
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const { answer, text } = await fetched(path, { method, headers: headers(body), body: sent, cache: "no-store", signal });
  if (!answer.ok) throw new Refused(answer.status, readJson(text) ?? {});
  return text;
}

/** A server that goes away may do so in the middle of its answer. */
async function fetched(path, how) {
  try {
    const answer = await fetch(new URL(path, CONTROL), how);
    return { answer, text: await answer.text() };
  } catch {
    throw new Refused(0, { detail: "The server does not answer." });
  }
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Return a path of the control API with its parts encoded: path`journal/${id}/copies`. */
export function path(parts, ...values) {
  return parts.reduce((made, part, place) => made + encodeURIComponent(values[place - 1]) + part);
}

/** Return the address of this page for another sandbox. */
export function addressOf(other) {
  const prefix = other === "default" ? "" : `/~${encodeURIComponent(other)}`;
  return `${before}${prefix}/_mocktill/console/${location.hash}`;
}
