// Which choices are shown: those of one API, or, of all APIs, those with a word or those that were changed.
import { redraw } from "../../page.js";

let filter = { word: "", only: false };

/** Return the filter where one is set, else nothing. */
export function narrowed() {
  return filter.word.trim() || filter.only ? filter : "";
}

/** Set some of the filter. */
export function narrow(some) {
  filter = { ...filter, ...some };
  redraw();
}

/** Whether a choice is decided otherwise than it comes. */
export function changed(choice) {
  return choice.value !== choice.default;
}

/** Return the choices to show, by API; the one in front where nothing is searched for. */
export function groups(choices, apis, front) {
  const words = filter.word.toLowerCase().split(/\s+/).filter(Boolean);
  const meant = narrowed() ? apis : apis.filter((api) => api.name === front);
  return meant
    .map((api) => ({ api, found: choices.filter((choice) => choice.name.startsWith(`${api.name}.`) && fits(choice, words)) }))
    .filter(({ found }) => found.length);
}

function fits(choice, words) {
  const options = choice.options.flatMap(({ value, sentence }) => [value, sentence]);
  const text = [choice.name, choice.question, ...options].join(" ").toLowerCase();
  return words.every((word) => text.includes(word)) && (!filter.only || changed(choice));
}
