"""Commands on what is promised and what happened: `mocktill openapi`, `flows` and `check-fixtures`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from mocktill.doors.commands.terminal import Group, Server, columns, failing, moment, read_json, say, say_json, steering


@click.command()
@click.argument("api", metavar="API")
@click.option("--output", "-o", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to FILE.")
@steering
def openapi(server: Server, api: str, output: str | None) -> None:
    """Print an API's OpenAPI document.

    It is of version 3.1; the API `mocktill` is the control API itself.
    """
    document = server.get("openapi", f"{api}.json")
    if output is None:
        say_json(document)
        return
    Path(output).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    title = document["info"]["title"]
    server.tell({"file": output, "title": title}, lambda _: [f"{title} is in {output}."])


@click.group(cls=Group, usual="leaks")
def flows() -> None:
    """List what leaks, or check a flow."""


@flows.command("leaks")
@steering
def leaks(server: Server) -> None:
    """List the reservations that were neither used nor given back."""
    server.tell(server.get("flows", "leaks"), leak_lines)


def leak_lines(told: Any) -> list[str]:
    """Return a line for each leak."""
    rows = [
        (leak["api"], leak["key"], f"{leak['quantity']} of {leak['stock']}", leak_text(leak)) for leak in told["leaks"]
    ]
    return columns(rows) or ["nothing is left open"]


def leak_text(leak: Any) -> str:
    """Return until when something is held, or when it ran out."""
    return f"{leak['state']} {'until' if leak['state'] == 'held' else 'at'} {moment(leak['expires_at'])}"


@flows.command("check")
@click.argument("flow", metavar="FILE")
@steering
def check(server: Server, flow: str) -> None:
    """Check the flow in FILE against the journal; ends with 1, and what happened instead, if it is not that."""
    wanted = read_json(f"@{flow}")
    told = server.call("POST", "flows", "check", body=wanted)
    server.tell(told, lambda told: [told["table"].rstrip("\n")])
    if not told["ok"]:
        sys.exit(1)


@click.command("check-fixtures")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def check_fixtures(folder: Path, as_json: bool) -> None:
    """Check a folder of fixtures.

    It is read as `serve --fixtures` would read it, without a server. Says ok for each seed and scenario file, or
    file, line and pointer of what is wrong, and ends with 1.
    """
    with failing():
        checked = list(checked_files(folder))
        found = [{"file": file, "ok": not problems, "problems": problems} for file, problems in checked]
        if as_json:
            say_json({"ok": all(each["ok"] for each in found), "files": found})
        else:
            for file, problems in checked:
                say(*(problems or [f"ok {file}"]))
            if not checked:
                say(f"{folder} has no seed and no scenario files: write <api>/seed.yaml or <api>/scenarios/*.yaml")
        if any(problems for _, problems in checked):
            sys.exit(1)


def checked_files(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each seed, scenario and preset file of a folder with what is wrong with it."""
    from mocktill.apis import installed
    from mocktill.core.catalogue import FAULTS, own_seeds
    from mocktill.core.seeds import BrokenSeed

    apis = installed()
    try:
        seeds = own_seeds(folder, [api.name for api in apis])
    except BrokenSeed as error:
        yield str(folder), str(error).split("\n")
        return
    for api in apis:
        if api.name in seeds:
            yield str(seeds[api.name]), seed_problems(api, seeds[api.name])
        for file in sorted((folder / api.name / "scenarios").glob("*.yaml")):
            yield str(file), scenario_problems(api.name, file)
    for file in sorted((folder / FAULTS).glob("*.yaml")):
        yield str(file), preset_problems(apis, file)


def preset_problems(apis: Sequence[Any], file: Path) -> list[str]:
    """Return what is wrong with a fault rule that comes by name."""
    from mocktill.core.rules import load_preset
    from mocktill.core.seeds import BrokenSeed

    try:
        load_preset(file, apis)
    except BrokenSeed as error:
        return str(error).split("\n")
    return []


def seed_problems(api: Any, file: Path) -> list[str]:
    """Return what is wrong with a seed file, as it lies over the built-in one."""
    from mocktill.core.catalogue import SEED_FILE
    from mocktill.core.contract import BrokenSchema, Contract
    from mocktill.core.seeds import BrokenSeed, load_seed

    try:
        contract = Contract.load(api.schemas)
        builtin = load_seed(api.fixtures / SEED_FILE, api.name, contract)
        api.factory(load_seed(file, api.name, contract, builtin).over(builtin).rows())
    except (BrokenSeed, BrokenSchema) as error:
        return str(error).split("\n")
    except (ValueError, OverflowError) as error:
        return [f"{file}: {error}"]
    return []


def scenario_problems(api: str, file: Path) -> list[str]:
    """Return what is wrong with a scenario file in the folder of an API."""
    from mocktill.core.scenario import load_scenario
    from mocktill.core.seeds import BrokenSeed

    try:
        scenario = load_scenario(file)
    except BrokenSeed as error:
        return str(error).split("\n")
    return [] if scenario.api == api else [f"{file}:1: /api: expected {api}, as its folder says, got {scenario.api}"]
