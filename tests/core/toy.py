"""A vendor in a few lines: one operation, whose handler each test brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from mocktill.core import errors as e
from mocktill.core.api import (
    JSON,
    Act,
    Api,
    Backend,
    Call,
    Dialect,
    ErrorRow,
    Handler,
    Operation,
    Refusal,
    Request,
    Result,
)
from mocktill.core.bodies import read_json
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Basis, idempotency, unknown_credentials
from mocktill.core.engine import handle
from mocktill.core.holds import TABLES
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.store import Row, TableSpec
from mocktill.core.strike import Strike
from mocktill.core.turn import Postponed, Response
from tests.conftest import NOW

SCHEMAS: dict[str, JSON] = {
    "seed": {"type": "object", "properties": {"tables": {"type": "object"}}},
    "any": {"type": "object", "x-source": "the toy's page"},
    "answer": {"type": "object", "required": ["said"], "properties": {"said": {"type": "string"}}},
    "error": {"type": "object", "required": ["oops"]},
}
SEED = "tables: {stock: {seats: {free: 3, held: 0, sold: 0}}, credentials: {old: {state: expired}}}"
MEANINGS = (*e.EVERYWHERE, e.Conflict, e.SoldOut, e.RateLimited, e.KeyReused, e.KeyInUse)
ROWS = tuple(
    ErrorRow(meaning, status, meaning.__name__, "no", Basis.ASSUMED, "toy")
    for meaning, status in zip(MEANINGS, (401, 404, 405, 400, 413, 422, 500, 409, 410, 429, 409, 409), strict=True)
)


def say_hello(call: Call, backend: Backend) -> Result:
    """Keep what was sent under the path's key, and greet."""
    backend.table("things").put(call.args["key"], {"sent": call.body})
    return Result("hello")


def _credential(request: Request) -> str | None:
    return request.headers.get("x-key")


def _read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    return read_json(request.body)


def _envelope(result: Result, call: Call, backend: Backend) -> JSON:
    return None if call.operation.response is None else {"said": result.value}


def _error(refusal: Refusal, backend: Backend) -> JSON:
    return {"oops": refusal.row.type}


def toy(
    folder: Path,
    handler: Handler = say_hello,
    *,
    seed: str = SEED,
    schemas: Mapping[str, JSON] | None = None,
    count: Callable[[Backend], e.Meaning | None] | None = None,
    expired: Callable[[str, Row, Backend], str] | None = None,
    examples: Mapping[str, bytes] | None = None,
    acts: tuple[Act, ...] = (),
    rows: tuple[ErrorRow, ...] = (),
    envelope: Callable[[Result, Call, Backend], JSON] = _envelope,
    tables: tuple[TableSpec, ...] = (),
    **row: Any,
) -> Api:
    """Make the toy vendor, with its files in a folder; `row` is what its operation has besides."""
    (folder / "schemas").mkdir()
    (folder / "examples").mkdir()
    for name, schema in {**SCHEMAS, **(schemas or {})}.items():
        (folder / "schemas" / f"{name}.json").write_bytes(orjson.dumps(schema))
    for name, example in (examples or {}).items():
        (folder / "examples" / name).write_bytes(example)
    (folder / "seed.yaml").write_text(seed, encoding="utf-8")
    operation = Operation(
        "tell", "POST", "/things/{key}", handler, "Tell", Basis.DOCUMENTED, "toy", row.pop("response", "answer"),
        body="any", errors=(e.Conflict, e.SoldOut), **row,
    )  # fmt: skip
    return Api(
        name="toy",
        title="Toy",
        hosts=(),
        prefixes=("",),
        operations=(operation,),
        dialect=Dialect(
            "application/json",
            (*ROWS, *rows),
            _credential,
            _read,
            envelope,
            _error,
            errors=(e.RateLimited, e.KeyReused, e.KeyInUse),
            count=count,
        ),
        tables=(*TABLES, TableSpec("things"), TableSpec("credentials"), *tables),
        choices=(unknown_credentials("toy"), idempotency("toy")),
        schemas=folder / "schemas",
        fixtures=folder,
        populate=lambda backend, count: [],
        view=lambda scene: scene,
        expired=expired,
        acts=acts,
    )


def toy_box(folder: Path, handler: Handler = say_hello, **more: Any) -> Sandbox:
    """Make a sandbox that has only the toy vendor; its clock stands still."""
    return Sandbox(Catalogue([toy(folder, handler, **more)]), setup=Setup(now=NOW))


def tell(
    box: Sandbox,
    body: JSON = None,
    key: str = "a",
    headers: Mapping[str, str] | None = None,
    strike: Strike | None = None,
) -> Response:
    """Send one request to the toy vendor, with a key that it accepts, and return its answer."""
    answer = ask(box, body, key, headers, strike)
    assert isinstance(answer, Response)
    return answer


def ask(
    box: Sandbox,
    body: JSON = None,
    key: str = "a",
    headers: Mapping[str, str] | None = None,
    strike: Strike | None = None,
) -> Response | Postponed:
    """Send one request to the toy vendor, which may have to wait."""
    request = Request(
        method="POST",
        path=f"/things/{key}",
        query="",
        headers={"x-key": "good", **(headers or {})},
        body=body if isinstance(body, bytes) else orjson.dumps(body or {}),
        base_url="http://toy",
        operation=box.catalogue.shelves["toy"].api.operations[0],
        args={"key": key},
    )
    return handle(box, box.catalogue.shelves["toy"], request, strike)
