"""What a vendor is made of: its table of operations, its dialect, and the sandbox as its handlers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import parse_qsl

from mocktill.core.backend import Backend as Backend  # so that a vendor finds what it is made of in one place
from mocktill.core.choices import Basis, Choice
from mocktill.core.errors import EVERYWHERE, Malformed, Meaning
from mocktill.core.pages import Page as Page
from mocktill.core.panels import Panel as Panel
from mocktill.core.store import Row, TableSpec
from mocktill.core.world import Act as Act
from mocktill.core.world import Leak as Leak
from mocktill.core.world import Scene as Scene
from mocktill.core.world import Webhook as Webhook

JSON = Any
"""A JSON value as orjson reads it."""
SENTENCE = "sentence"
"""The rule of a violation whose `expected` says all of it, in a sentence."""
FIELDS = 200
"""How many parameters a query may have."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request or an answer departs from the contract.

    `severity` is `error` for what a vendor refuses or documents against, `warning` for what it tolerates.
    `at` is the part of the request (`body`, `query`, `path`, `header`) and `pointer` a JSON pointer into it.
    """

    severity: str
    at: str
    pointer: str
    rule: str
    expected: str
    got: str
    source: str

    @property
    def said(self) -> str:
        """What is wrong, in words."""
        return self.expected if self.rule == SENTENCE else f"expected {self.expected}, got {self.got}"


@dataclass(slots=True)
class Request:
    """A request as values: what a door hands to the pipeline. The body has been read.

    `headers` has lower-case names. `base_url` is the root of this API as the client sees it, without a
    slash at its end, and `root` its path alone. `problem` is set, and `operation` is not, where the door found none.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    operation: Operation | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    problem: Meaning | None = None
    root: str = ""
    _parameters: Mapping[str, str] | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters of the query; of a repeated one the last. Raises `Malformed` for too many."""
        if self._parameters is None:
            self._parameters = _parsed(self.query) if self.query else {}
        return self._parameters


def _parsed(query: str) -> Mapping[str, str]:
    pairs = query.split("&")
    if "%" not in query and "+" not in query and len(pairs) <= FIELDS:
        return {name: value for name, _, value in [pair.partition("=") for pair in pairs if pair]}
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=FIELDS))
    except ValueError:
        raise Malformed(f"over {FIELDS} query parameters") from None


@dataclass(slots=True)
class Call:
    """A request that was understood: what a handler gets. `body` and `query` have passed their schemas."""

    operation: Operation
    args: Mapping[str, str]
    query: Mapping[str, str]
    body: JSON
    base_url: str
    credential: str


@dataclass(slots=True)
class Result:
    """What a handler answers: the value of the body before the vendor's envelope, and more headers if any.

    `status` is one of those that its operation answers with `also`; None is the usual one.
    """

    value: JSON
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None


Handler = Callable[[Call, Backend], Result]


@dataclass(frozen=True)
class Sample:
    """A request that succeeds in the factory state, but for its credential.

    `after` names the operation of the same API that has to come first; `taken` says which path arguments are found
    in its answer, by JSON pointer.
    """

    args: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: JSON = None
    after: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One operation of a vendor: a row of its table.

    `path` is in OpenAPI's style, `/purchases/{purchase_id}`, without the prefix: the API's, unless it has `prefixes`
    of its own. `response`, `body` and `query` name schemas; one without `response` answers without a body.
    `errors` are the meanings that it answers with, beside those that can happen everywhere; `also` are other statuses
    with the body of a success, and what each says. `narrow` makes of a generated answer what the request asked for.
    `sample` is a request that succeeds; where the body is a `form`, it is sent as one. An `open` operation asks for no
    credential. `media_type` is that of its answers, where it is not the dialect's.
    """

    name: str
    method: str
    path: str
    handler: Handler
    summary: str
    basis: Basis
    source: str
    response: str | None
    status: int = 200
    body: str | None = None
    query: str | None = None
    errors: tuple[type[Meaning], ...] = ()
    narrow: Callable[[JSON, Call, Backend], JSON] | None = None
    sample: Sample = Sample()
    also: Mapping[int, str] = field(default_factory=dict)
    open: bool = False
    form: bool = False
    prefixes: tuple[str, ...] = ()
    media_type: str = ""


@dataclass(frozen=True)
class ErrorRow:
    """How a vendor says a meaning: the status, the type or code on the wire, the text, and how well it is known.

    Where a vendor says the same meaning differently by method or by operation, `methods` and `operations` tell the
    rows apart; one for an operation comes before those for all.
    """

    meaning: type[Meaning]
    status: int
    type: str
    text: str
    basis: Basis
    source: str
    methods: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def fits(self, method: str, operation: str = "") -> bool:
        """Whether it can be met with this method, on this operation."""
        return method in (self.methods or (method,)) and operation in (self.operations or (operation,))


@dataclass(frozen=True)
class Refusal:
    """A meaning on its way to the wire: its row, and the violations that led to it."""

    row: ErrorRow
    meaning: Meaning
    violations: tuple[Violation, ...] = ()


def _no_headers(backend: Backend) -> tuple[tuple[str, str], ...]:
    return ()


