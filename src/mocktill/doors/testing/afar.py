"""The sandboxes that a run has on a server that runs: made under names that say whose they are, and deleted."""

from __future__ import annotations

import atexit
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from mocktill.core.errors import Full
from mocktill.core.names import check_name
from mocktill.doors.remote import Remote, RemoteSandbox
from mocktill.doors.testing.settings import Settings
from mocktill.doors.testing.world import known

STRANGE = re.compile("[^A-Za-z0-9._-]+")
LONGEST_HOST = 32
"""How many characters of the machine's name are in a sandbox's."""
NUMBERS = count(1)
HERE: dict[tuple[Remote, str], int] = {}
"""The sandboxes that are in use, and in which process: it may be interrupted where nothing ends their use."""
LEFT: list[tuple[Remote, str]] = []
"""The sandboxes that could not be deleted when their use was over."""
HINT = (
    "runs that were killed leave theirs, called pytest-… or python-… with the machine and the process: "
    "`mocktill sandboxes list` tells them, and `mocktill sandboxes delete NAME` deletes one"
)


@contextmanager
def made(settings: Settings, name: str | None) -> Iterator[tuple[Remote, RemoteSandbox]]:
    """Let a sandbox be there on a server that runs, and delete it in the end.

    Without a name it gets one that says which machine and process made it. Raises ValueError for a name that is taken,
    `Full`, with what to do, where the server has no room, and what `Remote` does.
    """
    remote = Remote(settings.url or "", settings.token)
    name = _checked(remote, name) if name is not None else _free(remote)
    wanted = {"seed": settings.seed, "answers": settings.answers, "choices": dict(settings.choices) or None}
    wanted["webhooks"] = dict(settings.webhooks) or None
    HERE[remote, name] = os.getpid()
    try:
        box = remote.make(name, **wanted, now=settings.now, state=settings.state)
    except ValueError as error:  # nothing was made
        del HERE[remote, name]
        raise Full(f"{error} ({HINT})") if isinstance(error, Full) else error from None
    try:
        yield remote, box
    finally:
        _delete(remote, name)


def hosts_served(remote: Remote, names: tuple[str, ...] | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the hosts of the APIs of these names (None is all) that a server has, and the hosts of all that it has.

    An API may be there that this process does not know. Raises ValueError for a name that neither knows.
    """
    served = {api["name"]: frozenset(host.lower() for host in api["hosts"]) for api in remote.apis()}
    there = dict.fromkeys([*served, *(api.name for api in known())])
    if unknown := [name for name in names or () if name not in there]:
        raise ValueError(f"there is no API {unknown[0]!r}; there are {', '.join(there)}")
    wanted = [hosts for name, hosts in served.items() if names is None or name in names]
    return frozenset().union(*wanted), frozenset().union(*served.values())


def delete_left() -> None:
    """Delete what could not be deleted before; a server that does not answer is asked once."""
    gone: set[str] = set()
    while LEFT:
        remote, name = LEFT.pop()
        if remote.url in gone:
            continue
        try:
            remote.delete(name)
        except ConnectionError:
            gone.add(remote.url)
        except Exception:  # there is nobody left to tell
            pass


@atexit.register
def delete_all() -> None:
    """Delete what this process has left at its end, however that came."""
    LEFT.extend(each for each, process in HERE.items() if process == os.getpid())
    HERE.clear()
    delete_left()


def _delete(remote: Remote, name: str) -> None:
    """Delete a sandbox, which may have gone first; what prevents it may be over later, as a test's patches are."""
    HERE.pop((remote, name), None)
    try:
        remote.delete(name)
    except KeyError:
        return
    except BaseException as error:
        LEFT.append((remote, name))
        if not isinstance(error, Exception):
            raise


def _checked(remote: Remote, name: str) -> str:
    check_name(name)
    if name in _names(remote):
        raise ValueError(f"the server at {remote.url} has a sandbox {name}: delete it first, or take another name")
    return name


def _free(remote: Remote) -> str:
    """Return a name that the server does not have: what runs here, the machine, the process and a number."""
    taken = _names(remote)
    host = STRANGE.sub("-", platform.node())[:LONGEST_HOST].strip("-.")
    stem = "-".join(filter(None, ["pytest" if "pytest" in sys.modules else "python", host, str(os.getpid())]))
    return next(name for name in (f"{stem}-{number}" for number in NUMBERS) if name not in taken)


def _names(remote: Remote) -> set[str]:
    return {listed.name for listed in remote.sandboxes()}
