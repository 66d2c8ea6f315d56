"""What a situation comes to under a choice, and whether an answer is that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.apis.deem.shop import basis_of, error


@dataclass(frozen=True)
class Outcome:
    """What a situation comes to: an error's whole body, or what a purchase, or the body, shows among other things."""

    status: int
    basis: str
    error: Mapping[str, Any] | None = None
    shows: Mapping[str, Any] | None = None


def refused(status: int, kind: str, message: str, *errors: Mapping[str, str], basis: str = "assumed") -> Outcome:
    """Return the outcome of an error with this whole body."""
    return Outcome(status, basis, error=error(kind, message, *errors))


def made(basis: str = "assumed", **shows: Any) -> Outcome:
    """Return the outcome of a success whose purchase, or else whose body, shows this."""
    return Outcome(200, basis, shows=shows)


def wrong(resource: str, message: str, kind: str = "invalid", field: str | None = None) -> dict[str, str]:
    """Return one line of `errors`, in the published order of its keys."""
    item = {"type": kind, "message": message, **({} if field is None else {"field": field})}
    return {**item, "resource": resource}


def check(answer: TestResponse, outcome: Outcome) -> None:
    """Hold an answer against its outcome: status, basis, body, and the order of an error's keys."""
    assert answer.status_code == outcome.status, answer.get_data(as_text=True)
    assert basis_of(answer) == outcome.basis
    body = answer.get_json()
    if outcome.error is not None:
        assert body == outcome.error
        assert list(body) == list(outcome.error)
        assert [list(item) for item in body.get("errors", ())] == [list(i) for i in outcome.error.get("errors", ())]
    else:
        assert body["status"] == "success"
        shown = body.get("purchase", body)
        assert {key: shown[key] for key in outcome.shows or {}} == outcome.shows
