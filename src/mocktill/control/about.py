"""What a server is: whether it lives, its APIs, and their contracts."""

from __future__ import annotations

from mocktill.control.ask import Ask
from mocktill.control.components import standalone
from mocktill.control.problem import Unready
from mocktill.core.api import JSON, Api
from mocktill.core.contract import own
from mocktill.core.faults import spelt

OWN = "mocktill"
"""The name of the control API among the documents."""


def health(ask: Ask) -> JSON:
    """The process lives and answers. Open to all, without a token; it says nothing else."""
    return {"status": "ok"}


def ready(ask: Ask) -> JSON:
    """Every API has answered a request of its own in a sandbox of its own. Open to all, without a token."""
    if ask.served.silent:
        raise Unready(f"{', '.join(ask.served.silent)} cannot be asked")
    return {"status": "ready"}


def apis(ask: Ask) -> JSON:
    """Each API with the base URL that its client is given, its operations, acts, events, choices and magic values."""
    return {"apis": [_api(ask, api) for api in ask.served.apis]}


def _api(ask: Ask, api: Api) -> JSON:
    url = ask.served.url(api.name, ask.base_url)
    return {
        "name": api.name,
        "title": api.title,
        "base_url": url,
        "hosts": list(api.hosts),
        "prefixes": list(api.prefixes),
        "operations": [
            {
                "name": operation.name,
                "method": operation.method,
                "path": operation.path,
                "prefixes": list(api.prefixes_of(operation)),
                "summary": operation.summary,
                "basis": operation.basis.value,
                "source": operation.source,
                "open": operation.open,
            }
            for operation in api.operations
        ],
        "acts": [
            {"name": f"{api.name}.{act.name}", "summary": act.summary, "about": f"{api.name}.{act.about}"}
            for act in api.acts
        ],
        "events": [] if api.webhook is None else list(api.webhook.events),
        "choices": [choice.name for choice in api.choices],
        "magic": [
            {"table": magic.table, "key": magic.key, "sentence": magic.sentence}
            for magic in ask.served.catalogue.magic
            if magic.api == api.name
        ],
        "errors": sorted({spelt(row.meaning) for row in api.dialect.rows}),
        "curl": [curl.format(base=url) for curl in api.curl],
    }


def document(ask: Ask) -> JSON:
    """The contract of an API as OpenAPI 3.1, with examples and the choices of this sandbox.

    `mocktill` is the control API itself.
    """
    from mocktill.control import described, openapi  # only who asks needs them, and a start is to be quick

    if ask.args["api"] == OWN:
        return described.document(ask.routes, own(), ask.base_url)
    shelf = ask.served.catalogue.shelves[_served(ask).name]
    return openapi.document(shelf, ask.served.url(shelf.api.name, ask.root), ask.box.choices.all())


def schema(ask: Ask) -> JSON:
    """One JSON Schema of an API, by the name of its file; it refers to others by their names, beside it."""
    name = ask.args["schema"]
    contract = own() if ask.args["api"] == OWN else ask.served.catalogue.shelves[_served(ask).name].contract
    if name not in contract.documents:
        raise KeyError(f"{ask.args['api']} has no schema {name}")
    return standalone(contract, name)


def _served(ask: Ask) -> Api:
    for api in ask.served.apis:
        if api.name == ask.args["api"]:
            return api
    raise KeyError(f"there is no API {ask.args['api']}; there are {', '.join(api.name for api in ask.served.apis)}")
