"""The whole as one WSGI application: `create_app()` runs under any server, and under Mocktill's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from mocktill.apis import BUILTIN
from mocktill.control.app import create_root
from mocktill.core.api import Api
from mocktill.core.app import VendorApp
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandboxes, Setup
from mocktill.doors.front import FrontDoor


def create_app(
    sandboxes: Sandboxes | None = None,
    *,
    apis: Sequence[Api] = BUILTIN,
    fixtures: Path | None = None,
    setup: Setup | None = None,
    only: str | None = None,
) -> Flask:
    """Return the root app, with every vendor behind its front door.

    `sandboxes` are those to serve; without them they are made from `apis`, a folder of `fixtures` to lay over the
    built-in ones, and the `setup` of each: where there are sandboxes already, these are too late, and a ValueError.
    `only` names an API that is served alone, at the root.
    """
    if sandboxes is None:
        sandboxes = Sandboxes(Catalogue(apis, fixtures), setup)
    elif fixtures is not None or setup is not None or apis is not BUILTIN:
        raise ValueError("apis, fixtures and setup are for sandboxes yet to be made: make yours with them")
    shelves = sandboxes.catalogue.shelves
    if only is not None and only not in shelves:
        raise ValueError(f"there is no API {only!r}; there are {', '.join(shelves)}")
    vendors = {name: VendorApp(shelf) for name, shelf in shelves.items() if only in {None, name}}
    root = create_root(sandboxes, only)
    door = FrontDoor(root.wsgi_app, vendors, sandboxes, only)
    root.wsgi_app = door  # type: ignore[method-assign]  # how Flask documents middleware
    return root
