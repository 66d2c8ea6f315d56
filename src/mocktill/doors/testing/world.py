"""What the sandboxes of this process have in common: what is loaded once, the app, and a server while one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock

from mocktill.apis import OWN_HOST, BrokenApi, installed
from mocktill.core.api import Api
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import BrokenSchema
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.seeds import BrokenSeed
from mocktill.doors.app import create_app
from mocktill.doors.interception.exchange import Answered, Asked, answer

LOADING, NAMING = Lock(), Lock()
NAMES: set[str] = set()
"""What the sandboxes of all worlds are called, whose URLs have the same host; `NAMING` is held by who takes one."""


class World:
    """Everything that sandboxes with these APIs and fixtures share."""

    def __init__(self, apis: tuple[Api, ...], fixtures: Path | None) -> None:
        self.sandboxes = Sandboxes(Catalogue(apis, fixtures))
        self.app = create_app(self.sandboxes, allow_hosts=[OWN_HOST])
        self._lock = Lock()
        self._users = 0
        self._server = ExitStack()
        self._url = ""

    def respond(self, name: str, asked: Asked, patience: float | None) -> Answered:
        """Answer a request in the sandbox of this name, without a socket."""
        return answer(self.app, name, asked, patience)

    @contextmanager
    def sandbox(self, name: str | None, setup: Setup) -> Iterator[Sandbox]:
        """Make a sandbox, and delete it in the end; it has this name, or one like it that none of any world has."""
        with NAMING:
            box = self.sandboxes.make_free(name, setup, NAMES)
            NAMES.add(box.name)
        try:
            yield box
        finally:
            with suppress(KeyError):  # it may have been deleted over HTTP
                self.sandboxes.delete(box.name)
            NAMES.discard(box.name)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Let a server be there on a port of its own, and return its URL; all who want one at a time share it."""
        with self._lock:
            if self._users == 0:
                self._url = self._start()
            self._users += 1
        try:
            yield self._url
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._server.close()

    def _start(self) -> str:
        from mocktill.doors.logs.log import Nowhere, RequestLog
        from mocktill.doors.serving.server import ServerThread

        return self._server.enter_context(ServerThread(self.app, RequestLog(Nowhere())))


def world_of(apis: tuple[str, ...] | None, fixtures: Path | None) -> World:
    """Return the world of these APIs (None is all) and fixtures; it is loaded once in a process, and when they change.

    Raises ValueError, in words, for an API that there is not and for fixtures that are wrong.
    """
    folder = None if fixtures is None else fixtures.resolve()
    with LOADING:
        return _world(apis, folder, () if folder is None else _written(folder))


def _written(folder: Path) -> tuple[tuple[Path, int, int], ...]:
    """Return which files are in a folder, when each was written and how large it is."""
    files = [(file, file.stat()) for file in sorted(folder.rglob("*")) if file.is_file()]
    return tuple((file, about.st_mtime_ns, about.st_size) for file, about in files)


@cache
def _world(apis: tuple[str, ...] | None, fixtures: Path | None, written: object) -> World:
    try:
        return World(chosen(apis), fixtures)
    except (BrokenSeed, BrokenSchema) as error:
        raise ValueError(str(error)) from None


def chosen(names: tuple[str, ...] | None) -> tuple[Api, ...]:
    """Return the APIs of these names, None being all; raise ValueError for a name that none has."""
    there = {api.name: api for api in known()}
    if unknown := [name for name in names or () if name not in there]:
        raise ValueError(f"there is no API {unknown[0]!r}; there are {', '.join(there)}")
    return tuple(api for api in there.values() if names is None or api.name in names)


def known() -> tuple[Api, ...]:
    """Return the APIs that are installed, looked for once in a process; raise `BrokenApi` as `installed` does."""
    found = _found()
    if isinstance(found, str):
        raise BrokenApi(found)
    return found


@cache
def _found() -> tuple[Api, ...] | str:
    """Return the APIs that are installed, or why they cannot be served: loading them again may take its time."""
    try:
        return installed()
    except BrokenApi as error:
        return str(error)


def hosts_of(apis: tuple[Api, ...]) -> frozenset[str]:
    """Return the vendors' hosts of these APIs."""
    return frozenset(host.lower() for api in apis for host in api.hosts)
