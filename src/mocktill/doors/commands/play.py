"""The command `mocktill play`: a scenario file, in this process or on a running server."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mocktill.core.sandbox import Setup
from mocktill.doors.commands.loading import fixtures_option, load, settings_option
from mocktill.doors.commands.terminal import failing, say, sentence

if TYPE_CHECKING:
    from mocktill.core.scenario import Scenario, Step


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--against",
    envvar="MOCKTILL_AGAINST",
    metavar="URL",
    help="Play it on the server that runs there, in a sandbox of its own that is deleted afterwards.",
)
@click.option(
    "--token", envvar="MOCKTILL_CONTROL_TOKEN", help="Token of that server's control API, where it wants one."
)
@fixtures_option
@settings_option
@click.pass_context
def play(
    ctx: click.Context,
    file: Path,
    against: str | None,
    token: str | None,
    fixtures: Path | None,
    settings: tuple[tuple[str, str], ...],
) -> None:
    """Play a scenario FILE in a fresh sandbox, step by step.

    Ends with 0 if everything came as the file expects, and with 1 if not. The file's own choices count more than --set.
    """
    if against is not None and is_typed(ctx, "fixtures"):
        raise click.UsageError("--fixtures does not go with --against: that server has fixtures of its own")
    if against is None and is_typed(ctx, "token"):
        raise click.UsageError("--token goes with --against: without it no server is asked")
    scenario = read(file)
    with failing(token):
        if against is None:
            passed = play_here(scenario, fixtures, dict(settings))
        else:
            passed = play_there(scenario, against, token, dict(settings))
    sys.exit(0 if passed else 1)


def is_typed(ctx: click.Context, name: str) -> bool:
    """Whether an option stands on the command line: what a variable says may be meant for `serve`."""
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def play_here(scenario: Scenario, fixtures: Path | None, choices: dict[str, str]) -> bool:
    """Play in this process; return whether everything came as expected."""
    from mocktill.doors.player import play_in_process

    sandboxes = load(fixtures, Setup(choices=choices))
    with naming(scenario):
        return tell(scenario, play_in_process(scenario, sandboxes))


def play_there(scenario: Scenario, url: str, token: str | None, choices: dict[str, str]) -> bool:
    """Play on a running server; return whether everything came as expected."""
    from mocktill.doors.player import play_over_http, sandbox_at

    with sandbox_at(url, token, choices) as box, naming(scenario):
        return tell(scenario, play_over_http(scenario, box, box.url(scenario.api)))


def read(file: Path) -> Scenario:
    """Read a scenario file, or end with a line for each mistake in it."""
    from mocktill.core.scenario import load_scenario
    from mocktill.core.seeds import BrokenSeed

    try:
        return load_scenario(file)
    except BrokenSeed as error:
        raise click.ClickException(str(error)) from None


def tell(scenario: Scenario, steps: Iterable[Step]) -> bool:
    """Print each step as it is played, with what was not as expected; return whether all of them were."""
    say(f"{scenario.title} ({scenario.api})")
    passed = True
    for step in steps:
        passed = passed and not step.problems
        say(*[f"  {line}" for line in step.lines])
    return passed


@contextmanager
def naming(scenario: Scenario) -> Iterator[None]:
    """Let what the scenario itself has wrong, such as its API or its choices, end in a line with its file's name."""
    try:
        yield
    except (LookupError, ValueError) as error:
        raise click.ClickException(f"{scenario.file}: {sentence(error)}") from None
