// A rule of one's own: its fields, which of them come first, and the rule that they make.
import { Draft } from "../../parts/draft.js";
import { json, number, pairs, present } from "../../parts/written.js";
import { whenOf } from "./scope.js";

/** What was filled in. */
export const draft = new Draft({ kind: "status", status: "503", moment: "before" });

/** The fields by name. */
export const FIELDS = Object.fromEntries(
  [
    { name: "scope", label: "Which requests", at: ["/when", "/when/api", "/when/operation"] },
    { name: "kind", label: "What they get", at: ["/what"] },
    { name: "moment", label: "What they do to the sandbox", at: ["/moment"] },
    { name: "next", label: "How many of them", at: ["/when/next"], example: "all", hint: "As many, and then no more." },
    { name: "status", label: "Status", at: ["/what/status"], example: "503", hint: "200 to 599. The body is the vendor's own." },
    {
      name: "error", label: "Error", at: ["/what/error"], list: "errors",
      example: "sold_out", hint: "By its meaning, in the vendor's shape.",
    },
    {
      name: "delay", label: "Late by", at: ["/what/delay", "/what/delay/least"],
      example: "2s", hint: "As 250ms, 2s, 5m, or a number of seconds.",
    },
    {
      name: "most", label: "Late by, at the most", at: ["/what/delay/most"],
      example: "as long each time", hint: "Drawn anew for each request.",
    },
    { name: "end", label: "How the answer breaks", at: ["/what/connection", "/what/garbled"] },
    { name: "limit", label: "Requests that pass", at: ["/what/rate_limit", "/what/rate_limit/limit"], example: "5" },
    { name: "window", label: "In a window of", at: ["/what/rate_limit/window"], example: "1m", hint: "Of the sandbox's clock." },
    {
      name: "headers", label: "Headers", at: ["/what/headers"], rows: 3, wide: true,
      example: "Retry-After: 5", hint: "A line each: its name, a colon, its value.",
    },
    { name: "content_type", label: "Content type", at: ["/what/content_type"], example: "text/html" },
    { name: "type", label: "Which of several", at: ["/what/type"], hint: "By what the vendor calls that error." },
    {
      name: "body", label: "Body", at: ["/what/body"], rows: 3, wide: true,
      example: '{"error": "busy"}', hint: "As JSON; a text stands in quotes.",
    },
    { name: "nth", label: "Only the n-th of them", at: ["/when/nth"], example: "3" },
    { name: "every", label: "Every n-th of them", at: ["/when/every"], example: "3" },
    {
      name: "probability", label: "With a probability of", at: ["/when/probability"],
      example: "0.25", hint: "0 to 1, drawn from the sandbox's seed.",
    },
    {
      name: "until", label: "Until", at: ["/when/until"],
      example: "2026-03-02T12:00:00Z", hint: "An instant of the sandbox's clock, in UTC.",
    },
    { name: "method", label: "Method", at: ["/when/method"], example: "POST" },
    { name: "path", label: "Path", at: ["/when/path"], example: "/v1/*", hint: "Below the API's root; * is anything." },
    {
      name: "having", label: "With this in the body", at: ["/when/body"], rows: 2, wide: true,
      example: '{"/quantity": 1}', hint: "As JSON: what is there, by JSON pointer.",
    },
    { name: "title", label: "What the rule is for", at: ["/title"], wide: true, hint: "In your words." },
  ].map((field) => [field.name, field]),
);

/** What a rule may be about, and the fields that come first with it. */
export const KINDS = {
  status: ["A status", ["status"]],
  error: ["An error of the vendor", ["error"]],
  late: ["The usual answer, late", ["delay", "most"]],
  broken: ["An answer that breaks", ["end"]],
  limit: ["A refusal, over a limit", ["limit", "window"]],
  dressed: ["The usual answer, with other headers", ["headers", "content_type"]],
};
const ENDS = { drop: { connection: "drop" }, cut: { connection: "cut" }, never: { connection: "never" }, garbled: { garbled: true } };
const ONLY = { type: "error", body: "status" };
const ALSO = ["type", "body", "headers", "content_type", "delay", "most", "end"];

/** The fields that say more about which requests are struck. */
export const NARROWER = ["method", "path", "nth", "every", "probability", "until", "having"];

/** Return the fields of what is done, those that come first and the others. */
export function ofWhat(kind) {
  const [, first] = KINDS[kind];
  return [first, ALSO.filter((name) => !first.includes(name) && (ONLY[name] ?? kind) === kind)];
}

/** Return the rule that was filled in; throws `Refused` for what cannot even be sent. */
export function ruleOf({ values }) {
  const used = ofWhat(values.kind).flat();
  const given = (name) => (used.includes(name) ? (values[name] ?? "").trim() : "");
  const { limit, window, most } = { limit: given("limit"), window: given("window"), most: given("most") };
  return present({
    title: (values.title ?? "").trim(),
    when: orNothing(whenFrom(values)),
    what: present({
      status: number(given("status")),
      error: given("error"),
      type: given("type"),
      headers: pairs(given("headers"), ":", "/what/headers"),
      body: json(given("body"), "/what/body"),
      delay: most ? { least: number(given("delay") || "0"), most: number(most) } : number(given("delay")),
      content_type: given("content_type"),
      rate_limit: used.includes("limit") ? present({ limit: number(limit), window: number(window) }) : "",
      ...ENDS[used.includes("end") && values.end],
    }),
    moment: values.moment === "after" ? "after" : "",
  });
}

function whenFrom(values) {
  const given = (name) => (values[name] ?? "").trim();
  return present({
    ...whenOf(values.scope),
    method: given("method").toUpperCase(),
    path: given("path"),
    body: json(given("having"), "/when/body"),
    ...Object.fromEntries(["nth", "every", "next", "probability"].map((name) => [name, number(given(name))])),
    until: given("until"),
  });
}

function orNothing(value) {
  return Object.keys(value).length ? value : "";
}
