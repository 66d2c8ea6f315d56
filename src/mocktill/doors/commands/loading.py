"""What `serve` and `play` have in common: which fixtures and choices there are, and how everything is loaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mocktill.core.sandbox import Setup
    from mocktill.core.sandboxes import Sandboxes

SANDBOXES = 1_000
PORT, LAST_PORT = 8080, 65535


class Port(click.IntRange):
    """A port. Where a service is called `mocktill`, Docker and Kubernetes set its variable to an address: not ours."""

    def __init__(self) -> None:
        super().__init__(0, LAST_PORT)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; for such an address the default."""
        linked = isinstance(value, str) and value.startswith("tcp://") and value == os.environ.get("MOCKTILL_PORT")
        return int(super().convert(PORT if linked else value, param, ctx))


def settings_of(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return name and value of each `CHOICE=VALUE`, as `--set` takes them."""
    for value in values:
        if "=" not in value:
            raise click.BadParameter(f"{value!r} is not CHOICE=VALUE, as in deem.claim_twice=same_answer")
    return tuple((name, chosen) for name, _, chosen in [value.partition("=") for value in values])


fixtures_option = click.option(
    "--fixtures",
    envvar="MOCKTILL_FIXTURES",
    type=click.Path(path_type=Path),
    help="Folder with <api>/seed.yaml files of your own, laid over the built-in ones.",
)
settings_option = click.option(
    "--set",
    "settings",
    envvar="MOCKTILL_SET",
    metavar="CHOICE=VALUE",
    callback=settings_of,
    multiple=True,
    help="Set a choice, as in deem.claim_twice=same_answer; may be given several times (in the variable: by spaces).",
)


def load(fixtures: Path | None, setup: Setup, limit: int = SANDBOXES) -> Sandboxes:
    """Load everything, or end with a line for each mistake that says file, line, pointer and what is wrong."""
    from mocktill.apis import installed
    from mocktill.core.catalogue import Catalogue
    from mocktill.core.contract import BrokenSchema
    from mocktill.core.sandboxes import Sandboxes
    from mocktill.core.seeds import BrokenSeed

    try:
        return Sandboxes(Catalogue(installed(), fixtures), setup, limit)
    except (BrokenSeed, BrokenSchema, ValueError) as error:
        raise click.ClickException(str(error)) from None
