// What a document tells beside its operations, to be opened: values that mean something, and what the sandbox decides.

/** Return a component that draws both, where the document has them; `info` is its head. */
export function factsOf({ createElement: draw }) {
  const code = (text) => draw("code", null, text);
  const prose = (text) => text.split("`").map((part, place) => (place % 2 ? draw("code", { key: place }, part) : part));
  const item = (key, ...parts) => draw("li", { key }, ...parts);
  const magic = (one) => item(`${one.table} ${one.key}`, code(one.key), ` in ${one.table}: `, prose(one.sentence));
  const choice = (one) => item(one.name, code(`${one.name}=${one.value}`), ` (${one.basis}) `, prose(one.question));
  const folded = (title, made) =>
    made.length
      ? draw("details", null, draw("summary", null, `${title} (${made.length})`), draw("ul", null, made))
      : null;

  return function Facts({ info }) {
    const magics = folded("Values that mean something", (info["x-magic"] ?? []).map(magic));
    const choices = folded("Choices where the vendor is silent, as they stand", (info["x-choices"] ?? []).map(choice));
    return draw("div", { className: "facts" }, magics, choices);
  };
}
