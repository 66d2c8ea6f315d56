// Where the reference begins: which API the address names, its document, and what is said where there is none.
import { ask, keepToken, path, Refused, sandbox, takeToken } from "../console/control.js";
import { fitted } from "./document.js";
import { followTheme } from "./theme.js";
import { show } from "./viewer.js";

const OWN = { name: "mocktill", title: "Control API" };
const state = document.getElementById("state");

/** Return the name of the API that the address names: `?api=drip`. */
function chosen() {
  return new URLSearchParams(location.search).get("api");
}

/** Draw the picker: a link for each API, so that a choice is an address. */
function drawPicker(apis, now) {
  document.getElementById("apis").replaceChildren(...apis.map((api) => itemOf(api, now)));
}

function itemOf(api, now) {
  const link = document.createElement("a");
  link.href = `?api=${encodeURIComponent(api.name)}`;
  link.textContent = api.title;
  if (api === now) link.setAttribute("aria-current", "page");
  const item = document.createElement("li");
  item.append(link);
  return item;
}

/** Ask for the document of an API. */
function documentOf(name) {
  return ask("GET", path`openapi/${name}.json`);
}

async function open() {
  const named = chosen();
  const asked = named === null ? null : documentOf(named); // at once: it takes longer than the list
  asked?.catch(() => null); // a refusal is told below, when the picker is there
  const { apis: served } = await ask("GET", "apis");
  const apis = [...served, OWN];
  const now = named === null ? apis[0] : apis.find((api) => api.name === named);
  drawPicker(apis, now);
  const told = await (asked ?? documentOf(now.name));
  document.title = `${now.title} · API reference · Mocktill`;
  await show(fitted(told, now), document.getElementById("viewer"));
  state.textContent = "";
}

function refuse(refused) {
  state.replaceChildren(...(refused.status === 401 ? locked() : [refused.message]));
  state.className = "notice";
}

/** Return what lets the page in: a sentence, and where the token is put. */
function locked() {
  const field = document.createElement("input");
  Object.assign(field, { type: "password", autocomplete: "off", required: true });
  const label = document.createElement("label");
  label.append("Token ", field);
  const form = document.createElement("form");
  form.append(label, Object.assign(document.createElement("button"), { textContent: "Use it" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepToken(field.value.trim());
    location.reload();
  });
  return ["This server has a token: the line that it printed when it was ready has it. Paste it here. ", form];
}

document.getElementById("sandbox").textContent = sandbox;
takeToken();
followTheme();
open().catch((thrown) => {
  if (!(thrown instanceof Refused)) throw thrown;
  refuse(thrown);
});
