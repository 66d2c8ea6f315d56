"""A sandbox as a context: there while a block runs, and judged at its end.

with mocktill.sandbox(now="2026-03-02T12:00:00Z") as box:
    pay(box.url("deem"))
    box.clock.advance(minutes=5)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from types import TracebackType
from typing import Unpack

from mocktill.apis import OWN_HOST
from mocktill.core.api import JSON
from mocktill.core.contract import Unacceptable
from mocktill.core.sandbox import ANSWERS, SEED, Sandbox, Setup
from mocktill.core.state import overlaid
from mocktill.doors.interception.places import PLACES, Place
from mocktill.doors.remote import RemoteSandbox
from mocktill.doors.testing.afar import hosts_served, made
from mocktill.doors.testing.mocktill import Mocktill
from mocktill.doors.testing.own import OwnWebhooks
from mocktill.doors.testing.settings import Given, Settings, read_settings
from mocktill.doors.testing.verdict import Violated, settle
from mocktill.doors.testing.world import World, hosts_of, known, world_of
from mocktill.doors.webhooks.addresses import listed_for
from mocktill.doors.webhooks.courier import Courier


class Sandboxed:
    """A context, plain and async, in which a sandbox is there; it can be entered again when it is over.

    At the end the sandbox is gone, and so is everything that led to it. Unless an exception is on its way, what was
    wrong and not expected raises `Violated`, and what is to be known is warned of.
    """

    def __init__(self, settings: Settings, name: str | None = None) -> None:
        self._settings = settings
        self._name = name
        self._stack = ExitStack()
        self._use = Lock()

    def __enter__(self) -> Mocktill:
        if not self._use.acquire(blocking=False):
            raise RuntimeError("this sandbox is entered already: make another one for a block within the block")
        with ExitStack() as stack:
            stack.callback(self._use.release)
            box = stack.enter_context(entered(self._settings, self._name))
            stack.push(lambda kind, error, trace: settle(box) if kind is None else None)
            self._stack = stack.pop_all()
        return box

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        try:
            self._stack.__exit__(kind, error, trace)
        except Violated as violated:  # what led to it here is of no interest to anybody
            raise violated.with_traceback(None) from None

    async def __aenter__(self) -> Mocktill:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, trace)


def sandbox(name: str | None = None, **settings: Unpack[Given]) -> Sandboxed:
    """Return a context with a fresh sandbox: `with mocktill.sandbox() as box:`, or `async with`.

    `settings` are those of `Settings`: apis, seed, now, choices, faults, state, answers, violations, fixtures,
    pass_hosts, webhooks, live, url, token. Without a name it gets one. A name that is taken gets a number behind it;
    on a server that runs it is a ValueError. Raises ValueError, in words, for a wrong setting.
    """
    return Sandboxed(read_settings(settings), name)


@contextmanager
def entered(settings: Settings, name: str | None = None) -> Iterator[Mocktill]:
    """Let a sandbox be there and calls lead to it, and judge nothing.

    Raises ValueError, in words, for settings that cannot be met, and what `Remote` does for a server.
    """
    with ExitStack() as stack:
        box = _on_a_server(stack, settings, name) if settings.url else _here(stack, settings, name)
        stack.callback(box.seen.close)
        for number, fault in enumerate(settings.faults, 1):
            _add_fault(box, number, fault)
        stack.enter_context(PLACES.entered(box.place))
        yield box


def _here(stack: ExitStack, settings: Settings, name: str | None) -> Mocktill:
    """Make a sandbox in this process, behind a server of this process where it is to be live."""
    world = world_of(settings.apis, settings.fixtures)
    url = stack.enter_context(world.served()) if settings.live else None
    seed = SEED if settings.seed is None else settings.seed
    answers, choices = settings.answers or ANSWERS[0], settings.choices or None
    setup = Setup(seed, answers, choices, settings.now, webhooks=settings.webhooks or None)
    box = stack.enter_context(world.sandbox(name, setup))
    box.webhooks.courier = courier = stack.enter_context(Courier(map(listed_for, settings.webhooks.values())))
    if settings.state is not None:
        with _naming(settings.state_file or "the state"):
            box.load(_state(settings))
    apis = world.sandboxes.catalogue.apis
    place = _place(settings, box, world, hosts_of(apis), url)
    return Mocktill(box, settings, place, url or f"http://{OWN_HOST}", OwnWebhooks(box.webhooks, courier))


def _state(settings: Settings) -> JSON:
    """Return the state with what the other settings say, which counts more."""
    given = settings
    return overlaid(given.state, seed=given.seed, answers=given.answers, choices=given.choices, now=given.now)


def _on_a_server(stack: ExitStack, settings: Settings, name: str | None) -> Mocktill:
    """Make a sandbox on a server that runs; without a name it gets one that says whose it is."""
    with _naming(settings.state_file or "the settings"):
        remote, box = stack.enter_context(made(settings, name))
    hosts, others = hosts_served(remote, settings.apis)
    return Mocktill(box, settings, _place(settings, box, None, hosts, remote.url, others), remote.url, box.webhooks)


def _place(
    settings: Settings,
    box: Sandbox | RemoteSandbox,
    world: World | None,
    hosts: frozenset[str],
    url: str | None,
    others: frozenset[str] = frozenset(),
) -> Place:
    respond = world.respond if world is not None else None
    closed = (hosts_of(known()) | others) - hosts
    return Place(box.name, hosts, closed, respond, url, settings.pass_hosts)


@contextmanager
def _naming(what: object) -> Iterator[None]:
    """Let a refusal with pointers, or of a name that there is not, say what it is about."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{what}: {error.args[0]}") from None
    except Unacceptable as error:
        raise ValueError(f"{what}: {error}") from None


def _add_fault(box: Mocktill, number: int, fault: JSON) -> None:
    """Add a fault of the settings; raise ValueError that says which one cannot be."""
    try:
        box.faults.add_preset(fault) if isinstance(fault, str) else box.faults.add(fault)
    except (LookupError, ValueError, TypeError) as error:
        said = error.args[0] if isinstance(error, LookupError) else error
        raise ValueError(f"faults: fault {number}: {said}") from None
