"""Kajabi's behaviour around one purchase of an offer: read it whole, or with the fields that were asked for."""

from __future__ import annotations

from collections.abc import Mapping

from mocktill.apis.kajabi import documents, parameters
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row

KNOWN = frozenset({parameters.FIELDS, parameters.INCLUDE})
API = {
    "meta": {"title": "Kajabi API V1", "version": "1.1.0"},
    "links": {"documentation": "https://developers.kajabi.com"},
    "jsonapi": {"version": "1.0", "specficiation": "https://jsonapi.org/format/"},
}
"""What the vendor says of itself (Version; title and version as its OpenAPI document has them, the rest assumed).

`specficiation` is spelt as published.
"""


def purchase_details(call: Call, backend: Backend) -> Result:
    """Return a purchase: the whole document, or id, type and the attributes that were asked for."""
    parameters.check_known(call, KNOWN, backend)
    key, row = found(call, backend)
    fields, wanted = parameters.fields(call, backend), parameters.include(call, backend)
    return Result(document(key, row, call, backend, fields, wanted))


def version(call: Call, backend: Backend) -> Result:
    """Return title and version of the API, and where it is documented; open to all, as a health check."""
    parameters.check_known(call, (), backend)
    return Result(API)


def found(call: Call, backend: Backend) -> tuple[str, Row]:
    """Return the key and the row of the purchase that the path names; raise `NotFound` where there is none."""
    key = call.args["id"]
    row = backend.table("purchases").get(key)
    if row is None:
        raise e.NotFound(f"there is no purchase {key}")
    return key, row


def document(
    key: str,
    row: Row,
    call: Call,
    backend: Backend,
    fields: list[str] | None = None,
    include: tuple[str, ...] = (),
) -> JSON:
    """Return the document of one purchase: without `fields` the whole of it, as the choice `full_document` says."""
    names = parameters.names(fields, backend)
    related = fields is None and backend.choice("full_document") != "attributes_only"
    made: dict[str, JSON] = {"data": documents.whole(key, row, names, backend, related=related)}
    if include:
        made["included"] = documents.included([row], include, call, backend)
    if related:
        # Unless chosen otherwise both are built from the request, and lead back here under any host and prefix.
        address = documents.address(documents.root(call, backend), key)
        made["links"] = {"self": address, "current": address}
    return made


def asked_for(value: JSON, call: Call, backend: Backend) -> JSON:
    """Return of a made document what the request asked for: all of it, or the attributes that it named."""
    parameters.check_known(call, KNOWN, backend)
    fields, include = parameters.fields(call, backend), parameters.include(call, backend)
    if fields is not None:
        value = {**value, "data": sparse(value["data"], parameters.names(fields, backend))}
        del value["links"]
    return with_included(value, include)


def plain(value: JSON, call: Call, backend: Backend) -> JSON:
    """Return a made document without what nobody can ask for: nothing is included."""
    parameters.check_known(call, (), backend)
    return with_included(value, ())


def sparse(data: Mapping[str, JSON], names: list[str]) -> JSON:
    """Return a made purchase with these attributes alone, and without relationships."""
    return {"id": data["id"], "type": data["type"], "attributes": {name: data["attributes"][name] for name in names}}


def with_included(value: JSON, kinds: tuple[str, ...]) -> JSON:
    """Return a made document with those of its included resources that were asked for."""
    rest = {name: part for name, part in value.items() if name != "included" or kinds}
    if kinds:
        wanted = {f"{kind}s" for kind in kinds}
        rest["included"] = [one for one in value["included"] if one["type"] in wanted]
    return rest
