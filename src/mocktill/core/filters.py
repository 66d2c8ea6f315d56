"""Which entries of a journal are meant: by API, operation, method, path, status, and what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from typing import Any

from mocktill.core.entry import Entry

STATUS = re.compile(r"[1-5](xx|[0-9][0-9])")
NUMBER = re.compile(r"[0-9]{1,18}")
WORDS = {"true": True, "false": False}


class Filters:
    """What an entry has to be to be meant. Whatever is None, or not given, lets every entry pass.

    - `api` is the API's name, `operation` an operation's, with the API's before it (`deem.claim_purchase`) or without.
    - `method` is that of HTTP, in any case; `path` a pattern for the path below the API's root: `/v1/purchases/*`.
    - `status` is a number, or a class of them: `4xx`.
    - `violations` and `unmatched`, where true, let only those pass that have a violation, or no operation.
    - `since` is the id of an entry: only newer ones pass. `limit` is how many `pick` returns at the most.

    Numbers and truth may be text, as a query has them (`404`, `true`). Raises ValueError, in words, for a name that
    is none of these and for a wrong value.
    """

    def __init__(self, **wanted: Any) -> None:
        given = {name: value for name, value in wanted.items() if value is not None}
        if unknown := sorted(given.keys() - READERS.keys()):
            raise ValueError(f"there is no filter {unknown[0]!r}; there are {', '.join(READERS)}")
        read = {name: READERS[name](name, value) for name, value in given.items()}
        self.api: str | None = read.get("api")
        self.operation: str | None = read.get("operation")
        self.method: str | None = read.get("method")
        self.path: str | None = read.get("path")
        self.status: str | None = read.get("status")
        self.violations: bool = read.get("violations", False)
        self.unmatched: bool = read.get("unmatched", False)
        self.since: int = read.get("since", 0)
        self.limit: int | None = read.get("limit")
        self._path = None if self.path is None else re.compile(translate(self.path))

    def matches(self, entry: Entry) -> bool:
        """Whether the entry is meant; `limit` is not asked."""
        return (
            entry.id > self.since
            and self.api in {None, entry.api}
            and (self.operation is None or named(entry, self.operation))
            and self.method in {None, entry.method.upper()}
            and (self._path is None or self._path.match(entry.path) is not None)
            and (self.status is None or has_status(entry.status, self.status))
            and (entry.unmatched or not self.unmatched)
            and (bool(entry.violations) or not self.violations)
        )

    def names(self, operation: str) -> bool:
        """Whether entries of an operation, `deem.claim_purchase`, can be meant, as far as API and operation tell."""
        api, _, name = operation.partition(".")
        return self.api in {None, api} and self.operation in {None, name, operation}

    def pick(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return those that are meant, in their order; where there are more than `limit`, the last ones."""
        meant = tuple(entry for entry in entries if self.matches(entry))
        return meant if self.limit is None else meant[max(len(meant) - self.limit, 0) :]


def named(entry: Entry, operation: str) -> bool:
    """Whether an entry's operation has this name, `deem.claim_purchase` or `claim_purchase`."""
    return operation == (entry.full_name if "." in operation else entry.operation)


def has_status(status: int, wanted: str) -> bool:
    """Whether a status is the wanted one, or of the wanted class: `404` or `4xx`."""
    return str(status) == wanted or (wanted.endswith("xx") and str(status)[:1] == wanted[0])


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"the filter {name} is a text, not {value!r}")
    return value


def _method(name: str, value: Any) -> str:
    return _text(name, value).upper()


def _status(name: str, value: Any) -> str:
    said = str(value).lower()
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not STATUS.fullmatch(said):
        raise ValueError(f"the filter {name} is a number such as 404 or a class such as 4xx, not {value!r}")
    return said


def _truth(name: str, value: Any) -> bool:
    truth = WORDS.get(value) if isinstance(value, str) else value
    if not isinstance(truth, bool):
        raise ValueError(f"the filter {name} is true or false, not {value!r}")
    return truth


def _number(name: str, value: Any) -> int:
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"the filter {name} is a number from 0 up, not {value!r}")
    return value


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "api": _text,
    "operation": _text,
    "method": _method,
    "path": _text,
    "status": _status,
    "violations": _truth,
    "unmatched": _truth,
    "since": _number,
    "limit": _number,
}
"""How each filter is read."""
