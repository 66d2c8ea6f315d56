"""A journal as an HTTP Archive, HAR 1.2 (softwareishard.com/blog/har-12-spec), which a browser's network panel opens.

What HAR has no word for stands in custom fields, whose names begin with an underscore. Instants are the sandbox's; how
long a request took is not in the journal, and is 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from mocktill import __version__
from mocktill.core.api import JSON
from mocktill.core.clock import text
from mocktill.core.entry import BODY, Entry, body_json, phrase, violation_json

PROTOCOL = "HTTP/1.1"
UNKNOWN_TYPE = "application/octet-stream"
UNKNOWN = -1
"""What HAR says of a size that nobody knows."""


def har(entries: Iterable[Entry]) -> JSON:
    """Return entries as the value of a HAR file."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "Mocktill", "version": __version__},
            "entries": [har_entry(entry) for entry in entries],
        }
    }


def har_entry(entry: Entry) -> JSON:
    """Return one entry as HAR has it."""
    archived = {
        "startedDateTime": text(entry.at),
        "time": 0,
        "request": _request(entry),
        "response": _lost(entry) if entry.lost else _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_entry": entry.id,
        "_basis": entry.basis.value,
        "_operation": entry.full_name if entry.operation else None,
        "_violations": [violation_json(violation) for violation in entry.violations],
        "_fault": entry.fault.sentence if entry.fault else None,
    }
    return {**archived, "comment": "\n".join(entry.notes)} if entry.notes else archived


def _request(entry: Entry) -> JSON:
    headers = entry.request_headers
    request = {
        "method": entry.method,
        "url": entry.url,
        "httpVersion": PROTOCOL,
        "cookies": [],
        "headers": _pairs(headers.items()),
        "queryString": _pairs(parse_qsl(entry.query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": _size(entry.request_body),
    }
    if entry.request_body:
        request["postData"] = _post_data(entry.request_body, headers.get("content-type", UNKNOWN_TYPE))
    return request


def _post_data(body: bytes, media_type: str) -> JSON:
    """Return a body that was sent; HAR 1.2 has no field for its encoding, so that one of ours says it."""
    written = body_json(body)
    encoding = {"_encoding": written["body_encoding"]} if "body_encoding" in written else {}
    return {"mimeType": media_type, "text": written["body"], **encoding}


def _response(entry: Entry) -> JSON:
    headers = {name.lower(): value for name, value in entry.response_headers}
    body = b"" if entry.method.upper() == "HEAD" else entry.response_body
    return {
        "status": entry.status,
        "statusText": phrase(entry.status),
        "httpVersion": PROTOCOL,
        "cookies": [],
        "headers": _pairs(entry.response_headers),
        "content": _content(body, headers.get("content-type", UNKNOWN_TYPE)),
        "redirectURL": headers.get("location", ""),
        "headersSize": UNKNOWN,
        "bodySize": _size(body),
    }


def _content(body: bytes, media_type: str) -> JSON:
    written = body_json(body)
    encoding = {"encoding": written["body_encoding"]} if "body_encoding" in written else {}
    return {"size": len(body), "mimeType": media_type, "text": written["body"], **encoding}


def _lost(entry: Entry) -> JSON:
    """Return a response that never came, as browsers archive it: status 0, and why."""
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": PROTOCOL,
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
        "_error": entry.fault.sentence if entry.fault else "the client never got the whole answer",
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> JSON:
    return [{"name": name, "value": value} for name, value in pairs]


def _size(body: bytes) -> int:
    """Return how many bytes a body has; one that was cut when it was kept had more, and nobody knows how many."""
    return len(body) if len(body) < BODY else UNKNOWN
