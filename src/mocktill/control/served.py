"""What a server steers: its sandboxes, and the APIs that it serves with what can be played in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from mocktill.control.tally import Tally
from mocktill.core.api import Api, Sample
from mocktill.core.app import VendorApp
from mocktill.core.catalogue import Catalogue, Shelf
from mocktill.core.clock import machine_now, text
from mocktill.core.engine import answer_at_once
from mocktill.core.sample import request
from mocktill.core.sandbox import DEFAULT, Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import Scenario, load_scenario

SUFFIX = ".yaml"


class Served:
    """The sandboxes of a server and the APIs that it serves: all, or `only` one, which is then at the root.

    `tally` is what was answered, where the door tells it.
    """

    def __init__(self, sandboxes: Sandboxes, only: str | None = None) -> None:
        self.sandboxes = sandboxes
        self.only = only
        self.tally = Tally()
        self.began = text(machine_now())
        """When the server began: it tells one process from another."""

    @property
    def catalogue(self) -> Catalogue:
        """What all sandboxes share."""
        return self.sandboxes.catalogue

    @property
    def apis(self) -> tuple[Api, ...]:
        """The APIs that are served."""
        return tuple(api for api in self.catalogue.apis if self.only in {None, api.name})

    @cached_property
    def vendors(self) -> Mapping[str, VendorApp]:
        """The APIs as applications, by name: what a scenario is played against."""
        return {api.name: VendorApp(self.catalogue.shelves[api.name]) for api in self.apis}

    @cached_property
    def scenarios(self) -> Mapping[tuple[str, str], Scenario]:
        """The scenarios that come with the APIs, by API and name."""
        found = {}
        for api in self.apis:
            folder = api.fixtures / "scenarios"
            for file in sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else ():
                if file.name.endswith(SUFFIX):
                    found[api.name, file.name.removesuffix(SUFFIX)] = load_scenario(file)
        return found

    @cached_property
    def silent(self) -> tuple[str, ...]:
        """The APIs that do not answer a sample of their own as they should, in a sandbox of its own; asked once."""
        box = Sandbox(self.catalogue)
        return tuple(api.name for api in self.apis if not _answers(box, self.catalogue.shelves[api.name]))

    def url(self, api: str, base_url: str) -> str:
        """Return what a client of an API is given, below the root of the server as it is seen."""
        return base_url if self.only else f"{base_url}/{api}"


def _answers(box: Sandbox, shelf: Shelf) -> bool:
    """Whether an API answers the first of its reading operations that needs nothing before it.

    A refusal is an answer: somebody's own fixtures may have taken away what is asked for. A defect is none.
    """
    for operation in shelf.api.operations:
        if operation.method == "GET" and operation.sample != Sample() and not operation.sample.after:
            asked = request(shelf.api, operation, operation.sample, "")
            return answer_at_once(box, shelf, asked).status < 500
    return True


def root_of(base_url: str) -> str:
    """Return the root of the server without the prefix of a sandbox."""
    return re.sub(r"/~[^/]*$", "", base_url)


def beside(base_url: str, sandbox: str) -> str:
    """Return the root of the server with the prefix of another sandbox; the default one has none."""
    return root_of(base_url) + ("" if sandbox == DEFAULT else f"/~{sandbox}")
