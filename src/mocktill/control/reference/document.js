// What an exported document becomes for this page: it asks this sandbox, fills in no more than it has to, and tells the
// examples apart.

/** The root of the control API, below the prefix of the sandbox. */
const CONTROL = new URL("..", import.meta.url);

const SANDBOX_HEADER = "Mocktill-Sandbox";

const FORM = "application/x-www-form-urlencoded";

/**
 * Return where an API answers as this page's browser reaches it, without a slash at its end: beside this page, whatever
 * stands before the server. An API that is served alone is at the root; one without an address is the control API.
 */
function rootOf(api) {
  if (!api.base_url) return CONTROL.href.slice(0, -1);
  const below = api.base_url.endsWith(`/${api.name}`) ? api.name : "";
  return new URL(`../${below}`, CONTROL).href.replace(/\/$/, "");
}

/** Return the document of an API for this page. A vendor's examples are a request that succeeds: they are filled in. */
export function fitted(told, api) {
  const { parameters = {}, schemas = {} } = told.components ?? {};
  const elsewhere = [SANDBOX_HEADER, ...credentialsOf(told)]; // the address names the one, what is filled in the others
  for (const operation of operationsOf(told)) {
    operation.parameters = (operation.parameters ?? [])
      .map((one) => (one.$ref ? (parameters[one.$ref.split("/").pop()] ?? one) : one))
      .filter((one) => !elsewhere.includes(one.name))
      .map((one) => (api.base_url ? one : unfilled(one)));
    fillForm(operation.requestBody, schemas);
    operation.responses = answersOf(operation);
  }
  const { license, ...info } = told.info; // the licence is the document's, and would pass for the API's
  return { ...told, info, servers: [{ url: rootOf(api), description: "This sandbox" }] };
}

function credentialsOf(told) {
  const schemes = Object.values(told.components?.securitySchemes ?? {});
  return schemes.filter((one) => one.type === "apiKey").map((one) => one.name);
}

function* operationsOf(told) {
  for (const item of [...Object.values(told.paths), ...Object.values(told.webhooks ?? {})]) yield* Object.values(item);
}

/** What narrows an answer down is not filled in: its example is told in words. */
function unfilled(parameter) {
  if (parameter.required || parameter.example === undefined) return parameter;
  const { example, ...rest } = parameter;
  return { ...rest, description: `${rest.description ?? ""} Example: \`${example}\``.trim() };
}

/** The viewer fills a form from its schema, not from the body's example: put it there, and nothing elsewhere. */
function fillForm(body, schemas) {
  const form = body?.content?.[FORM];
  if (!form) return;
  const schema = schemas[form.schema.$ref?.split("/").pop()] ?? form.schema;
  const sample = Object.values(form.examples ?? {})[0]?.value ?? {};
  const fill = ([name, one]) => [name, { ...one, examples: [sample[name] ?? ""] }];
  const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).map(fill));
  body.content[FORM] = { schema: { ...schema, properties } };
}

/** Return the responses, each with the headers that only it has: what the success has as well is told there. */
function answersOf(operation) {
  const [[good, success] = [], ...others] = Object.entries(operation.responses ?? {});
  if (!success) return operation.responses;
  const usual = Object.keys(success.headers ?? {});
  const own = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !usual.includes(name)));
  const rest = others.map(([status, one]) => [status, one.headers ? { ...one, headers: own(one.headers) } : one]);
  const told = Object.fromEntries([[good, success], ...rest]);
  Object.values(told).forEach(tellApart);
  return told;
}

/** Several refusals of a status may have one text: say what each is, how well it is known, and by which choice. */
function tellApart(response) {
  for (const content of Object.values(response.content ?? {})) {
    for (const [name, example] of Object.entries(content.examples ?? {})) {
      if (!example["x-basis"]) continue;
      const choice = example["x-choice"] ? `, if ${example["x-choice"]}` : "";
      example.summary = `${name}: ${example.summary} (${example["x-basis"]}${choice})`;
    }
  }
}
