"""One test and its sandboxes: made for it, judged after its body and once more at their end, told where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from mocktill.doors.testing.afar import delete_left
from mocktill.doors.testing.context import entered
from mocktill.doors.testing.mocktill import Mocktill
from mocktill.doors.testing.options import sandbox_name, settings_of
from mocktill.doors.testing.report import Report, Section, take, title
from mocktill.doors.testing.settings import LIVE, REMOTE, Settings
from mocktill.doors.testing.verdict import MocktillWarning, Verdict
from mocktill.doors.testing.world import World, world_of

UNMET = (ValueError, LookupError, OSError, RuntimeError)
"""What settings that cannot be met, and a server that cannot be reached, raise with a sentence."""
AWAY = (OSError, RuntimeError)
"""What a server raises that is gone, or does not answer as it should: its text is a sentence."""
ANY = (Exception, pytest.fail.Exception, pytest.skip.Exception)
"""What may come of asking a server while a test's own patches are in place: none of it may end the whole run."""
SERVED = pytest.StashKey[set[World]]()
DELETING = pytest.StashKey[bool]()


class Case:
    """A test with the sandboxes that it has asked for."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._open: list[Mocktill] = []
        self._closed: list[Report | Section] = []
        self._passed = False
        self._marked = True

    @contextmanager
    def sandbox(self, *, live: bool = False, marked: bool = True) -> Iterator[Mocktill]:
        """Let a sandbox be there for the test, which fails with a sentence where there cannot be one.

        `live` is for one on a server whatever the run says; markers count for one that is `marked`.
        """
        self._marked = marked
        with ExitStack() as stack:
            box = self._made(stack, live, marked)
            self._open.append(box)
            stack.callback(self._close, box)
            yield box

    def judge(self) -> None:
        """Judge what the test has done in its body, which was well but for that: let it fail, and warn."""
        if getattr(self._item, "_excinfo", None):  # a unittest's own failure or skip, which pytest raises later
            return
        self._passed = True
        _fail(self._wrong(box.judge.verdict for box in self._open))

    def sections(self) -> list[Section]:
        """Return the parts of a report about the sandboxes of the test."""
        return [*map(_section, self._closed), *(_section(self._report(box)) for box in self._open)]

    def _made(self, stack: ExitStack, live: bool, marked: bool) -> Mocktill:
        try:
            settings = settings_of(self._item, live=live, marked=marked)
            if settings.mode == LIVE:
                _keep_server(self._item.config, settings)
            if settings.mode == REMOTE:
                _delete_at_the_end(self._item.config)
            name = None if settings.url else sandbox_name(_id(self._item), "live" if live else "")
            return stack.enter_context(entered(settings, name))
        except UNMET as error:
            said = str(error.args[0]) if isinstance(error, LookupError) else str(error)
        pytest.fail(f"mocktill: {said}", pytrace=False)

    def _close(self, box: Mocktill) -> None:
        """Judge what came after the body of a test that went well, and keep what is to be told if it fails.

        A fixture's teardown may fail yet, or have failed: only of one on another server, where it takes calls, nothing
        is kept for that.
        """
        self._open.remove(box)
        wrong = self._wrong([box.judge.last_verdict]) if self._passed else []
        if wrong or not self._passed or box.mode != REMOTE:
            self._closed.append(self._report(box))
        _fail(wrong)

    def _report(self, box: Mocktill) -> Report | Section:
        try:
            return take(box, marked=self._marked)
        except ANY as error:
            return title(box.name), f"it cannot be read: {_sentence(error)}"

    def _wrong(self, verdicts: Iterable[Callable[[], Verdict]]) -> list[str]:
        """Return what verdicts fail with, and what a filter makes an error of; warn of the rest."""
        said: list[str] = []
        for verdict in verdicts:
            try:
                found = verdict()
            except ANY as error:
                said.append(f"mocktill: there is no verdict: {_sentence(error)}")
            else:
                said += [*found.failures, *self._warn(found.warnings)]
        return said

    def _warn(self, warnings: Iterable[MocktillWarning]) -> Iterator[str]:
        """Warn at the test's own line, and yield what a filter makes an error of."""
        for warning in warnings:
            try:
                self._item.warn(warning)
            except MocktillWarning as error:
                yield f"{type(error).__name__}: {error}"


def _id(item: pytest.Item) -> str:
    """Return the id of a test without what xdist may add to it for a group."""
    return item.nodeid if item.parent is None else f"{item.parent.nodeid}::{item.name}"


def _section(report: Report | Section) -> Section:
    if not isinstance(report, Report):
        return report
    try:
        return report.section()
    except ANY as error:
        return title(report.name), f"it cannot be told: {_sentence(error)}"


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, AWAY) else f"{type(error).__name__}: {error}"


def _fail(said: list[str]) -> None:
    if said:
        pytest.fail("\n\n".join(dict.fromkeys(said)), pytrace=False)


def _delete_at_the_end(config: pytest.Config) -> None:
    """Let sandboxes on a server that could not be deleted be deleted at the end of the run."""
    if DELETING not in config.stash:
        config.stash[DELETING] = True
        config.add_cleanup(delete_left)


def _keep_server(config: pytest.Config, settings: Settings) -> None:
    """Let the server of these APIs and fixtures stay from its first use to the end of the run."""
    from mocktill.doors.serving.server import CannotListen  # and with it all that a server is made of

    world = world_of(settings.apis, settings.fixtures)
    served = config.stash.setdefault(SERVED, set())
    if world not in served:
        stack = ExitStack()
        try:
            stack.enter_context(world.served())
        except CannotListen as error:
            raise OSError(str(error)) from None
        config.add_cleanup(stack.close)
        served.add(world)
