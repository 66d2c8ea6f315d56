// What people write into fields, as the control API takes it; what cannot even be sent is refused as it would refuse it.
import { Refused } from "../control.js";

/** Return a refusal of what was written, at the JSON pointer of what it was to become. */
export function unsendable(pointer, sentence) {
  return new Refused(422, { detail: sentence, violations: [{ pointer, rule: "sentence", expected: sentence }] });
}

/** Return a number, or what was written where it is none: the control API says what it expects there. */
export function number(text) {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Return a value of JSON; undefined where nothing was written. Throws `Refused` for what is none. */
export function json(text, pointer) {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unsendable(pointer, "this is no JSON");
  }
}

/** Return an object of lines such as `name: value`; "" where nothing was written. Throws `Refused` for other lines. */
export function pairs(text, between, pointer) {
  const lines = text.split("\n").filter((line) => line.trim());
  if (!lines.length) return "";
  if (lines.some((line) => !line.includes(between))) throw unsendable(pointer, `each line is a name, ${between} and a value`);
  return Object.fromEntries(lines.map((line) => pair(line, line.indexOf(between))));
}

/** Return the properties of an object that say something. */
export function present(value) {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== "" && part !== undefined));
}

function pair(line, place) {
  return [line.slice(0, place).trim(), line.slice(place + 1).trim()];
}
