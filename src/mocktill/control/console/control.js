// The control API of the sandbox that this page is about: one function that asks, and the token that it shows.

const HERE = new URL(".", import.meta.url);
/** The root of the control API, below the prefix of the sandbox. */
export const CONTROL = new URL("..", HERE);
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

/** Take the token out of the address, where whoever opened the page left it. */
export function takeToken() {
  const found = /^#token=([^&]+)$/.exec(location.hash);
  if (!found) return;
  keepToken(decodeURIComponent(found[1]));
  history.replaceState(null, "", location.pathname + location.search);
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

/** Ask the control API: `ask("POST", "clock", {advance: "5m"})`. Returns the JSON of the answer; throws `Refused`. */
export async function ask(method, path, body) {
  return readJson(await askText(method, path, body));
}

/** Ask as `ask` does, and return the answer as it came. A file as `body` is sent as it is. */
export async function askText(method, path, body) {
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(new URL(path, CONTROL), { method, headers: headers(body), body: sent, cache: "no-store" });
  } catch {
    throw new Refused(0, { detail: "The server does not answer." });
  }
  const text = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, readJson(text) ?? {});
  return text;
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