def _no_check(request: Request, backend: Backend) -> list[Violation]:
    return []


@dataclass(frozen=True)
class Dialect:
    """The wire of a vendor: credentials in, bytes in, envelopes and errors out.

    - `credential` finds the credential in a request: None when there is none; it raises `NotAuthenticated`
      for a scheme that the vendor does not know.
    - `read` turns the bytes of a body into a value; it raises `Malformed`. It gets the properties of the
      operation's body schema, for forms, whose values are all text.
    - `envelope` wraps a handler's value.
    - `error` makes the body of a refusal; `error_schema` names the schema that it obeys.
    - `rows` is the total table of meanings, `row_for` picks from it, and `adapt` changes the row where a choice
      or the violations say so. `errors` are the meanings that any operation may meet with this vendor.
    - `headers` are on every answer. `count` happens once for every request and survives its refusal, which it may
      return. `check` finds what is wrong outside the body (a missing User-Agent, say). `secrets` are headers, in lower
      case, that are masked in the journal although their names do not tell.
    - `security` are the ways to show a credential, as OpenAPI's security schemes by name, the usual one first.
    """

    media_type: str
    rows: tuple[ErrorRow, ...]
    credential: Callable[[Request], str | None]
    read: Callable[[Request, Mapping[str, JSON]], JSON]
    envelope: Callable[[Result, Call, Backend], JSON]
    error: Callable[[Refusal, Backend], JSON]
    error_schema: Callable[[ErrorRow], str] = lambda row: "error"
    adapt: Callable[[Refusal, Backend], ErrorRow] = lambda refusal, backend: refusal.row
    errors: tuple[type[Meaning], ...] = ()
    headers: Callable[[Backend], tuple[tuple[str, str], ...]] = _no_headers
    count: Callable[[Backend], Meaning | None] | None = None
    check: Callable[[Request, Backend], list[Violation]] = _no_check
    secrets: tuple[str, ...] = ()
    security: Mapping[str, JSON] = field(default_factory=dict)

    def row_for(self, meaning: type[Meaning], method: str, operation: str = "") -> ErrorRow:
        """Return the row of a meaning, the operation's own first; raise KeyError where the table has none."""
        usual: ErrorRow | None = None
        for row in self.rows:
            if row.meaning is meaning and row.fits(method, operation):
                if row.operations:
                    return row
                usual = usual or row
        if usual is None:
            raise KeyError(f"no row for {meaning.__name__} on {method} {operation}".rstrip())
        return usual

    def rows_of(self, operation: Operation) -> list[ErrorRow]:
        """Return the rows that an operation can be refused with, in the table's order.

        Where it has rows of its own for a meaning, those for all operations are not among them.
        """
        meanings = {*operation.errors, *self.errors, *EVERYWHERE}
        fitting = [row for row in self.rows if row.meaning in meanings and row.fits(operation.method, operation.name)]
        own = {row.meaning for row in fitting if row.operations}
        return [row for row in fitting if row.operations or row.meaning not in own]


Rows = Mapping[str, Mapping[str, Row]]
"""Rows by table and key."""


@dataclass(frozen=True)
class Api:
    """A vendor: everything that Mocktill knows of it.

    `prefixes` are the path prefixes under which its operations answer, the one to show first. `schemas` and
    `fixtures` are the folders of its contract and its factory state. `factory` turns the tables of a seed file
    into rows where they differ (a deal's stock becomes a stock row). `expired` is told of each hold that ran
    out, with its key, its row and its backend. `populate` makes N living objects from Faker's values. `credential` is
    one that the factory state accepts, to be shown to people and in copied commands. `leaks` finds the holds that
    ran out and were never used. `acts` are what happens without a request, `webhook` is how it tells of what happened.
    `panels` are what a person sees of its world, `pages` what its links lead to beside its operations.
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    prefixes: tuple[str, ...]
    operations: tuple[Operation, ...]
    dialect: Dialect
    tables: tuple[TableSpec, ...]
    choices: tuple[Choice, ...]
    schemas: Traversable
    fixtures: Traversable
    populate: Callable[[Backend, int], list[str]]
    view: Callable[[Scene], Any]
    factory: Callable[[Rows], Rows] = lambda rows: rows
    expired: Callable[[str, Row, Backend], str] | None = None
    curl: tuple[str, ...] = ()
    json_suffix: bool = False
    credential: str = ""
    leaks: Callable[[Scene], Iterable[Leak]] = lambda scene: ()
    acts: tuple[Act, ...] = ()
    webhook: Webhook | None = None
    panels: tuple[Panel, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def stock(self) -> bool:
        """Whether it has stock that can be held."""
        return any(spec.name == "holds" for spec in self.tables)

    def prefixes_of(self, operation: Operation) -> tuple[str, ...]:
        """Return the path prefixes of an operation, the one to show first."""
        return operation.prefixes or self.prefixes

    def path(self, operation: Operation) -> str:
        """Return the path of an operation as it is shown, with its prefix: `/v1/purchases/{id}`."""
        return self.prefixes_of(operation)[0] + operation.path

    def operation(self, name: str) -> Operation:
        """Return the operation with this name; raise KeyError for a name it does not have."""
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise KeyError(name)
