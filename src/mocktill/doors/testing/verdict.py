"""The verdict on a test: what departed from the contract and was not expected, in words.

An error of the contract and a request that no operation matches fail; what a vendor tolerates, and reservations that
were neither used nor given back, are warned of.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mocktill.core.api import Leak, Violation
from mocktill.core.clock import text
from mocktill.core.entry import Entry
from mocktill.doors.logs.logline import printable
from mocktill.doors.testing.seen import MOST
from mocktill.doors.testing.settings import ALLOW, FAIL

if TYPE_CHECKING:
    from mocktill.doors.testing.mocktill import Expected, Mocktill

TOLD = 10
"""How many requests, kinds of warnings and leaks are told; of more, how many there are."""
LONGEST = 300
"""At how many characters a target, a pointer or a value is cut."""
OURS = (str(Path(__file__).parents[2]) + os.sep, contextlib.__file__)
"""How the files begin that no user wrote."""


class MocktillWarning(UserWarning):
    """What Mocktill warns of: the kinds are `ContractWarning` and `LeakWarning`."""


class ContractWarning(MocktillWarning):
    """A request departs from the contract in a way that the vendor tolerates, or that the settings only warn of."""


class LeakWarning(MocktillWarning):
    """A reservation that was neither used nor given back when the test was over."""


class Violated(AssertionError):
    """A request broke the contract, or was for no operation, and nobody expected it; the text says all of it."""

    __module__ = "mocktill"


@dataclass(frozen=True)
class Verdict:
    """What is wrong, a text for each request, and what is to be warned of."""

    failures: tuple[str, ...] = ()
    warnings: tuple[MocktillWarning, ...] = ()

    def __str__(self) -> str:
        return "\n\n".join(self.failures)


@dataclass(frozen=True)
class Finding:
    """A request with what is wrong in it and was not expected; `unmatched` is that it was for no operation."""

    entry: Entry
    violations: tuple[Violation, ...]
    unmatched: bool

    @property
    def errors(self) -> Finding:
        """The same without what the vendor tolerates."""
        return replace(self, violations=tuple(each for each in self.violations if each.severity == "error"))

    @property
    def tolerated(self) -> tuple[Violation, ...]:
        """What the vendor tolerates."""
        return tuple(each for each in self.violations if each.severity != "error")

    def __bool__(self) -> bool:
        return self.unmatched or bool(self.violations)


class Judge:
    """Judges one sandbox, as often as is asked for: each verdict covers what came since the last one."""

    def __init__(self, box: Mocktill) -> None:
        self._box = box
        self._forgotten = 0
        self._unheeded = 0
        self._missed = 0
        self._lost = 0
        self._renewed = False

    def verdict(self) -> Verdict:
        """Return what is wrong since the last verdict. What is expected may come yet."""
        box, policy = self._box, self._box.settings.violations
        if policy == ALLOW:
            return Verdict()
        box.seen.look()
        found = [finding for finding in (left(entry, box.expected) for entry in box.seen.fresh()) if finding]
        failures = (*self._wrong(found), *self._reached(), *self._anew())
        warned = (*map(ContractWarning, tolerated(found)), *self._uncovered())
        if policy == FAIL:
            return Verdict(failures, warned)
        return Verdict((), (*map(ContractWarning, failures), *warned))

    def last_verdict(self) -> Verdict:
        """Return what `verdict` does, and warn of the reservations that are left.

        An expectation that nothing met fails whatever is allowed; where requests are not known, it is only warned of.
        """
        verdict = self.verdict()
        failures, warned = verdict.failures, verdict.warnings
        unmet = [f"this was expected, and nothing like it came: {each}" for each in self._unmet()]
        if self._box.seen.lost or self._box.seen.renewed or self._box.seen.full:
            warned += tuple(MocktillWarning(f"{each}, in what is known") for each in unmet)
        else:
            failures += tuple(unmet)
        leaks = most([leak_sentence(leak) for leak in self._box.leaks()], "reservations")
        return Verdict(failures, (*warned, *map(LeakWarning, leaks)))

    def _unmet(self) -> list[Expected]:
        """Return the expectations that no request met."""
        seen, expected = self._box.seen, self._box.expected
        if expected and self._box.settings.violations == ALLOW:  # nobody has looked yet
            seen.look()
        kept = seen.all()
        return [each for each in expected if not any(meets(each, entry) for entry in kept)]

    def _wrong(self, found: Iterable[Finding]) -> list[str]:
        """Return a text for each request that is wrong, as far as they are told."""
        wrong = [finding for finding in (each.errors for each in found) if finding]
        left_out = max(len(wrong) - TOLD, 0) + self._certain()
        more = [f"… and {left_out} more requests are wrong"] if left_out else []
        return [*map(self._text, wrong[:TOLD]), *more]

    def _certain(self) -> int:
        """Return how many requests that are not kept were wrong, since the last verdict, where nothing is expected."""
        if self._box.expected:
            return 0
        number, self._forgotten = self._box.seen.forgotten - self._forgotten, self._box.seen.forgotten
        return number

    def _text(self, finding: Finding) -> str:
        entry = finding.entry
        lines = most([violation_line(violation) for violation in finding.violations], "violations")
        if finding.unmatched:
            said, hint = "is for no operation", f"method={entry.method!r}, path={entry.path[:LONGEST]!r}"
            lines += self._nearest(entry)
        else:
            pointer = finding.violations[0].pointer[:LONGEST]
            said, hint = "breaks the contract", f"{pointer or '/'!r}, operation={entry.full_name!r}"
        lines.append(f"(if that is meant: expect_violation({printable(hint)}))")
        return "\n    ".join([f"{request_line(entry)}: this {said}", *lines])

    def _nearest(self, entry: Entry) -> Iterator[str]:
        try:
            found = self._box.explain(entry.id).nearest
        except KeyError:  # it had to make room, or was forgotten
            return
        for near in found:
            yield f"near is {near.method} {near.path} ({entry.api}.{near.operation}): {printable(near.why)}"

    def _reached(self) -> list[str]:
        """Return a sentence for each host that was asked for since the last verdict, and must not be reached."""
        place = self._box.place
        asked = dict.fromkeys(place.missed[self._missed :])
        self._missed = len(place.missed)
        left_out = "whose API this sandbox was made without"
        return [
            f"reached for {printable(host)}, {left_out if host in place.closed else 'which pass_hosts does not let by'}"
            for host in asked
        ]

    def _anew(self) -> list[str]:
        """Return a sentence, once, where the sandbox on a server is not the one that was made."""
        known, self._renewed = self._renewed, self._box.seen.renewed
        if known or not self._renewed:
            return []
        name = self._box.name
        return [f"the sandbox {name} was deleted or its server restarted during the test: what it was asked is gone"]

    def _uncovered(self) -> Iterator[MocktillWarning]:
        """Yield how many requests the verdict leaves out: nobody saw them, or too many were flagged to keep them."""
        seen = self._box.seen
        lost, self._lost = seen.lost - self._lost, seen.lost
        flagged = seen.forgotten - self._forgotten + seen.unheeded - self._unheeded
        self._forgotten, self._unheeded = seen.forgotten, seen.unheeded
        for number, why in (
            (lost, "which had left the journal before anybody looked"),
            (flagged, f"with which something is wrong: of such requests the newest {MOST:,} are kept"),
        ):
            if number:
                requests = f"{number} request{'s' if number > 1 else ''}"
                yield MocktillWarning(f"the verdict does not cover {requests}, {why}")


def settle(box: Mocktill) -> None:
    """Judge a sandbox whose use is over: warn the user's own line of what is to be known, and raise `Violated`.

    What a filter makes an error of hides no violation: it is told with them, and raised itself where there are none.
    """
    verdict, errors = box.judge.last_verdict(), []
    file, line = users_line()
    for warning in verdict.warnings:
        try:
            warnings.warn_explicit(warning, None, file, line)
        except MocktillWarning as error:
            errors.append(error)
    if verdict.failures:
        raise Violated("\n\n".join([*verdict.failures, *(f"{type(each).__name__}: {each}" for each in errors)]))
    if errors:
        raise errors[0]


def users_line() -> tuple[str, int]:
    """Return the file and the line of whoever called, the first that is not of Mocktill."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def left(entry: Entry, expected: Sequence[Expected]) -> Finding:
    """Return what is wrong with a request and was not expected."""
    pointers = [each.pointer for each in expected if each.fits(entry)]
    if None in pointers:
        return Finding(entry, (), False)
    wrong = tuple(each for each in entry.violations if not any(_is_at(each, pointer) for pointer in pointers))
    return Finding(entry, wrong, entry.unmatched)


