"""All vendors behind one front door, and what is asked of them: every answer is judged."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

import orjson
from werkzeug.test import run_wsgi_app

from mocktill.apis import BUILTIN
from mocktill.core.api import JSON, Act, Api, Operation, Sample
from mocktill.core.bodies import FORM
from mocktill.core.catalogue import Catalogue, Shelf
from mocktill.core.choices import Basis
from mocktill.core.contract import Contract
from mocktill.core.engine import REFUSED_STATES
from mocktill.core.entry import Entry
from mocktill.core.errors import Meaning
from mocktill.core.replies import CHOICE, SAFE
from mocktill.core.sample import Shown, pick, show
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.state import check_row
from mocktill.doors.app import create_app
from tests import toyvendor
from tests.conftest import NOW

CATALOGUE = Catalogue((*BUILTIN, toyvendor.API))
"""Whatever is built in is covered, by the samples of its operations; and a vendor of the tests' own."""


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire: the path is percent-encoded, header values are Latin-1.

    The length of a `chunked` body is not said.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunked: bool = False

    def __call__(self, **changes: Any) -> Sent:
        """Return it with changes; `headers` are added to those that it has."""
        if "headers" in changes:
            changes["headers"] = {**self.headers, **changes["headers"]}
        return replace(self, **changes)

    def without(self, header: str) -> Sent:
        """Return it without a header."""
        return replace(self, headers={name: value for name, value in self.headers.items() if name != header})

    @property
    def environ(self) -> dict[str, Any]:
        """The request as a WSGI server tells it."""
        told: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        told.setdefault("HTTP_HOST", "sandbox.test")
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if f"HTTP_{name}" in told:
                told[name] = told.pop(f"HTTP_{name}")
        if self.chunked:
            told |= {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
        return {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **told,
        }


@dataclass(frozen=True)
class Answer:
    """What came back, and the journal's entry about it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    entry: Entry

    @cached_property
    def json(self) -> JSON:
        """The value of the body."""
        return orjson.loads(self.body)


class World:
    """One server with every vendor, its clock standing still."""

    def __init__(self, setup: Setup | None = None, only: str | None = None) -> None:
        self.sandboxes = Sandboxes(CATALOGUE, setup or Setup(now=NOW))
        self.app = create_app(self.sandboxes, only=only)

    @property
    def box(self) -> Sandbox:
        """The sandbox of requests that name none."""
        return self.sandboxes.default

    def send(self, sent: Sent) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of the answer."""
        chunks, status, headers = run_wsgi_app(self.app, sent.environ, buffered=True)
        return int(status.split()[0]), dict(headers), b"".join(chunks)


@dataclass(frozen=True)
class Vendor:
    """One vendor of a world."""

    world: World
    shelf: Shelf

    @property
    def api(self) -> Api:
        """What is known of it."""
        return self.shelf.api

    @property
    def contract(self) -> Contract:
        """Its schemas."""
        return self.shelf.contract

    def key(self, *states: str) -> str:
        """Return a credential of the factory state that is in one of these states."""
        rows = self.shelf.factory["credentials"]
        return next(key for key, row in rows.items() if row["state"] in states)

    def case(self, operation: str) -> Case:
        """Return one of its operations."""
        return Case(self.world, self.shelf, self.api.operation(operation))

    def ask(self, sent: Sent) -> Answer:
        """Send a request and judge the answer: never a 5xx, and what is refused leaves no trace."""
        before = self.rows()
        answer = self.listen(sent)
        assert answer.status < 500, (answer.status, answer.body, answer.entry.notes)
        self._judge_body(answer)
        if not self.succeeded(answer):
            assert answer.entry.changes == ()
            assert self.rows() == before, "a refusal left a trace"
        self._judge_rows(answer)
        return answer

    def listen(self, sent: Sent) -> Answer:
        """Send a request; see that the answer is this vendor's, and that the journal tells the same."""
        status, headers, body = self.world.send(sent)
        box = self.world.box
        assert headers["Mocktill-Basis"] in set(Basis)
        assert ("Content-Length" in headers) == (status != 204)
        assert int(headers.get("Content-Length", 0)) == len(body) or sent.method == "HEAD"
        assert all((name + value).isprintable() for name, value in headers.items())
        entry = box.journal.get(int(headers["Mocktill-Entry"]))
        assert entry is not None
        assert (entry.status, entry.api, entry.method) == (status, self.api.name, sent.method)
        assert entry.basis == headers["Mocktill-Basis"]
        answer = Answer(status, headers, body, entry)
        assert headers.get("Content-Type") == self.media_type(answer)
        return answer

    def asked(self, answer: Answer) -> Operation | None:
        """Return the operation that was asked; None where the request was for none."""
        return self.api.operation(answer.entry.operation) if answer.entry.operation else None

    def succeeded(self, answer: Answer) -> bool:
        """Whether an answer is a success: some statuses of an operation are that, and an error's with another body."""
        operation = self.asked(answer)
        if operation is None or answer.status not in {operation.status, *operation.also}:
            return False
        if answer.status < 400 or answer.entry.method == "HEAD":
            return True
        return operation.response is not None and self.contract.accepts(operation.response, answer.json)

    def media_type(self, answer: Answer) -> str | None:
        """Return what an answer has to say that its body is: nothing where it has none."""
        operation = self.asked(answer)
        if operation is not None and operation.response is None and self.succeeded(answer):
            return None
        return (operation.media_type if operation is not None else "") or self.api.dialect.media_type

    def status_of(self, meaning: type[Meaning], method: str, operation: str = "") -> int:
        """Return the status of a meaning with this vendor, for a request that is for no operation if none is named."""
        return self.api.dialect.row_for(meaning, method, operation).status

    def _judge_body(self, answer: Answer) -> None:
        if answer.entry.method == "HEAD":
            assert answer.body == b""
            return
        if self.succeeded(answer):
            operation = self.asked(answer)
            assert operation is not None
            assert operation.response is not None or answer.body == b""
            names = {operation.response} - {None}
        else:
            assert answer.status >= 400, "no vendor redirects, and no success is one that the operation does not have"
            rows = self.api.dialect.rows
            fitting = [row for row in rows if row.status == answer.status] or rows  # a choice may give another status
            names = {self.api.dialect.error_schema(row) for row in fitting}
        assert not names or any(self.contract.accepts(name, answer.json) for name in names if name), answer.body

    def _judge_rows(self, answer: Answer) -> None:
        tables = self.world.box.store.tables
        for table, key, *_ in answer.entry.changes:
            row = tables[table].get(key)
            assert row is None or check_row(CATALOGUE, table, key, row, tables) == []

    def rows(self) -> dict[tuple[str, str], Any]:
        """Return all rows but those in which requests are counted, and the note that something has to be masked."""
        rows = self.world.box.store.rows()
        del rows["mocktill.faults"]
        rows["mocktill.settings"] = {key: {**row, "delicate": None} for key, row in rows["mocktill.settings"].items()}
        counted = self.counted
        return {
            (table, key): row for table, of in rows.items() for key, row in of.items() if (table, key) not in counted
        }

    def weights(self, entry: Entry) -> list[Basis]:
        """Return how well the choices are known that decided an answer, those that weaken it."""
        weighed = [self.shelf.choices[name].weight(value) for name, value, _ in entry.choices]
        return [basis for basis, weakens in weighed if weakens]

    @cached_property
    def counted(self) -> set[tuple[str, str]]:
        """The rows that the vendor counts requests in."""
        count = self.api.dialect.count
        if count is None:
            return set()
        box = Sandbox(CATALOGUE, setup=Setup(now=NOW))
        backend = box.backend(self.api.name)
        backend.begin(box.now())
        with box.changing() as transaction:
            count(backend)
        return {(change.table, change.key) for change in transaction.changes}


@dataclass(frozen=True)
class Case(Vendor):
    """One operation of a vendor."""

    operation: Operation

    @property
    def sample(self) -> Sample:
        """The request that succeeds."""
        return self.operation.sample

    @property
    def statuses(self) -> set[int]:
        """The statuses of its successes."""
        return {self.operation.status, *self.operation.also}

    def means(self, meaning: type[Meaning]) -> int:
        """Return the status of a meaning with this operation."""
        return self.status_of(meaning, self.operation.method, self.operation.name)

    def unread(self, meaning: type[Meaning]) -> int:
        """Return the status of a meaning with this method, of a request that was not read as far as its operation."""
        return self.status_of(meaning, self.operation.method)

    def written(self, body: JSON) -> bytes:
        """Return a body as this operation's clients send it."""
        if body is None:
            return b""
        return urlencode(body).encode() if self.operation.form else orjson.dumps(body)

    def sent(self, key: str | None = "", prefix: str | None = None, **args: str) -> Sent:
        """Return the good request, after what has to come first.

        `key` is another credential than a good one, or None for none; `args` are other path arguments.
        """
        good, found = self.sample, {}
        if good.after:
            first = self.case(good.after)
            value = first.ask(first.sent()).json
            found = {name: pick(value, pointer) for name, pointer in good.taken.items()}
        nobody = key is None or (self.operation.open and not key)
        shown = Shown() if nobody else show(self.api, key or self.key("active"))
        path = self.operation.path.format(
            **{name: quote(value, safe="") for name, value in {**good.args, **found, **args}.items()}
        )
        prefix = self.api.prefixes_of(self.operation)[0] if prefix is None else prefix
        typed = {"Content-Type": FORM if self.operation.form else "application/json"} if good.body is not None else {}
        return Sent(
            self.operation.method,
            f"/{self.api.name}{prefix}{path}",
            urlencode({**good.query, **shown.query}),
            {"User-Agent": "conformance", **typed, **shown.headers},
            self.written(good.body),
        )

    @property
    def refused_key(self) -> str:
        """A credential that is refused."""
        return self.key(*REFUSED_STATES)


CASES = [(shelf, operation) for shelf in CATALOGUE.shelves.values() for operation in shelf.api.operations]
CLOSED = [case for case in CASES if not case[1].open]
OPEN = [case for case in CASES if case[1].open]
WITH_BODY = [case for case in CASES if case[1].body is not None and not case[1].form]
FORMS = [case for case in CASES if case[1].form]
KEYED = [
    (shelf, operation)
    for shelf, operation in CASES
    if operation.method not in SAFE and f"{shelf.api.name}.{CHOICE}" in shelf.choices
]
TELLING = [case for case in CASES if case[0].api.webhook is not None and case[1].method not in SAFE]
ACTS = [(shelf, act) for shelf in CATALOGUE.shelves.values() for act in shelf.api.acts]


def name_of(case: tuple[Shelf, Operation | Act]) -> str:
    """Return the name that a test's parameter is shown with."""
    return f"{case[0].api.name}.{case[1].name}"
