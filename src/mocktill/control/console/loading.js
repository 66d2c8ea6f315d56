// What the view shows is fetched here: one fetch at a time, and again whenever what it watches has changed.
import { Refused } from "./control.js";
import { page, redraw } from "./page.js";

let seen = "";
let loading = null;
let again = false;

/**
 * Let the view fetch what it shows, and draw that; what changes meanwhile is fetched after it. Before the first pulse
 * nobody knows whether the sandbox is there, and asking it would make it.
 */
export function load() {
  again = true;
  loading ??= loadAll();
  return loading;
}

/** Load the view again where what it watches is not what it was, or where its last fetch was not answered. */
export function loadChanged() {
  if (watched() !== seen || page.view.failure?.status === 0) load();
}

async function loadAll() {
  try {
    while (again) {
      again = false;
      seen = watched();
      await loadView(page.view);
      redraw();
    }
  } finally {
    loading = null;
  }
}

async function loadView(view) {
  try {
    if (page.pulse) await view.load?.(page.place);
    view.failure = null;
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    view.failure = thrown;
  }
}

function watched() {
  const { pulse, place, view } = page;
  return pulse ? JSON.stringify([pulse.server, pulse.exists, view.name, place, view.watches?.(pulse) ?? []]) : "";
}
