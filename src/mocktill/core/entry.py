"""An entry of the journal, and a remark: one request and what came of it, or what happened between two requests.

Both become JSON and come back from it as they were, so that whoever reads a journal from afar holds the same values.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

import orjson

from mocktill.core.api import JSON, Violation
from mocktill.core.choices import Basis
from mocktill.core.clock import instant, text
from mocktill.core.secrets import LONGEST, WHOLE
from mocktill.core.store import Change, Row

BODY = WHOLE
LINE = LONGEST
"""At how many characters a path, a query, a header or a pointer is cut."""
VIOLATION = 300
CHANGE = 500
OVERHEAD = 1_500
"""What an entry is taken to weigh beside its bodies, headers and paths, in bytes."""
AS_IT_IS = "/:@!$&'()*+,;="
"""What stands for itself in the path of a URL, beside letters, digits and `-._~` (RFC 3986)."""


@dataclass(frozen=True, slots=True)
class Struck:
    """The fault that struck a request: the rule's id, what it did in a sentence, and in a word, as `drop` or `delay`.

    `undone` says that it left the state as it was: nothing came of the request, whatever was answered.
    """

    id: str
    sentence: str
    undone: bool = False
    kind: str = "other"


@dataclass(frozen=True, slots=True)
class Remark:
    """What happened to a sandbox after its entry `after`, other than by a request.

    `what` is `expired` (then `api` and `key` say which hold), `act` or `webhook` (they say of what), `restored`,
    `loaded`, `reset`, `evicted`, or `left`: a client gave a request up that was still to wait.
    """

    at: datetime
    after: int
    what: str
    sentence: str
    api: str = ""
    key: str = ""

    def to_json(self) -> JSON:
        """Return the remark as JSON."""
        return {**asdict(self), "at": text(self.at)}

    @classmethod
    def of(cls, value: JSON) -> Remark:
        """Return the remark that became this JSON."""
        return cls(**{**value, "at": instant(value["at"])})


@dataclass(slots=True)
class Entry:
    """One request and what came of it. Bodies are cut at `BODY` bytes; `operation` is None where none matched.

    `path` is the path below `base_url`, the root of the API as the client saw it. Of an answer that a fault kept from
    the client, status, headers and body are what it would have been, and `fault` says what became of it; `lost` is
    whether the client never got the whole answer.
    """

    id: int
    at: datetime
    sandbox: str
    api: str
    operation: str | None
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    basis: Basis
    violations: tuple[Violation, ...]
    choices: tuple[tuple[str, str, Basis], ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    base_url: str = ""
    fault: Struck | None = None
    lost: bool = False

    @property
    def size(self) -> int:
        """About how many bytes the entry takes."""
        size = OVERHEAD + len(self.request_body) + len(self.response_body) + len(self.path) + len(self.query)
        size += sum(map(len, self.request_headers)) + sum(map(len, self.request_headers.values()))
        size += sum(map(len, self.notes))
        for change in self.changes:
            size += CHANGE + _weight(change.before) + _weight(change.after)
        for violation in self.violations:
            size += VIOLATION + len(violation.pointer) + len(violation.got)
        return size

    @property
    def unmatched(self) -> bool:
        """Whether no operation matched."""
        return self.operation is None

    @property
    def full_name(self) -> str:
        """The operation with its API, `deem.claim_purchase`; where none matched, the API alone."""
        return f"{self.api}.{self.operation}" if self.operation else self.api

    @property
    def target(self) -> str:
        """Path and query as they stand in a URL."""
        return quote(self.path, safe=AS_IT_IS, errors="replace") + (f"?{self.query}" if self.query else "")

    @property
    def url(self) -> str:
        """The whole URL as the client saw it, with its secrets masked."""
        return self.base_url + self.target

    def to_json(self) -> JSON:
        """Return the entry as JSON. A body is text where it is UTF-8, else base64 with `body_encoding` beside it."""
        return {
            "id": self.id,
            "at": text(self.at),
            "sandbox": self.sandbox,
            "api": self.api,
            "operation": self.operation,
            "request": {
                "method": self.method,
                "path": self.path,
                "query": self.query,
                "url": self.url,
                "headers": dict(self.request_headers),
                **body_json(self.request_body),
            },
            "response": {
                "status": self.status,
                "headers": [list(header) for header in self.response_headers],
                **body_json(self.response_body),
            },
            "basis": self.basis.value,
            "violations": [violation_json(violation) for violation in self.violations],
            "choices": [{"name": name, "value": value, "basis": basis.value} for name, value, basis in self.choices],
            "changes": [change._asdict() for change in self.changes],
            "notes": list(self.notes),
            "fault": asdict(self.fault) if self.fault else None,
            "lost": self.lost,
        }

    def line(self) -> JSON:
        """Return what a list of many entries shows of each, as JSON: no header, no body, and numbers of the rest."""
        errors = sum(violation.severity == "error" for violation in self.violations)
        fault = self.fault
        return {
            "id": self.id,
            "at": text(self.at),
            "api": self.api,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "basis": self.basis.value,
            "violations": {"errors": errors, "warnings": len(self.violations) - errors},
            "fault": None if fault is None else {"id": fault.id, "sentence": fault.sentence, "kind": fault.kind},
            "lost": self.lost,
            "changes": len(self.changes),
            "notes": len(self.notes),
        }

    @classmethod
    def of(cls, value: JSON) -> Entry:
        """Return the entry that became this JSON; what else the JSON says is left aside."""
        request, response, fault = value["request"], value["response"], value["fault"]
        entry = cls(
            id=value["id"],
            at=instant(value["at"]),
            sandbox=value["sandbox"],
            api=value["api"],
            operation=value["operation"],
            method=request["method"],
            path=request["path"],
            query=request["query"],
            request_headers=dict(request["headers"]),
            request_body=body_of(request),
            status=response["status"],
            response_headers=tuple((name, said) for name, said in response["headers"]),
            response_body=body_of(response),
            basis=Basis(value["basis"]),
            violations=tuple(violation_of(violation) for violation in value["violations"]),
            choices=tuple((used["name"], used["value"], Basis(used["basis"])) for used in value["choices"]),
            changes=tuple(Change(**change) for change in value["changes"]),
            notes=tuple(value["notes"]),
            fault=Struck(**fault) if fault else None,
            lost=value["lost"],
        )
        entry.base_url = request["url"].removesuffix(entry.target)
        return entry


def phrase(status: int) -> str:
    """Return the reason phrase of a status; of one that has none, nothing."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def violation_json(violation: Violation) -> JSON:
    """Return a violation as JSON."""
    return asdict(violation)


def violation_of(value: JSON) -> Violation:
    """Return the violation that became this JSON."""
    return Violation(**value)


def body_json(body: bytes) -> dict[str, str]:
    """Return a body as text, or as base64 where it is not UTF-8."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode(), "body_encoding": "base64"}


def body_of(value: JSON) -> bytes:
    """Return the bytes of a body that became this JSON."""
    body: str = value["body"]
    return b64decode(body) if value.get("body_encoding") == "base64" else body.encode()


def _weight(row: Row | None) -> int:
    """About how many bytes of text a row has; what is nested in it is looked at only where a row has such."""
    weight = 0
    for value in row.values() if row else ():
        if isinstance(value, str):
            weight += len(value)
        elif isinstance(value, (dict, list)) and value:
            weight += len(orjson.dumps(value))
    return weight
