// A fault rule in a sentence: which requests it is about, how often it strikes, and what they get.
import { scopeInWords } from "./scope.js";

const ENDS = {
  drop: "the connection is closed before any byte",
  cut: "the body is cut in the middle",
  never: "no answer, ever",
};
const SPOILING = ["connection", "garbled", "content_type", "status", "error", "rate_limit"];

/** Return a rule in words. */
export function sentence({ when = {}, what, moment = "before" }) {
  const who = [scopeInWords(when), ...narrower(when), ...howOften(when)].join(", ");
  return `${who}: ${[...does(what), ...kept(what, moment)].join("; ")}.`;
}

function narrower({ method, path, body, until }) {
  return [
    method && `by ${method}`,
    path && `at ${path}`,
    body && `with ${Object.entries(body).map(([at, value]) => `${at} = ${JSON.stringify(value)}`).join(" and ")}`,
    until && `until ${until}`,
  ].filter(Boolean);
}

function howOften({ nth, every, next, probability }) {
  return [
    nth && `only the ${ordinal(nth)}`,
    every && (every === 1 ? "each" : `every ${ordinal(every)}`),
    next && (next === 1 ? "once" : `${next} times`),
    probability !== undefined && `${Number((probability * 100).toFixed(4))} % of them`,
  ].filter(Boolean);
}

function does({ status, error, type, body, rate_limit: limit, garbled, content_type: media, headers, delay, connection }) {
  return [
    status && `status ${status}${body === undefined ? "" : " with a body of its own"}`,
    error && `the vendor's error ${error}${type ? ` (${type})` : ""}`,
    limit && `refused over ${limit.limit} in ${span(limit.window)}`,
    garbled && "the body is no JSON any more",
    media && `content type ${media}`,
    headers && `with ${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join(", ")}`,
    delay !== undefined && `${late(delay)} late`,
    connection && ENDS[connection],
  ].filter(Boolean);
}

function kept(what, moment) {
  if (moment === "after") return ["what they did is kept"];
  return SPOILING.some((part) => part in what) ? ["nothing of them is kept"] : [];
}

function late(delay) {
  return typeof delay === "object" ? `${span(delay.least)} to ${span(delay.most)}` : span(delay);
}

function span(duration) {
  if (typeof duration === "number") return `${duration} s`;
  return duration.replace(/^(\d+)([a-z]+)$/, (_, number, unit) => `${number} ${unit === "m" ? "min" : unit}`);
}

function ordinal(number) {
  const tens = number % 100;
  const end = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${end}`;
}
