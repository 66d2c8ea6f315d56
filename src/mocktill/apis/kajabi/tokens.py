"""Tokens: issued to a client or a user, refreshed, expired by the sandbox's clock, and revoked.

No token is kept as it is: an access token is a credential under its digest, a refresh token a grant under its own.
A refresh token is no access token, and refused as one. The three ways to ask are those of Authentication: Get access
token; what is refused with which word of RFC 6749 is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mocktill.apis.kajabi import parameters
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant, text
from mocktill.core.secrets import DIGEST, digest

LETTERS = 40
"""How many letters a token has."""
REFRESHABLE = timedelta(days=14)
"""How long a refresh token is good, where it expires."""
ACTIVE, SPENT, REVOKED, REFUSED = "active", "spent", "revoked", "refused"
UNSUPPORTED, NOT_GRANTED = "unsupported_grant_type", "invalid_grant"
"""The kinds of an error that have a word of their own on the wire."""


def authenticate(call: Call, backend: Backend) -> Result:
    """Issue an access and a refresh token to a client, to a user, or for a refresh token that is good."""
    parameters.check_known(call, (), backend)
    body = call.body
    match body.get("grant_type", "password" if "username" in body else None):
        case "client_credentials":
            _check_client(_given(body, "client_id"), _given(body, "client_secret"), backend)
            return Result(_issue(backend))
        case "password":
            _check_user(_given(body, "username"), _given(body, "password"), backend)
            return Result(_issue(backend))
        case "refresh_token":
            return Result(_refresh(_given(body, "refresh_token"), backend))
        case None:
            raise e.Invalid("grant_type is missing")
        case other:
            raise e.Invalid(f"{parameters.said([other])}: no such grant_type", kind=UNSUPPORTED)


def revoke(call: Call, backend: Backend) -> Result:
    """Revoke a token and all others of its session; one that nobody issued is refused from now on, too."""
    parameters.check_known(call, (), backend)
    credentials, grants = backend.table("credentials"), backend.table("grants")
    given = _given(call.body, "token")
    hidden = digest(given)
    key = given if given in credentials and not given.startswith(DIGEST) else hidden
    row = credentials.get(key) or {}
    session = (grants.get(hidden) or row).get("session")
    if hidden not in grants:
        credentials.put(key, {**row, "state": REVOKED})
    if session is not None:
        for table in (credentials, grants):
            for issued, one in table.find("by_session", session):
                table.put(issued, {**one, "state": REVOKED})
    return Result(None)


def _given(body: Mapping[str, JSON], name: str) -> str:
    value: str = body.get(name, "")
    if not value:
        raise e.Invalid(f"{name} is missing")
    return value


def _check_client(client: str, secret: str, backend: Backend) -> None:
    if not _is_good("clients", client, secret, backend):
        raise e.NotAuthenticated("nobody knows the client, or its secret is another, or it is refused")


def _check_user(user: str, password: str, backend: Backend) -> None:
    if not _is_good("users", user, password, backend):
        raise e.Invalid("nobody knows the user, or the password is another, or is refused", kind=NOT_GRANTED)


def _is_good(table: str, name: str, secret: str, backend: Backend) -> bool:
    """Whether a client or a user is let in; one that the fixtures do not list is by choice."""
    row = backend.table(table).get(name)
    if row is None:
        return backend.choice("unknown_clients") == "accept"
    return bool(row["state"] == ACTIVE and row["digest"] == digest(secret))


def _refresh(given: str, backend: Backend) -> JSON:
    """Issue an access token for a refresh token; by choice a new refresh token comes with it, and this one is spent."""
    grants, key = backend.table("grants"), digest(given)
    row = grants.get(key)
    if row is None or row["state"] != ACTIVE:
        raise e.Invalid(f"the refresh token is {'unknown' if row is None else row['state']}", kind=NOT_GRANTED)
    if backend.now - instant(row["issued_at"]) >= REFRESHABLE and backend.choice("refresh_lifetime") != "never":
        raise e.Invalid("the refresh token has expired", kind=NOT_GRANTED)
    if backend.choice("refresh_rotation") == "keep":
        return _issued(row["session"], given, backend)
    grants.put(key, {**row, "state": SPENT})
    return _issued(row["session"], _grant(row["session"], backend), backend)


def _issue(backend: Backend) -> JSON:
    """Begin a session with an access and a refresh token."""
    grants = backend.table("grants")
    session = str(backend.fake.count("session"))
    while grants.count("by_session", session):  # of a state that was loaded
        session = str(backend.fake.count("session"))
    return _issued(session, _grant(session, backend), backend)


def _grant(session: str, backend: Backend) -> str:
    """Return a new refresh token of a session; shown as an access token it is refused."""
    drawn = _drawn("refresh_token", backend)
    row = {"session": session, "state": ACTIVE, "issued_at": text(backend.now)}
    backend.table("grants").put(digest(drawn), row)
    backend.table("credentials").insert(digest(drawn), {"state": REFUSED})
    return drawn


def _issued(session: str, refresh: str, backend: Backend) -> JSON:
    """Return an answer with a new access token of a session."""
    drawn = _drawn("access_token", backend)
    seconds = int(backend.choice("access_lifetime"))
    expires_at = text(backend.now + timedelta(seconds=seconds))
    backend.table("credentials").insert(digest(drawn), {"state": ACTIVE, "session": session, "expires_at": expires_at})
    return {"access_token": drawn, "refresh_token": refresh, "token_type": "Bearer", "expires_in": seconds}


def _drawn(purpose: str, backend: Backend) -> str:
    """Draw a token that is not known."""
    credentials = backend.table("credentials")
    while digest(drawn := backend.fake.text(purpose, LETTERS)) in credentials:
        pass
    return drawn
