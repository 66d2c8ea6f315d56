"""What a fault rule may say, checked when it is added, and the rules that come by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.resources.abc import Traversable

from mocktill.core.api import JSON, Api, Violation
from mocktill.core.clock import duration, instant
from mocktill.core.contract import Unacceptable, own
from mocktill.core.faults import Preset, rows_of, spelt
from mocktill.core.secrets import shown
from mocktill.core.seeds import BrokenSeed, read_yaml, say_all

LONGEST_DELAY = timedelta(hours=1)
LONGEST_WINDOW = timedelta(days=366)
FRAMING = frozenset(
    {
        "connection", "content-length", "date", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade",
    }
)  # fmt: skip
"""The headers that say where an answer ends: they belong to the server, and `connection` faults are for breaking it."""
SUFFIX = ".yaml"
SOURCE = "Mocktill, fault rules"


def check_rule(apis: Sequence[Api], rule: JSON) -> None:
    """Raise `Unacceptable`, with pointer and words, for a rule that cannot be or could not be answered."""
    violations = own().check("fault", rule) or tuple(_impossible(apis, rule))
    if violations:
        raise Unacceptable(violations)


def load_presets(folder: Traversable, apis: Sequence[Api]) -> dict[str, Preset]:
    """Read the presets in a folder, by name; raise `BrokenSeed`, with file, line and pointer, for a wrong one."""
    found = [file for file in folder.iterdir() if file.name.endswith(SUFFIX)]
    presets = [load_preset(file, apis) for file in sorted(found, key=lambda file: file.name)]
    return {preset.name: preset for preset in presets}


def load_preset(file: Traversable, apis: Sequence[Api]) -> Preset:
    """Read one preset, whose name is the file's; raise `BrokenSeed` for a wrong one."""
    document, lines = read_yaml(file)
    wrong = own().check("preset", document)
    try:
        if not wrong:
            check_rule(apis, document["rule"])
    except Unacceptable as error:
        wrong = tuple(replace(violation, pointer=f"/rule{violation.pointer}") for violation in error.violations)
    if wrong:
        raise BrokenSeed(say_all(file, wrong, lines))
    return Preset(file.name.removesuffix(SUFFIX), document["title"], document["about"], document["rule"])


def _impossible(apis: Sequence[Api], rule: JSON) -> Iterator[Violation]:
    when, what = rule.get("when", {}), rule["what"]
    meant = [api for api in apis if when.get("api", api.name) == api.name]
    if not meant:
        yield _wrong("/when/api", f"one of {', '.join(api.name for api in apis)}", when["api"])
        return
    if "operation" in when and not any(_names(api, when["operation"]) for api in meant):
        known = ", ".join(f"{api.name}.{operation.name}" for api in meant for operation in api.operations)
        yield _wrong("/when/operation", f"one of {known}", when["operation"])
    if "until" in when and not _is_instant(when["until"]):
        yield _wrong("/when/until", "an instant that there is, with a time zone", when["until"])
    yield from _impossible_error(meant, what)
    yield from _impossible_times(what)
    for name, value in what.get("headers", {}).items():
        yield from _impossible_header(name, value)


def _names(api: Api, name: str) -> bool:
    return any(name in {operation.name, f"{api.name}.{operation.name}"} for operation in api.operations)


def _impossible_error(meant: list[Api], what: JSON) -> Iterator[Violation]:
    if "error" not in what:
        return
    error, wire = what["error"], what.get("type")
    if not any(True for api in meant for _ in rows_of(api, error)):
        known = {spelt(row.meaning) for api in meant for row in api.dialect.rows}
        yield _wrong("/what/error", f"one of {', '.join(sorted(known))}", error)
    elif not any(True for api in meant for _ in rows_of(api, error, wire)):
        known = {row.type for api in meant for row in rows_of(api, error)}
        yield _wrong("/what/type", f"one of {', '.join(sorted(known))}", wire)


def _impossible_times(what: JSON) -> Iterator[Violation]:
    delay = what.get("delay")
    if isinstance(delay, Mapping):
        found = [*_too_long("/what/delay/least", delay["least"]), *_too_long("/what/delay/most", delay["most"])]
        yield from found
        if not found and duration(delay["least"]) > duration(delay["most"]):
            yield _wrong("/what/delay/least", "no more than most", delay["least"])
    elif delay is not None:
        yield from _too_long("/what/delay", delay)
    if "rate_limit" in what:
        window = what["rate_limit"]["window"]
        found = list(_too_long("/what/rate_limit/window", window, LONGEST_WINDOW))
        yield from found
        if not found and not duration(window):
            yield _wrong("/what/rate_limit/window", "longer than nothing", window)


def _too_long(pointer: str, written: str | float, longest: timedelta = LONGEST_DELAY) -> Iterator[Violation]:
    try:
        if not timedelta() <= duration(written) <= longest:
            yield _wrong(pointer, f"from 0 to {longest}", written)
    except ValueError as error:
        yield _wrong(pointer, str(error), written)


def _impossible_header(name: str, value: str) -> Iterator[Violation]:
    pointer = f"/what/headers/{name.replace('~', '~0').replace('/', '~1')}"
    if name.lower() in FRAMING:
        yield _wrong(pointer, "a header that does not say where the answer ends", name)
    elif name.lower().startswith("mocktill-"):
        yield _wrong(pointer, "a header of the vendor's: those that begin with Mocktill- are ours", name)
    elif name.lower() == "retry-after" and not re.fullmatch("[0-9]{1,9}", value) and not _is_http_date(value):
        yield _wrong(pointer, "a number of seconds, or a date as HTTP has them", value)


def _is_instant(written: str) -> bool:
    try:
        return bool(instant(written))
    except ValueError:
        return False


def _is_http_date(written: str) -> bool:
    try:
        return bool(parsedate_to_datetime(written)) and written.endswith("GMT")
    except (ValueError, TypeError, IndexError, OverflowError):
        return False


def _wrong(pointer: str, expected: str, got: JSON) -> Violation:
    return Violation("error", "body", pointer, "fault", expected, shown(got), SOURCE)
