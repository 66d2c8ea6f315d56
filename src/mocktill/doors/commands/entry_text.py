"""All of one journal entry for a person: request, answer, why, what changed, and a request that passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from mocktill.core.entry import violation_of
from mocktill.doors.commands.terminal import columns, compact, moment

INDENT = "  "


def entry_lines(entry: Any) -> Iterator[str]:
    """Yield the lines about one entry, as `GET journal/<id>` answers it."""
    request, response = entry["request"], entry["response"]
    operation = f"{entry['api']}.{entry['operation']}" if entry["operation"] else f"{entry['api']}, no operation"
    yield f"{request['method']} {request['url']}"
    yield f"{response['status']}  {operation}  [{entry['basis']}]"
    yield f"entry {entry['id']} of {entry['sandbox']}, {moment(entry['at'])}"
    if entry["fault"]:
        yield from part("fault", [f"{entry['fault']['sentence']} (rule {entry['fault']['id']})"])
    yield from part("what is wrong", violation_lines(entry["violations"]))
    yield from part("notes", entry["notes"])
    yield from part("the nearest operations", nearest_lines(entry.get("nearest") or []))
    yield from part("a request that passes", passing_lines(entry.get("passing")))
    yield from part("request", [*headers_lines(request["headers"].items()), *body_lines(request)])
    yield from part("answer", [*headers_lines(response["headers"]), *body_lines(response)])
    yield from part("what changed", [line for change in entry["changes"] for line in change_lines(change)])
    decided = [(choice["name"], choice["value"], f"[{choice['basis']}]") for choice in entry["choices"]]
    yield from part("choices that decided", columns(decided))


def part(title: str, lines: Iterable[str]) -> list[str]:
    """Return a titled part, or nothing where it has no lines."""
    inner = [f"{INDENT}{line}".rstrip() for whole in lines for line in whole.split("\n")]
    return ["", title, *inner] if inner else []


def violation_lines(violations: Iterable[Any]) -> Iterator[str]:
    """Yield two lines for each violation: where and what, and the rule's source."""
    for wrong in violations:
        place = wrong["pointer"] or "/"
        yield f"{wrong['severity']}: {wrong['at']} {place}: {violation_of(wrong).said}"
        yield f"{INDENT}{wrong['rule']}" + (f", {wrong['source']}" if wrong["source"] else "")


def nearest_lines(nearest: Iterable[Any]) -> list[str]:
    """Return a line for each operation that is near, and why it did not match."""
    return columns((each["method"], each["path"], each["operation"], each["why"]) for each in nearest)


def passing_lines(passing: Any) -> list[str]:
    """Return what a request is about that passes, and its lines to copy."""
    return [passing["about"], *passing["curl"]] if passing else []


def headers_lines(headers: Iterable[Iterable[str]]) -> list[str]:
    """Return a line for each header."""
    return [": ".join(header) for header in headers]


def body_lines(message: Any) -> list[str]:
    """Return a body, indented where it is JSON."""
    body: str = message["body"]
    if not body:
        return []
    if message.get("body_encoding") == "base64":
        return ["", f"(base64) {body}"]
    try:
        return ["", orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()]
    except orjson.JSONDecodeError:
        return ["", body]


def change_lines(change: Any) -> list[str]:
    """Return which row changed, and each of its fields that did."""
    before, after = change["before"], change["after"]
    row = f"{change['table']} {change['key']}"
    if before is None:
        return [f"{row} was made", *columns(((name, compact(value)) for name, value in after.items()), INDENT)]
    if after is None:
        return [f"{row} was removed"]
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    fields = [(name, f"{compact(before.get(name))} → {compact(after.get(name))}") for name in names]
    return [f"{row} changed", *columns(fields, INDENT)]
