"""The story of a journal's entry: its request, and those before it without which it would have gone otherwise.

It is played in a scratch sandbox that begins as a test's does, so that what a test is to hold is what it will get.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from urllib.parse import parse_qsl, quote_plus, urlencode

from mocktill.core.api import FIELDS, JSON, Request
from mocktill.core.app import VendorApp
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import text
from mocktill.core.copies import JSON_TYPE, fields_of, plain, value_of
from mocktill.core.entry import Entry
from mocktill.core.plots import Plot, Step
from mocktill.core.replay import repeat, send
from mocktill.core.sample import pick
from mocktill.core.sandbox import ANSWERS, Sandbox, Setup
from mocktill.core.secrets import DIGEST, MASK

MOMENT = timedelta(seconds=1)
"""Time that passed between two requests and is not told: nothing came of it."""
SHORTEST = 3
"""How long a value is that is known again."""
MOST = 50
"""How many requests a story has at the most."""
FEW = 12
"""Of how many requests each is left out once, to see whether it mattered; as many credentials are tried."""
LONGEST_ERROR = 2_000
WORLDS = frozenset({"restored", "loaded", "reset", "evicted"})
"""Remarks after which the world is another one."""
GARBLED = frozenset({"garbled", "content_type"})


@dataclass(frozen=True)
class Story:
    """What a test plays, the credential that goes along, and in words what the test does not tell."""

    plot: Plot
    credential: str | None
    said: tuple[str, ...]


@dataclass
class _Played:
    """What came of earlier requests, `chosen`, and the one itself in a scratch sandbox, with this credential.

    `brought` are the values there by those of the journal.
    """

    chosen: Sequence[Entry]
    credential: str | None
    steps: list[Step] = field(default_factory=list)
    brought: dict[str | int, JSON] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    leaks: bool = False

    @property
    def last(self) -> Entry:
        """What the journal there has of the request itself."""
        return self.entries[-1]

    def alike(self, entry: Entry) -> bool:
        """Whether the last answer is the one that the journal has, errors word for word."""
        last = self.last
        if (last.status, last.lost) != (entry.status, entry.lost) or entry.status < 400:
            return (last.status, last.lost) == (entry.status, entry.lost)
        body = entry.response_body.decode(errors="replace")
        for old, new in self.brought.items():
            body = body.replace(str(old), str(new))
        return body == last.response_body.decode(errors="replace")


def tell(box: Sandbox, app: VendorApp, entry: Entry) -> Story:
    """Return the story of an entry; nothing of it happens in the sandbox, whose lock is held only to look."""
    with box.lock:
        entries, remarks, answers = box.journal.entries(), box.journal.remarks(), box.answers
        rules = {fault.id: fault.rule for fault in box.faults.all()}
    begun = max((remark.after for remark in remarks if remark.what in WORLDS and remark.after < entry.id), default=0)
    earlier = [one for one in entries if begun < one.id < entry.id and one.api == entry.api and one.changes]
    return _Teller(box.catalogue, app, entry, earlier, answers, _again(entry, rules)).tell()


class _Teller:
    """Tries which of the earlier requests, and which credential, lead to the answer that the journal has."""

    def __init__(
        self,
        catalogue: Catalogue,
        app: VendorApp,
        entry: Entry,
        earlier: Sequence[Entry],
        answers: str,
        fault: JSON,
    ) -> None:
        self._catalogue = catalogue
        self._app = app
        self._entry = entry
        self._earlier = earlier
        self._answers = answers
        self._fault = fault
        self._named = {one.id: _named(one) for one in (*earlier, entry)}
        self._made = {one.id: _made(one, self._named[one.id]) for one in earlier}

    def tell(self) -> Story:
        """Return the first try that leads there; where none does, the first that leads to the same status."""
        tried: list[_Played] = []
        for chosen, credential in self._tries():
            tried.append(self._play(chosen, credential))
            if tried[-1].alike(self._entry):
                return self._story(self._shortened(tried[-1]))
        return self._story(self._shortened(min(tried, key=lambda one: one.last.status != self._entry.status)))

    def _tries(self) -> Iterator[tuple[Sequence[Entry], str | None]]:
        needed = self._needed
        yield needed, None
        if repeat(self._app.shelf, self._entry).keyed:
            known = self._catalogue.factory.get(f"{self._entry.api}.credentials", {})
            for credential in [key for key in known if not key.startswith(DIGEST)][:FEW]:
                yield needed, credential
        if len(self._earlier) > len(needed):
            yield self._earlier[-MOST:], None

    @cached_property
    def _needed(self) -> Sequence[Entry]:
        """Return the earlier requests that made what the request names, and those that were about it as well."""
        made = {number: {str(value) for value in values} for number, values in self._made.items()}
        known = set[str]().union(*made.values())
        wanted, chosen = known & self._named[self._entry.id], set[int]()
        while more := [
            one.id for one in self._earlier if one.id not in chosen and wanted & (self._named[one.id] | made[one.id])
        ]:
            chosen.update(more)
            wanted = wanted.union(*(known & self._named[number] for number in more))
        return [one for one in self._earlier if one.id in chosen][-MOST:]

    def _shortened(self, played: _Played) -> _Played:
        """Leave out each request once that was only tried, and for good where the answer is the same without it."""
        if played.chosen is self._needed or len(played.chosen) > FEW:
            return played
        for one in played.chosen:
            again = self._play([other for other in played.chosen if other is not one], played.credential)
            if (again.last.status, again.last.response_body) == (played.last.status, played.last.response_body):
                played = again
        return played

    def _play(self, chosen: Sequence[Entry], credential: str | None) -> _Played:
        entries, done = [*chosen, self._entry], _Played(chosen, credential)
        now = entries[0].at
        scratch = Sandbox(self._catalogue, setup=Setup(now=now, choices=self._choices(entries), answers=self._answers))
        for place, entry in enumerate(entries):
            passes = entry.at - now if abs(entry.at - now) >= MOMENT else timedelta()
            now += passes
            scratch.clock.advance(passes)
            fault = self._fault if entry is self._entry else None
            if fault is not None:
                scratch.faults.add(fault)
            request = self._request(entry, credential)
            asked = replace(request, headers={**request.headers, "user-agent": "python-requests"})
            came = send(self._app, scratch, _translated(asked, done.brought))
            taken = self._taken(entry, entries[place + 1 :], came)
            done.brought |= {value: new for value, (_, new) in taken.items()}
            done.entries.append(came)
            pointers = {value: pointer for value, (pointer, _) in taken.items()}
            done.steps.append(
                Step(request, came.status, _error(came, done.brought), pointers, passes, fault, came.lost)
            )
        done.leaks = any(leak.api == self._entry.api for leak in scratch.leaks())
        return done

    def _request(self, entry: Entry, credential: str | None) -> Request:
        """Return a request as a test sends it, to whatever sandbox it has."""
        request, _ = plain(repeat(self._app.shelf, entry, credential).request)
        headers = {name: said for name, said in request.headers.items() if name != "mocktill-sandbox"}
        return replace(request, headers=headers)

    def _taken(self, entry: Entry, later: Sequence[Entry], came: Entry) -> Mapping[str | int, tuple[str, JSON]]:
        """Return what later requests name of what an answer has brought: where it stands, and what it is now."""
        names = set[str]().union(*(self._named[one.id] for one in later))
        found: dict[str | int, tuple[str, JSON]] = {}
        for value, pointer in self._made.get(entry.id, {}).items():
            if str(value) in names:
                try:
                    found[value] = pointer, pick(value_of(came.response_body), pointer)
                except (LookupError, ValueError, TypeError):
                    continue  # it was answered otherwise: what it did bring is not known by this name
        return found

    def _choices(self, entries: Sequence[Entry]) -> dict[str, str]:
        known = self._catalogue.choices
        used = {name: value for entry in entries for name, value, _ in entry.choices}
        return {name: value for name, value in used.items() if name in known and value != known[name].default}

    def _story(self, played: _Played) -> Story:
        entry, entries = self._entry, [*played.chosen, self._entry]
        settings: dict[str, JSON] = {"now": text(entries[0].at)}
        if choices := self._choices(entries):
            settings["choices"] = choices
        if self._answers != ANSWERS[0]:
            settings["answers"] = self._answers
        if any(came.violations or came.unmatched for came in played.entries):
            settings["violations"] = "allow"
        name = entry.operation or "unmatched"
        plot = Plot(name, self._summary(played.last), entry.api, settings, played.steps, played.leaks)
        return Story(plot, played.credential, tuple(self._unsaid(played.last)))

    def _summary(self, came: Entry) -> str:
        what = "What no operation has"
        if came.operation is not None:
            what = self._app.shelf.api.operation(came.operation).summary
        return f"{what}: the answer is {'lost' if came.lost else came.status}."

    def _unsaid(self, last: Entry) -> Iterator[str]:
        entry = self._entry
        if entry.fault is not None and self._fault is None:
            yield f"the fault that struck the request is not in the test: {entry.fault.sentence}"
        if (last.status, last.lost) != (entry.status, entry.lost):
            was, now = ("no answer" if one.lost else str(one.status) for one in (entry, last))
            yield f"the test gets {now} and not {was}: what made the difference is not in it"


def _again(entry: Entry, rules: Mapping[str, JSON]) -> JSON:
    """Return the rule that struck a request as one that strikes the next one; None where it is gone, or only slow."""
    rule = None if entry.fault is None else rules.get(entry.fault.id)
    if rule is None:
        return None
    what = {name: value for name, value in rule["what"].items() if name not in {"delay", "rate_limit"}}
    moment = {"moment": rule["moment"]} if "moment" in rule else {}
    return {"when": {"next": 1}, "what": what, **moment} if what else None


def _made(entry: Entry, sent: Collection[str]) -> Mapping[str | int, str]:
    """Return the values in an answer that its request has made and not `sent`: each with its first JSON pointer."""
    rows = [(change.key, change.after) for change in entry.changes if change.before is None and change.after]
    keys = {part for key, _ in rows for part in (key, *re.split(r"[/|:,]", key))}
    fields = {value for _, row in rows for value in row.values() if isinstance(value, str)}
    found = dict[str | int, str]()
    for pointer, value in _leaves(value_of(entry.response_body), ""):
        known = str(value) in keys or value in fields
        if known and len(str(value)) >= SHORTEST and str(value) not in sent and MASK not in str(value):
            found.setdefault(value, pointer)
    return found


def _named(entry: Entry) -> frozenset[str]:
    """Return what a request names: the parts of its path, and the values of its query and its body."""
    value = value_of(entry.request_body) or fields_of(entry.request_body)
    query = [value for _, value in parse_qsl(entry.query)[:FIELDS]]
    return frozenset((*entry.path.split("/"), *query, *(str(leaf) for _, leaf in _leaves(value, ""))))


def _leaves(value: JSON, pointer: str) -> Iterator[tuple[str, str | int]]:
    """Yield the texts and whole numbers in a value, each with its JSON pointer, but for what stands under a number."""
    if isinstance(value, dict):
        for name, part in value.items():
            if not name.isdecimal():
                yield from _leaves(part, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{pointer}/{number}")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield pointer, value


def _translated(request: Request, brought: Mapping[str | int, JSON]) -> Request:
    """Return a request that names what was brought here in the place of what was brought then."""
    if not brought:
        return request
    known = {str(old): str(new) for old, new in brought.items()}
    path = "/".join(known.get(part, part) for part in request.path.split("/"))
    encoded = {quote_plus(old): quote_plus(new) for old, new in known.items()}
    pairs = [parameter.partition("=") for parameter in request.query.split("&")]
    query, body = "&".join(name + equals + encoded.get(given, given) for name, equals, given in pairs), request.body
    value, fields = value_of(body), fields_of(body)
    if value is not None and request.headers.get("content-type") == JSON_TYPE:
        body = json.dumps(_replaced(value, brought)).encode()  # which writes whatever it has read
    elif fields is not None:
        body = urlencode({name: known.get(field, field) for name, field in fields.items()}).encode()
    return replace(request, path=path, query=query, body=body, _parameters=None)


def _replaced(value: JSON, brought: Mapping[str | int, JSON]) -> JSON:
    if isinstance(value, dict):
        return {name: _replaced(part, brought) for name, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, brought) for part in value]
    known = isinstance(value, str | int) and not isinstance(value, bool) and value in brought
    return brought[value] if known else value


def _error(came: Entry, brought: Mapping[str | int, JSON]) -> JSON:
    """Return the body of a refusal that is the same wherever and whenever it is asked for; else None."""
    body = came.response_body.decode(errors="replace")
    garbled = came.fault is not None and came.fault.kind in GARBLED
    if came.status < 400 or came.method == "HEAD" or garbled or len(body) > LONGEST_ERROR:
        return None
    varies = (MASK, came.base_url, *map(str, brought.values()))
    return None if any(part in body for part in varies) else value_of(came.response_body)
