// Which requests a rule is about, in one choice: all, those of one API, or those of one operation.
import { html } from "../../lit/lit-html.js";
import { apis, titleOf } from "../../parts/served.js";

/** Return the options of a scope: `choice(value, label)` makes one. The value of all is "". */
export function scopes(choice) {
  return html`${choice("", "All requests")}
    ${apis().map(
      (api) => html`<optgroup label=${api.title}>
        ${choice(api.name, `All of ${api.title}`)}
        ${api.operations.map(({ name, summary }) => choice(`${api.name}.${name}`, `${name}: ${summary}`))}
      </optgroup>`,
    )}`;
}

/** Return what a rule says of a scope: `{}`, `{api}` or `{operation}`. */
export function whenOf(scope) {
  if (!scope) return {};
  return scope.includes(".") ? { operation: scope } : { api: scope };
}

/** Return the scope of a rule in words. */
export function scopeInWords({ api, operation }) {
  if (operation) return `Requests to ${operation}`;
  return api ? `Requests to ${titleOf(api)}` : "All requests";
}
