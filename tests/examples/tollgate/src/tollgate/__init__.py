"""Tollgate, a road toll that does not exist: passes are bought for some days, and can be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files

from mocktill.core import errors as e
from mocktill.core.api import (
    JSON,
    Api,
    Backend,
    Call,
    Dialect,
    ErrorRow,
    Operation,
    Refusal,
    Request,
    Result,
    Sample,
    Scene,
)
from mocktill.core.bodies import read_json
from mocktill.core.choices import Basis, unknown_credentials
from mocktill.core.clock import instant, text
from mocktill.core.store import Row, TableSpec

PAGE = "Tollgate, Passes"
PRICE_PER_DAY = 950
"""In cents."""


# behaviour


def buy_pass(call: Call, backend: Backend) -> Result:
    """Sell a pass that begins now."""
    return Result(_shown(*_sell(backend, call.body["plate"], int(call.body["days"])), backend))


def read_pass(call: Call, backend: Backend) -> Result:
    """Return a pass, and whether it is valid at the sandbox's time."""
    key = call.args["pass_id"]
    row = backend.table("passes").get(key)
    if row is None:
        raise e.NotFound(f"there is no pass {key}")
    return Result(_shown(key, row, backend))


def populate(backend: Backend, count: int) -> list[str]:
    """Sell that many passes for a day; return their ids."""
    return [_sell(backend, f"TOLL {number}", 1)[0] for number in range(1, count + 1)]


def _sell(backend: Backend, plate: str, days: int) -> tuple[str, Row]:
    passes = backend.table("passes")
    key = "pass-" + backend.fake.number("pass", 6, unused=passes)
    row = {"plate": plate, "price": PRICE_PER_DAY * days, "ends_at": text(backend.now + timedelta(days=days))}
    passes.insert(key, row)
    return key, row


def _shown(key: str, row: Row, backend: Backend) -> JSON:
    return {"id": key, **row, "valid": backend.now < instant(row["ends_at"])}


# the wire


def credential(request: Request) -> str | None:
    """Return the key of the header `X-Toll-Key`."""
    return request.headers.get("x-toll-key")


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the value of a JSON body."""
    return read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Return the pass as it is: there is no envelope."""
    return result.value


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return what went wrong, by its name."""
    return {"error": refusal.row.type, "message": refusal.row.text}


DIALECT = Dialect(
    media_type="application/json",
    rows=(
        ErrorRow(e.NotAuthenticated, 401, "no_key", "Show your key.", Basis.DOCUMENTED, PAGE),
        ErrorRow(e.NotFound, 404, "no_pass", "There is no such pass.", Basis.DOCUMENTED, PAGE),
        ErrorRow(e.Invalid, 422, "no_sense", "This cannot be sold.", Basis.DOCUMENTED, PAGE),
        ErrorRow(e.Malformed, 400, "no_json", "This cannot be read.", Basis.ASSUMED, PAGE),
        ErrorRow(e.TooLarge, 413, "too_long", "This is too long.", Basis.ASSUMED, PAGE),
        ErrorRow(e.NoRoute, 404, "no_way", "There is no such way.", Basis.ASSUMED, PAGE),
        ErrorRow(e.WrongMethod, 405, "no_entry", "Not like this.", Basis.ASSUMED, PAGE),
        ErrorRow(e.Broken, 500, "closed", "It is us.", Basis.ASSUMED, PAGE),
    ),
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    secrets=("x-toll-key",),
    security={"key": {"type": "apiKey", "in": "header", "name": "X-Toll-Key"}},
)


# what a test author sees


class View:
    """The passes of one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def plates(self) -> list[str]:
        """Return the plates that passes were sold for, in order."""
        return sorted(row["plate"] for _, row in self._scene.table("toll.passes").items())


OPERATIONS = (
    Operation(
        name="buy_pass",
        method="POST",
        path="/passes",
        handler=buy_pass,
        summary="Buy a pass",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Buying",
        body="buy_pass.request",
        response="pass",
        status=201,
        sample=Sample(body={"plate": "AB 123", "days": 2}),
    ),
    Operation(
        name="read_pass",
        method="GET",
        path="/passes/{pass_id}",
        handler=read_pass,
        summary="Read a pass",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Reading",
        response="pass",
        errors=(e.NotFound,),
        sample=Sample({"pass_id": "pass-100000"}),
    ),
)

API = Api(
    name="toll",
    title="Tollgate",
    hosts=("api.tollgate.example",),
    prefixes=("/v1",),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(TableSpec("credentials"), TableSpec("passes")),
    choices=(unknown_credentials("toll"),),
    schemas=files("tollgate") / "schemas",
    fixtures=files("tollgate") / "fixtures",
    populate=populate,
    view=View,
    credential="toll-key",
    curl=("curl -H 'X-Toll-Key: toll-key' '{base}/v1/passes/pass-100000'",),
)
