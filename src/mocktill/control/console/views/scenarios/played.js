// What came of playing scenarios in this tab: kept until they are played again.
import { ask, path } from "../../control.js";
import { redraw } from "../../page.js";
import { tag } from "../../parts/badge.js";
import { attempt, say } from "../../parts/notice.js";

const played = new Map();
let playing = null;

/** Return what came of a scenario, as `play` answered; nothing where it was not played yet. */
export function storyOf(scenario) {
  return played.get(key(scenario));
}

/** Whether a scenario is being played. */
export function busy() {
  return playing !== null;
}

/** Return in a word what came of a scenario. */
export function outcome(scenario) {
  const story = storyOf(scenario);
  if (playing === key(scenario)) return tag("playing");
  if (!story) return "";
  return story.ok ? tag("as expected", "good") : tag("not as expected", "bad");
}

/** Play a scenario; `first` is done before it, if it is given. */
export async function play(scenario, first = null) {
  if (busy()) return;
  playing = key(scenario);
  redraw();
  try {
    const story = await attempt(async () => {
      await first?.();
      return ask("POST", path`scenarios/${scenario.api}/${scenario.name}/play`);
    });
    if (story) keep(scenario, story);
  } finally {
    playing = null;
    redraw();
  }
}

function keep(scenario, story) {
  played.set(key(scenario), story);
  if (story.ok) say(`${scenario.title}: as expected.`);
  else say(`${scenario.title}: not as expected.`, "waiting");
}

function key({ api, name }) {
  return `${api}/${name}`;
}
