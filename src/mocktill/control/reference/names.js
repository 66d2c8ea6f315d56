// What the viewer leaves out for those who listen or use keys: names of its fields and its cross, and a way into what
// scrolls.

const FIELDS = ":is(select, textarea):not([aria-label])";

/** Mend an element and what the viewer draws in it from now on. */
export function mend(element) {
  new MutationObserver(() => mendAll(element)).observe(element, { childList: true, subtree: true });
  mendAll(element);
}

function mendAll(element) {
  for (const field of element.querySelectorAll(FIELDS)) field.setAttribute("aria-label", nameOf(field));
  element.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
  for (const text of element.querySelectorAll("pre:not([tabindex])")) text.setAttribute("tabindex", "0");
}

/** What is a parameter's is called as the parameter; else a list is for a choice among examples or media types. */
function nameOf(field) {
  const row = field.closest("[data-param-name], [data-property-name]");
  if (row) return row.dataset.paramName ?? row.dataset.propertyName;
  if (field.matches("textarea")) return "Request body";
  return field.closest(".examples-select") ? "Example" : "Media type";
}
