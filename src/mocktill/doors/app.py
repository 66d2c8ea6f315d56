"""The whole as one WSGI application: `create_app()` runs under any server, and under Mocktill's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from flask import Flask

from mocktill.apis import installed
from mocktill.control.app import create_root
from mocktill.control.guard import Guard
from mocktill.core.api import Api
from mocktill.core.app import VendorApp
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.front import FrontDoor

GUARD = "mocktill.guard"
"""Where the root app has what decides who may steer it: a door asks it before it reads a large body."""


def create_app(
    sandboxes: Sandboxes | None = None,
    *,
    apis: Sequence[Api] | None = None,
    fixtures: Path | None = None,
    setup: Setup | None = None,
    only: str | None = None,
    token: str | None = None,
    allow_hosts: Collection[str] = (),
    trust_proxy: bool = False,
) -> Flask:
    """Return the root app, with every vendor behind its front door.

    What Mocktill's own server answers is counted for `/_mocktill/metrics`; another one's answers are not.
    `sandboxes` are those to serve; without them they are made from `apis` (all that are installed, where none are
    given), a folder of `fixtures` to lay over theirs, and the `setup` of each: where there are sandboxes already,
    these are too late, and a ValueError.
    `only` names an API that is served alone, at the root. With a `token` the control API has to be shown it; without
    one it answers requests to this machine's own names, and to `allow_hosts`. Where it can be reached through a proxy
    alone, `trust_proxy` lets `X-Forwarded-Proto`, `-Host` and `-Prefix` say how, for links.
    """
    if sandboxes is None:
        sandboxes = Sandboxes(Catalogue(installed() if apis is None else apis, fixtures), setup)
    elif fixtures is not None or setup is not None or apis is not None:
        raise ValueError("apis, fixtures and setup are for sandboxes yet to be made: make yours with them")
    shelves = sandboxes.catalogue.shelves
    if only is not None and only not in shelves:
        raise ValueError(f"there is no API {only!r}; there are {', '.join(shelves)}")
    vendors = {name: VendorApp(shelf) for name, shelf in shelves.items() if only in {None, name}}
    guard = Guard(token, allow_hosts)
    root = create_root(sandboxes, only, guard)
    root.extensions[GUARD] = guard
    root.wsgi_app = FrontDoor(root.wsgi_app, vendors, sandboxes, only)  # type: ignore[method-assign]  # as Flask says
    if trust_proxy:
        from mocktill.doors.proxied import BehindProxy  # few are behind one, and a start is to be quick

        root.wsgi_app = BehindProxy(root.wsgi_app)  # type: ignore[method-assign]
    return root
