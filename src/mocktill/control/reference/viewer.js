// Swagger UI, as this page has it: no address but the sandbox's own, and the credential filled in that works there.
import { mend } from "./names.js";
import { LAYOUT, plugin } from "./plugin.js";

const TOKEN = "mocktill.token";

/** Show a document in an element; returns when it is drawn. The viewer itself may still be on its way. */
export async function show(spec, element) {
  await (window.SwaggerUIBundle ?? new Promise((resolve) => addEventListener("DOMContentLoaded", resolve)));
  mend(element);
  await new Promise((resolve) => draw(spec, element, resolve));
}

function draw(spec, element, done) {
  const viewer = window.SwaggerUIBundle({
    spec,
    domNode: element,
    plugins: [plugin],
    layout: LAYOUT,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    validatorUrl: null,
    onComplete: () => {
      authorize(viewer, spec);
      done();
    },
  });
}

/** Fill in the credential of the first security scheme: the sandbox's own, or the token that steers it. */
function authorize(viewer, spec) {
  const credential = spec.info["x-credential"] ?? sessionStorage.getItem(TOKEN);
  const [name] = Object.keys(spec.security?.[0] ?? {});
  if (!credential || !name) return;
  const basic = spec.components.securitySchemes[name].scheme === "basic";
  if (basic) viewer.preauthorizeBasic(name, credential, "");
  else viewer.preauthorizeApiKey(name, credential);
}
