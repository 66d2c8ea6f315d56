// What the viewer draws otherwise here: the order of the page, which has one address and is part of another page, and
// on each operation how well it is known.

import { factsOf } from "./facts.js";

const SENTENCES = {
  documented: "The vendor's page on this operation says so.",
  published: "The vendor says so elsewhere.",
  observed: "A client of the vendor or a recorded answer shows it.",
  assumed: "Nobody says: Mocktill decided it.",
};
/** The name of the layout. */
export const LAYOUT = "ReferenceLayout";

/** Return the plugin. */
export function plugin({ React, getSystem }) {
  const draw = React.createElement;
  const json = () => getSystem().specSelectors.specJson();
  const breakable = (path) => path.split(/(?=\/)/).flatMap((part, place) => [draw("wbr", { key: place }), part]);
  const badge = (basis) => draw("span", { className: `basis ${basis}`, title: SENTENCES[basis] ?? "" }, basis);

  const Facts = factsOf(React);

  /** The viewer's own has a main part, and a list of servers: this page has the first, and no need of the second. */
  function ReferenceLayout({ getComponent }) {
    const part = (name) => draw(getComponent(name, true));
    const url = draw("code", null, json().getIn(["servers", 0, "url"]));
    const address = draw("h2", { className: "base-url" }, "Base URL ", url);
    const start = draw("div", { className: "scheme-container" }, address, part("AuthorizeBtnContainer"));
    const facts = draw(Facts, { info: json().get("info").toJS() });
    const rest = ["errors", "operations", "Webhooks", "Models"].map(part);
    return draw("div", { className: "swagger-ui" }, part("InfoContainer"), facts, start, ...rest);
  }

  /** The path is no link: within the button that opens an operation it could not be reached. */
  function OperationSummaryPath({ operationProps, specPath }) {
    const path = operationProps.get("path");
    const basis = json().getIn([...specPath, "x-basis"]);
    const text = draw("span", { className: "opblock-summary-path", "data-path": path }, breakable(path));
    return draw(React.Fragment, null, text, basis ? badge(basis) : null);
  }

  const wrapActions = { parseDeepLinkHash: followed };
  return { components: { OperationSummaryPath, [LAYOUT]: ReferenceLayout }, statePlugins: { layout: { wrapActions } } };
}

/** Open what the address names: `#/tag/operation`. The viewer's own complains of names with an underscore. */
function followed(original, { layoutActions, layoutSelectors }) {
  return (hash) => {
    const parts = (hash ?? "").replace(/^#\/?/, "").split("/");
    if (!parts[0]) return;
    const place = layoutSelectors.isShownKeyFromUrlHashArray(parts);
    layoutActions.show(place, true);
    layoutActions.scrollTo(place);
  };
}
