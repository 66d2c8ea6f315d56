// A request that is sent from the page to the API in this sandbox, as any other client's is, and its answer.
import { html, nothing } from "../../lit/lit-html.js";
import { addressOfView, redraw } from "../../page.js";
import { basis, method, status } from "../../parts/badge.js";
import { bodyTemplate, readBody } from "../traffic/body.js";

const WITHOUT_BODY = ["GET", "HEAD"];
const KEPT = 50;
/** What came of the last sending of each operation. */
const sent = new Map();

/** Return the fields of an operation's request, the button, and what came of it. */
export function sendTemplate(api, described) {
  const { request } = described;
  const key = `${api.name}.${described.name}`;
  return html`<form class="stack send" @submit=${(event) => send(event, api, described, key)}>
      <label class="field"><span>Path, below <code>${api.base_url}</code></span>
        <span class="row target">${method(request.method)}
          <input name="path" class="mono" required autocomplete="off" spellcheck="false" value=${pathBelow(api, request.url)} /></span></label>
      ${headerLines(request.headers)}
      ${WITHOUT_BODY.includes(request.method) ? nothing : html`<label class="field">Body
        <textarea name="body" rows="8" spellcheck="false" .defaultValue=${pretty(request.body)}></textarea></label>`}
      <div class="row"><button class="primary" ?disabled=${Boolean(sent.get(key)?.waits)}>Send</button>
        <button type="reset">Back to the example</button></div>
    </form>
    ${answerTemplate(sent.get(key))}`;
}

function headerLines(headers) {
  const lines = Object.entries(headers);
  if (!lines.length) return nothing;
  return html`<dl class="facts">${lines.map(([name, value]) => html`<dt class="mono">${name}</dt><dd class="mono">${value}</dd>`)}</dl>`;
}

/** Return what of a URL stands below the base URL of its API. */
function pathBelow(api, url) {
  return url.startsWith(api.base_url) ? url.slice(api.base_url.length) : url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function send(event, api, described, key) {
  event.preventDefault();
  const fields = new FormData(event.target);
  const waiting = new AbortController();
  keep(key, { waits: waiting });
  try {
    keep(key, await played(addressAt(api, fields.get("path")), described.request, fields.get("body"), waiting.signal));
  } catch (thrown) {
    // what fetch throws where no whole answer came, and where somebody would not wait for it any longer
    if (!(thrown instanceof TypeError || thrown.name === "AbortError")) throw thrown;
    keep(key, { lost: true });
  }
}

function keep(key, answer) {
  sent.delete(key);
  sent.set(key, answer);
  if (sent.size > KEPT) sent.delete(sent.keys().next().value);
  redraw();
}

/** Return the address at this server, whatever host the base URL names: the page reaches no other. */
function addressAt(api, path) {
  return location.origin + new URL(api.base_url).pathname.replace(/\/$/, "") + path.replace(/^\/?/, "/");
}

async function played(url, { method: verb, headers }, body, signal) {
  const sentBody = body ? { body } : {};
  const answer = await fetch(url, { method: verb, headers, ...sentBody, credentials: "omit", cache: "no-store", signal });
  const text = await answer.text();
  return {
    status: answer.status,
    basis: answer.headers.get("Mocktill-Basis"),
    entry: answer.headers.get("Mocktill-Entry"),
    read: readBody({ body: text }, answer.headers.get("Content-Type") ?? ""),
  };
}

function answerTemplate(answer) {
  if (!answer) return nothing;
  return html`<div class="answer" aria-live="polite">
    <h4>Answer</h4>
    ${answer.waits ? waits(answer.waits) : answer.lost ? lost() : came(answer)}
  </div>`;
}

function waits(waiting) {
  return html`<p class="row"><span class="soft">Waiting for the answer…</span>
    <button class="small" @click=${() => waiting.abort()}>Give up</button></p>`;
}

function lost() {
  return html`<p class="notice bad"><span>No whole answer came: a fault may have taken it.
    <a href=${addressOfView("traffic")}>Traffic</a> tells what became of the request.</span></p>`;
}

function came(answer) {
  return html`<p class="row">${status(answer.status)} ${answer.basis ? basis(answer.basis) : nothing}
      ${answer.entry ? html`<a href=${addressOfView("traffic", answer.entry)}>Entry ${answer.entry} in Traffic</a>` : nothing}</p>
    ${bodyTemplate(answer.read, "Body of the answer")}`;
}
