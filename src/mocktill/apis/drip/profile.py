"""What is kept of a subscriber when somebody creates or updates one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mocktill.apis.drip.accounts import LEAD_SCORE, ZONE, add_subscriber, addressed, find_id, offset
from mocktill.apis.drip.events import tell_lifetime_value
from mocktill.apis.drip.leeway import Doubt, is_absent, unknown_beside
from mocktill.apis.drip.show import CURRENT_FIELDS
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call
from mocktill.core.store import Row

PLAIN = ("user_id", "time_zone", "ip_address", "eu_consent_message", *CURRENT_FIELDS)
"""What is kept as it was sent."""
ARGUMENTS = frozenset({
    "email", "id", "visitor_uuid", "new_email", "lifetime_value", "custom_fields", "tags", "remove_tags", "prospect",
    "potential_lead", "base_lead_score", "status", "initial_status", *PLAIN,
})  # fmt: skip
"""What may be sent of a subscriber (Create or update a subscriber, Arguments)."""

Found = tuple[str, Row]


def doubts(body: Mapping[str, Any]) -> Iterator[Doubt]:
    """Yield what no document decides about a body."""
    yield from unknown_beside(body, "subscribers")
    for one in body["subscribers"]:
        for name, value in one.items():
            if name not in ARGUMENTS:
                yield Doubt("unknown_properties", "format_error", name)
            elif is_absent(name, value):
                yield Doubt("null_values", "format_error", name)
            elif name == "lifetime_value" and value < 0:
                yield Doubt("negative_lifetime_value", "range_error", name)


def save(one: Mapping[str, Any], account: str, call: Call, backend: Backend) -> str:
    """Keep what was sent of a subscriber, tell of a lifetime value that changed, and return the id.

    Raises `Invalid` where nobody is named or what has to be unique is another's, and by choice for an unknown id.
    """
    sent = {name: value for name, value in one.items() if not is_absent(name, value)}
    found = _named(sent, account, backend)
    _check_user(sent, account, found, backend)
    _check_zone(sent, backend)
    if found is None:
        key, before = _add(sent, account, backend), 0
    else:
        key, before = found[0], found[1]["lifetime_value"]
        backend.table("subscribers").put(key, _updated(found, sent, account, backend))
    tell_lifetime_value(key, before, call, backend)
    return key


def _named(sent: Mapping[str, Any], account: str, backend: Backend) -> Found | None:
    """Return who is meant, None for somebody new with an address."""
    by_email = _by_email(sent, account, backend)
    if "id" in sent:
        by_id = find_id(backend.table("subscribers"), account, sent["id"])
        if _agree(by_id, by_email) or "email" not in sent:
            return _known(by_id, "id", sent, backend)
        who = backend.choice("id_beside_email")
        backend.note(f"id and email are not of the same subscriber: the {who} says who is meant")
        if who == "id":
            return _known(by_id, "id", sent, backend)
    if "email" in sent:
        return by_email
    if "visitor_uuid" in sent:
        found = backend.table("subscribers").first("by_visitor", account, sent["visitor_uuid"])
        return _known(found or by_email, "visitor_uuid", sent, backend)
    kind = "presence_error" if backend.choice("nobody_named") == "presence_error" else "parsing_error"
    raise e.Invalid("neither email nor id nor visitor_uuid came", kind=kind, field="email")


def _agree(one: Found | None, other: Found | None) -> bool:
    return one is not None and other is not None and one[0] == other[0]


def _by_email(sent: Mapping[str, Any], account: str, backend: Backend) -> Found | None:
    """Return who has the address, or else the new one."""
    addresses = [sent[name].lower() for name in ("email", "new_email") if name in sent]
    table = backend.table("subscribers")
    return next((found for one in addresses if (found := table.first("by_email", account, one))), None)


def _known(found: Found | None, name: str, sent: Mapping[str, Any], backend: Backend) -> Found:
    """Return who was found; refuse what nobody has, by choice as what is not found or as what is not valid."""
    if found is not None:
        return found
    detail = f"there is no subscriber with the {name} {sent[name][:50]!r}"
    if backend.choice("unknown_subscriber_id") == "not_found":
        raise e.NotFound(detail)
    raise e.Invalid(detail, kind="format_error", field=name)


def _check_user(sent: Mapping[str, Any], account: str, found: Found | None, backend: Backend) -> None:
    if "user_id" not in sent:
        return
    table = backend.table("subscribers")
    if any(found is None or key != found[0] for key, _ in table.find("by_user", account, sent["user_id"])):
        raise e.Invalid("another subscriber has it", kind="uniqueness_error", field="user_id")


def _check_zone(sent: Mapping[str, Any], backend: Backend) -> None:
    zone = sent.get("time_zone", ZONE)
    if offset(zone, backend.now) is None and backend.choice("unknown_time_zone") == "refuse":
        raise e.Invalid(f"{zone[:50]!r} is no time zone", kind="format_error", field="time_zone")


def _add(sent: Mapping[str, Any], account: str, backend: Backend) -> str:
    status = sent.get("status", sent.get("initial_status", "active"))
    score = {"base_lead_score": int(sent.get("base_lead_score", LEAD_SCORE)), "prospect": _prospect(sent, True)}
    visitor = {"visitor_uuid": sent["visitor_uuid"]} if "visitor_uuid" in sent else {}
    more = {**_plain(sent), **score, **visitor, "custom_fields": sent.get("custom_fields", {}), "status": status}
    more |= {"tags": _tags([], sent), "lifetime_value": int(sent.get("lifetime_value", 0))}
    return add_subscriber(account, sent.get("new_email") or sent["email"], backend, **more)


def _updated(found: Found, sent: Mapping[str, Any], account: str, backend: Backend) -> dict[str, JSON]:
    """Return the row of somebody known with what was sent in it."""
    key, row = found
    new = {**row, **_plain(sent)}
    for name in ("lifetime_value", "base_lead_score"):
        if name in sent:
            new[name] = int(sent[name])
    if "new_email" in sent and _free(sent["new_email"], key, account, backend):
        new = {name: value for name, value in new.items() if name != "written"}
        new |= addressed(sent["new_email"], backend)
    if "status" in sent:
        new["status"] = sent["status"]
    if new.get("time_zone") != row.get("time_zone"):
        new["utc_offset"] = offset(new["time_zone"], backend.now)
    if _prospect(sent, None) is not None:
        new["prospect"] = _prospect(sent, None)
    return {**new, **_kept_tags(row, sent, backend), **_kept_fields(row, sent, backend)}


def _kept_tags(row: Row, sent: Mapping[str, Any], backend: Backend) -> dict[str, JSON]:
    had = row.get("tags") or []
    if "tags" not in sent:
        return {"tags": _tags(had, sent)} if "remove_tags" in sent else {}
    other = not set(had) <= {*sent["tags"], *sent.get("remove_tags", ())}
    replace = other and backend.choice("sent_tags") == "replace"
    return {"tags": _tags([] if replace else had, sent)}


def _kept_fields(row: Row, sent: Mapping[str, Any], backend: Backend) -> dict[str, JSON]:
    if "custom_fields" not in sent:
        return {}
    had = row.get("custom_fields") or {}
    replace = bool(had.keys() - sent["custom_fields"].keys()) and backend.choice("sent_custom_fields") == "replace"
    return {"custom_fields": {**({} if replace else had), **sent["custom_fields"]}}


def _plain(sent: Mapping[str, Any]) -> dict[str, JSON]:
    return {name: sent[name] for name in PLAIN if name in sent}


def _prospect(sent: Mapping[str, Any], default: bool | None) -> bool | None:
    """Return whether it is a lead: `potential_lead` is what `prospect` used to be called."""
    found: bool | None = sent.get("prospect", sent.get("potential_lead", default))
    return found


def _tags(had: list[str], sent: Mapping[str, Any]) -> list[str]:
    """Return the tags, each once, in the order in which they came; what is to be removed is not among them."""
    gone = set(sent.get("remove_tags", ()))
    return [tag for tag in dict.fromkeys([*had, *sent.get("tags", ())]) if tag not in gone]


def _free(email: str, key: str, account: str, backend: Backend) -> bool:
    """Whether an address can be that of a subscriber; one that another has is refused, or by choice left alone."""
    owner = backend.table("subscribers").first("by_email", account, email.lower())
    if owner is None or owner[0] == key:
        return True
    if backend.choice("taken_new_email") == "refuse":
        raise e.Invalid("another subscriber has it", kind="uniqueness_error", field="new_email")
    return False
