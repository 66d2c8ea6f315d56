"""Whose subscribers answer, and who of them is meant: by id, by e-mail address, by visitor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call
from mocktill.core.clock import text
from mocktill.core.store import Row, Table

SAMPLE_ACCOUNT = "9999999"
"""The account of the samples, whose subscribers an account has that nobody seeded."""
ZONE, LEAD_SCORE = "Etc/UTC", 30
"""The time zone and the `base_lead_score` of a subscriber of whom nobody said them (Create or update a subscriber)."""
_UTC = frozenset({ZONE, "UTC", "Etc/GMT", "GMT"})


def account_of(call: Call, backend: Backend) -> str:
    """Return the account whose subscribers answer."""
    wanted = call.args["account_id"]
    if wanted in backend.table("accounts"):
        return wanted
    if backend.choice("unknown_account") == "refuse":
        raise e.NotFound(f"there is no account {wanted}")
    return SAMPLE_ACCOUNT


def check_scope(credential: str | None, account: str | None, backend: Backend) -> None:
    """Raise `Forbidden` for a credential of another account than that of a request; one that has none is for all."""
    row = backend.table("credentials").get(credential or "") or {}
    if account is not None and row.get("account", account) != account:
        raise e.Forbidden(f"the credential is for the account {row['account']}")


def subscriber_of(call: Call, backend: Backend) -> tuple[str, Row]:
    """Return the subscriber that the path names; raise `NotFound` where the account has none."""
    found = find(call, account_of(call, backend), backend)
    if found is None:
        raise e.NotFound(f"there is no subscriber {call.args['id_or_email']}")
    return found


def reader_of(call: Call, backend: Backend) -> tuple[str, Row]:
    """Return the subscriber that the path names, which for reading may be by the id of a visitor as well."""
    account, wanted = account_of(call, backend), call.args["id_or_email"]
    found = find(call, account, backend) or backend.table("subscribers").first("by_visitor", account, wanted)
    if found is None:
        raise e.NotFound(f"there is no subscriber {wanted}")
    return found


def find(call: Call, account: str, backend: Backend) -> tuple[str, Row] | None:
    """Return the subscriber of an account that the path names by id or e-mail address, or None."""
    wanted = call.args["id_or_email"]
    found = find_subscriber(backend.table("subscribers"), account, wanted)
    if found is not None and wanted not in (found[0], address(found[1])):
        return None if backend.choice("email_case") == "exact" else found
    return found


def find_subscriber(subscribers: Table, account: str, wanted: str) -> tuple[str, Row] | None:
    """Return the subscriber of an account with this id or e-mail address, in whatever case."""
    return find_id(subscribers, account, wanted) or subscribers.first("by_email", account, wanted.lower())


def find_id(subscribers: Table, account: str, wanted: str) -> tuple[str, Row] | None:
    """Return the subscriber of an account with this id."""
    row = subscribers.get(wanted)
    return (wanted, row) if row is not None and row["account"] == account else None


def address(row: Row) -> str:
    """Return the e-mail address of a subscriber as it is answered."""
    written: str = row.get("written") or row["email"]
    return written


def addressed(email: str, backend: Backend) -> dict[str, JSON]:
    """Return what a row has of an e-mail address: it is found in lower case, and answered as it is kept."""
    lower = email.lower()
    as_sent = lower != email and backend.choice("kept_email") == "as_sent"
    return {"email": lower, "written": email} if as_sent else {"email": lower}


def add_subscriber(account: str, email: str, backend: Backend, **more: Any) -> str:
    """Keep a new subscriber and return its id; what nobody said of it is as the documents have it."""
    subscribers = backend.table("subscribers")
    last = subscribers.page("by_account", account, offset=0, limit=1, newest=True)
    row: dict[str, Any] = {
        "account": account,
        **addressed(email, backend),
        "created_at": text(backend.now),
        "number": (last[0][1].get("number") or 0) + 1 if last else 1,
        "status": "active",
        "lifetime_value": 0,
        "time_zone": ZONE,
        "prospect": True,
        "base_lead_score": LEAD_SCORE,
        **more,
    }
    row["utc_offset"] = offset(row["time_zone"], backend.now)
    if "lead_score" not in row and row["prospect"] and backend.choice("lead_scoring") == "enabled":
        row["lead_score"] = row["base_lead_score"]
    key = backend.fake.text("subscriber", 20, unused=subscribers)
    subscribers.insert(key, row)
    return key


def offset(zone: str, at: datetime) -> int | None:
    """Return by how many minutes a time zone is ahead of UTC at an instant; None for one that nobody knows here."""
    if zone in _UTC:
        return 0
    from zoneinfo import ZoneInfo  # two milliseconds that most starts never need

    try:
        ahead = at.astimezone(ZoneInfo(zone)).utcoffset()
    except (KeyError, ValueError, OSError, OverflowError):  # no such name, no name at all, a folder, no such date there
        return None
    return None if ahead is None else int(ahead.total_seconds()) // 60