def meets(expected: Expected, entry: Entry) -> bool:
    """Whether a request is one that was expected to be wrong, and is."""
    if not expected.fits(entry):
        return False
    if expected.pointer is None:
        return entry.unmatched or bool(entry.violations)
    return any(_is_at(violation, expected.pointer) for violation in entry.violations)


def tolerated(found: Iterable[Finding]) -> list[str]:
    """Return a sentence for each kind of departure that the vendor tolerates: the first request, and how many more."""
    kinds: dict[tuple[str, str], list[Entry]] = {}
    for finding in found:
        for violation in finding.tolerated:
            kinds.setdefault((finding.entry.full_name, violation_line(violation)), []).append(finding.entry)
    said = []
    for (_, line), entries in kinds.items():
        more = f", and {len(entries) - 1} more like it" if len(entries) > 1 else ""
        said.append(f"{request_line(entries[0])}{more}: {line}")
    return most(said, "kinds")


def most(said: Sequence[str], what: str) -> list[str]:
    """Return the first sentences of many, and one on how many there are besides."""
    more = [f"and {len(said) - TOLD} more {what} like these"] if len(said) > TOLD else []
    return [*said[:TOLD], *more]


def request_line(entry: Entry) -> str:
    """Return which request it was, and what was answered."""
    lost = ", and the answer was lost" if entry.lost else ""
    name = entry.full_name if entry.operation else f"{entry.api}, no operation"
    return printable(f"{f'{entry.method} {entry.target}'[:LONGEST]} ({name}), answered {entry.status}{lost}")


def violation_line(violation: Violation) -> str:
    """Return where something is wrong, what was expected and what came, the rule, and its source."""
    where = f"{violation.at} {violation.pointer[:LONGEST] or '/'}"
    rule = "; ".join(filter(None, [violation.rule, violation.source]))
    return printable(f"{where}: {violation.said[: 2 * LONGEST]} ({rule})")


def leak_sentence(leak: Leak) -> str:
    """Return which reservation is left, and until when it is held."""
    state = f"{leak.state} {'until' if leak.state == 'held' else 'at'} {text(leak.expires_at)}"
    units = f"{leak.quantity} of {leak.stock}"
    return f"{leak.api}: the reservation {leak.key} ({units}, {state}) was neither used nor given back"


def _is_at(violation: Violation, pointer: str | None) -> bool:
    return pointer is not None and (violation.pointer or "/") == (pointer or "/")
