"""The wire to a running server: one call of its control API, and its refusals as Python's exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from mocktill.core.api import JSON
from mocktill.core.contract import Unacceptable
from mocktill.core.entry import violation_of
from mocktill.core.errors import Full
from mocktill.core.names import check_name
from mocktill.core.sandbox import DEFAULT

CONTROL = "/_mocktill"
PROBLEM = "application/problem+json"
PATIENCE_SECONDS = 30.0
"""How long an answer may take, beside what the call itself waits for."""
SHOWN = 80


class ControlClient:
    """Calls the control API of the server at `url`, for one sandbox; `token` is shown where there is one.

    `url` is http or https and may have a path, where the server is behind one. No proxy is asked and no redirect is
    followed. Raises ConnectionError for a server that is not there or is something else, PermissionError where it
    wants another token, and what `refuse` says for everything that it refuses.
    """

    def __init__(self, url: str, sandbox: str = DEFAULT, token: str | None = None) -> None:
        self.url = checked_url(url)
        check_name(sandbox)
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError("a token is of printable ASCII characters")
        self.sandbox = sandbox
        self.token = token
        parts = urlsplit(self.url)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._root = parts.path + place_of(sandbox) + CONTROL

    def get(self, *path: str, **query: Any) -> JSON:
        """Return the document that a GET answers; what is None in the query is left out."""
        return self.call("GET", *path, query=query)

    def text(self, *path: str) -> str:
        """Return the text that a GET answers."""
        target = self._root + "".join(f"/{quote(part, safe='')}" for part in path)
        status, media_type, content = self._exchange("GET", target, None, PATIENCE_SECONDS, "text/plain")
        if status < 400 and media_type == "text/plain":
            return content.decode()
        self._document(status, media_type, content)
        raise ConnectionError(f"{self.url} is no Mocktill server: it answers {status} with {media_type}")

    def call(
        self,
        method: str,
        *path: str,
        body: JSON = None,
        query: Mapping[str, Any] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> JSON:
        """Make one call: the parts of the path are quoted, the body is sent as JSON unless it is None.

        Returns the document that was answered, None for an answer without one.
        """
        if strange := [part for part in path if part in {"", ".", ".."}]:  # these would lead to another call
            raise KeyError(f"there is nothing called {strange[0]!r}")
        target = self._root + "".join(f"/{quote(part, safe='')}" for part in path)
        given = {name: _written(value) for name, value in (query or {}).items() if value is not None}
        if given:
            target += f"?{urlencode(given)}"
        status, media_type, content = self._exchange(method, target, encoded(body), patience_seconds)
        return self._document(status, media_type, content)

    def _exchange(
        self, method: str, target: str, body: bytes | None, patience: float, accept: str = "application/json"
    ) -> tuple[int, str, bytes]:
        """Send one request over a connection of its own; raise ConnectionError for whatever prevents an answer."""
        headers = {"Accept": accept, "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=patience)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            content = response.read()
        except TimeoutError:
            raise ConnectionError(f"{self.url} did not answer within {patience:g} s") from None
        except SSLCertVerificationError as error:
            raise ConnectionError(self._unknown(error)) from None
        except (OSError, UnicodeError) as error:
            raise ConnectionError(self._nobody(error)) from None
        except HTTPException as error:
            raise ConnectionError(f"{self.url} does not answer as Mocktill does: {_sentence(error)}") from None
        finally:
            connection.close()
        self._check_redirect(response)
        return response.status, response.headers.get_content_type(), content

    def _nobody(self, error: Exception) -> str:
        hint = "start one with `mocktill serve`, or give the URL of the one that runs"
        return f"no server answers at {self.url} ({_sentence(error)}): {hint}"

    def _unknown(self, error: SSLCertVerificationError) -> str:
        hint = "let SSL_CERT_FILE name the file of the CA to trust, which `mocktill serve --tls` prints"
        return f"the certificate of {self.url} is not trusted ({error.verify_message.rstrip('.')}): {hint}"

    def _check_redirect(self, response: HTTPResponse) -> None:
        if 300 <= response.status < 400:
            place = response.headers.get("Location", "another place")
            raise ConnectionError(f"{self.url} leads on to {place[:SHOWN]}, which is not followed: give the right URL")

    def _document(self, status: int, media_type: str, content: bytes) -> JSON:
        if status == 204:
            return None
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError:
            document = None
        if status < 400 and document is not None:
            return document
        if media_type != PROBLEM or not isinstance(document, dict):
            raise ConnectionError(f"{self.url} is no Mocktill server: it answers {status} with {media_type}")
        raise refuse(status, document)


def refuse(status: int, problem: Mapping[str, Any]) -> Exception:
    """Return the exception that a refusal of the control API stands for, with its sentence.

    KeyError for what there is not (404), `Full` for a bound that is reached (409), `Unacceptable` with the violations
    for a document that breaks its schema, ValueError for any other request that is refused (422 and the rest of
    4xx), PermissionError for a missing token (401) and a Host or Origin that is refused (403). RuntimeError is a
    defect of the server.
    """
    said = str(problem.get("detail") or problem.get("title") or f"the server answered {status}")
    violations = tuple(violation_of(violation) for violation in problem.get("violations", ()))
    if status in {401, 403}:
        return PermissionError(said)
    if status == 404:
        return KeyError(said)
    if status == 409:
        return Full(said)
    if violations:
        return Unacceptable(violations)
    return ValueError(said) if status < 500 else RuntimeError(said)


def encoded(body: JSON) -> bytes | None:
    """Return a body as JSON, or None for none; raise ValueError for what JSON cannot hold."""
    try:
        return None if body is None else orjson.dumps(body)
    except TypeError as error:
        raise ValueError(f"this cannot be sent as JSON: {error}") from None


def checked_url(url: str) -> str:
    """Return a server's URL without a slash at its end; raise ValueError, in words, for what is none."""
    try:
        parts = urlsplit(url.strip())
        well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well or not url.strip().isprintable() or " " in url.strip():
        raise ValueError(f"{url!r} is no URL of a server: write http://127.0.0.1:8080")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"the URL of a server is a host, a port and a path at most; not {url!r}")
    path = parts.path.rstrip("/")
    last = path.rpartition("/")[2]
    if last.startswith("~") or last == CONTROL[1:]:
        raise ValueError(f"give the server's URL without /{last}; a sandbox is named apart")
    return f"{parts.scheme}://{parts.netloc}{path}"


def place_of(sandbox: str) -> str:
    """Return the prefix of a sandbox's paths: `/~name`, and nothing for the default one."""
    return "" if sandbox == DEFAULT else f"/~{sandbox}"


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
