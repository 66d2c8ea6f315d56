// The pulse of the sandbox, asked for twice a second: whatever anybody changed, the page knows of it within a second.
import { ask } from "./control.js";

const EVERY_MS = 400;
const AFAR_MS = 1000;
/** A token does not become right by itself. */
const LOCKED_MS = 10_000;
/** A server that hangs does not answer, either. */
const PATIENCE_MS = 8_000;

/** Ask again and again; `told` is called with each pulse, or with what was thrown instead. Returns what asks at once. */
export function follow(told) {
  let timer = 0;
  let under = null;
  const beat = () => {
    clearTimeout(timer);
    under ??= once(told).then((after) => {
      under = null;
      timer = setTimeout(beat, after);
    });
    return under;
  };
  beat();
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  return beat;
}

async function once(told) {
  try {
    told(await ask("GET", "pulse", undefined, AbortSignal.timeout(PATIENCE_MS)), null);
    return EVERY_MS;
  } catch (refused) {
    told(null, refused);
    return refused.status === 401 ? LOCKED_MS : AFAR_MS;
  }
}
