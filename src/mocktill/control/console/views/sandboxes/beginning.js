// What a new sandbox begins with, as the control API takes it.
import { number, pairs, present } from "../../parts/written.js";

/** Return the call's body; throws `Refused` for what cannot even be sent. */
export function beginning(draft) {
  const given = (name) => draft.get(name).trim();
  return present({
    name: given("sandbox"),
    now: given("now"),
    answers: given("answers"),
    seed: number(given("seed")),
    populate: number(given("populate")),
    populate_api: given("populate_api"),
    choices: pairs(given("choices"), "=", "/choices"),
    webhooks: pairs(given("webhooks"), "=", "/webhooks"),
  });
}
