"""Commands that steer a sandbox of a running server: reset, clock, populate, choices, sandboxes and scenarios."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from mocktill.doors.commands.terminal import Group, Server, assigned, columns, moment, read_json, steering

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def a_duration(ctx: click.Context, param: click.Parameter, written: str) -> float:
    """Return the seconds of a duration; a usage error for what is none."""
    from mocktill.core.clock import duration

    try:
        return duration(float(written) if NUMBER.fullmatch(written) else written).total_seconds()
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def an_instant(ctx: click.Context, param: click.Parameter, written: str | None) -> str | None:
    """Return an instant as the control API takes it; a usage error for what is none."""
    from mocktill.core.clock import instant, text

    try:
        return None if written is None else text(instant(written))
    except ValueError as error:
        zone = "" if "time zone" not in str(error) else f": {error}"
        raise click.BadParameter(zone[2:] or f"{written!r} is no instant: write 2026-03-02T12:00:00Z") from None


@click.command()
@steering
def reset(server: Server) -> None:
    """Bring a sandbox back to its beginning.

    Rows, clock and choices are as at creation, and there are no faults and no journal.
    """
    server.tell(server.call("POST", "reset"), lambda done: [f"{server.sandbox} is as at its beginning."])


@click.group(cls=Group, usual="now")
def clock() -> None:
    """Tell or move a sandbox's time."""


@clock.command("now")
@steering
def now(server: Server) -> None:
    """Say what time it is, whether the clock stands still, and what expires next."""
    server.tell(server.get("clock"), lambda told: [time_line(told), *next_line(told)])


@clock.command("advance", context_settings={"ignore_unknown_options": True})
@click.argument("by", metavar="DURATION", callback=a_duration)
@steering
def advance(server: Server, by: float) -> None:
    """Move time by DURATION: 90s, 5m, 2h, 1d, PT5M or seconds; -5m moves back."""
    move(server, {"advance": by})


@clock.command("travel-to")
@click.argument("at", metavar="INSTANT", callback=an_instant)
@steering
def travel_to(server: Server, at: str) -> None:
    """Move time to INSTANT, as in 2026-03-02T12:00:00Z."""
    move(server, {"travel_to": at})


@clock.command("freeze")
@click.argument("at", metavar="[INSTANT]", required=False, callback=an_instant)
@steering
def freeze(server: Server, at: str | None) -> None:
    """Let time stand still, now or at INSTANT."""
    move(server, {"freeze": at or True})


@clock.command("run")
@steering
def run(server: Server) -> None:
    """Let time run on from where it is."""
    move(server, {"run": True})


@clock.command("next")
@steering
def next_(server: Server) -> None:
    """Move to the next expiry."""
    move(server, {"next": True})


def move(server: Server, how: dict[str, Any]) -> None:
    """Move the clock, and say what that made happen."""
    server.tell(server.call("POST", "clock", body=how), moved)


def moved(told: Any) -> Iterator[str]:
    """Yield the time, and what happened on the way there."""
    yield time_line(told)
    events = [(event["at"][11:19], f"{event['api']}: {event['sentence']}") for event in told["events"]]
    yield from columns(events, "  ") or ["  nothing happened"]
    yield from next_line(told)


def time_line(told: Any) -> str:
    """Return instant and mode of a clock."""
    return f"{moment(told['now'])}, {told['mode']}"


def next_line(told: Any) -> list[str]:
    """Return when something expires next, and how long that is from now."""
    if told["next_expiry"] is None:
        return ["nothing is going to expire"]
    from mocktill.core.clock import instant

    distance = instant(told["next_expiry"]) - instant(told["now"])
    return [f"next expiry {moment(told['next_expiry'])}, in {span(distance)}"]


def span(distance: timedelta) -> str:
    """Return a distance in time as its two largest parts: `4m 59s`."""
    seconds = int(distance.total_seconds())
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    return " ".join([f"{number}{unit}" for number, unit in parts if number][:2]) or "0s"


@click.command()
@click.argument("count", type=click.IntRange(0), metavar="N")
@click.option("--api", metavar="API", help="Only this API, not each.")
@steering
def populate(server: Server, count: int, api: str | None) -> None:
    """Make N generated objects, 1,000 at the most.

    They are of the API that is named, or N of each.
    """
    asked = {"count": count} if api is None else {"count": count, "api": api}
    server.tell(
        server.call("POST", "populate", body=asked),
        lambda told: columns((name, spelt(keys)) for name, keys in told["made"].items()),
    )


def spelt(keys: list[str], most: int = 3) -> str:
    """Return how many there are, and the first of them."""
    return ", ".join([f"{len(keys)} made: {keys[0]}", *keys[1:most]]) + " …" * (len(keys) > most) if keys else "0 made"


@click.group(cls=Group, usual="list")
def choices() -> None:
    """List or set choices.

    They say what a sandbox does where the docs are silent.
    """


@choices.command("list")
@click.option("--api", metavar="API", help="Only this API's.")
@steering
def list_choices(server: Server, api: str | None) -> None:
    """List every choice with its value; a star marks those that are not at their default."""
    told = server.get("choices")
    listed = [choice for choice in told["choices"] if api in {None, choice["name"].partition(".")[0]}]
    server.tell(
        {"choices": listed},
        lambda told: columns(
            ("*" if choice["value"] != choice["default"] else " ", choice["name"], choice["value"], choice["question"])
            for choice in told["choices"]
        ),
    )


@choices.command("set")
@click.argument("settings", nargs=-1, required=True, metavar="NAME=VALUE...")
@steering
def set_choices(server: Server, settings: tuple[str, ...]) -> None:
    """Set choices, as in deem.claim_twice=same_answer; none of them if one is wrong."""
    wanted = assigned(settings, "deem.claim_twice=same_answer")
    told = server.call("PATCH", "choices", body=wanted)
    server.tell(told, lambda told: columns((name, value) for name, value in wanted.items()))


@click.group(cls=Group, usual="list")
def sandboxes() -> None:
    """List, make or delete sandboxes."""


@sandboxes.command("list")
@steering
def list_sandboxes(server: Server) -> None:
    """List the sandboxes that there are, and which of them stay."""
    server.tell(server.get("sandboxes"), sandbox_lines)


def sandbox_lines(told: Any) -> Iterator[str]:
    """Yield a line for each sandbox."""
    rows = [
        (box["name"], moment(box["now"]), f"{box['entries']} entries", f"{box['rows']} rows", KEPT[box["kept"]])
        for box in told["sandboxes"]
    ]
    yield from columns(rows)
    yield f"{len(rows)} of {told['limit']}"


KEPT = {True: "stays", False: "may be evicted"}


@sandboxes.command("make")
@click.argument("name", required=False)
@click.option("--seed", type=int, help="Seed of its ids and data.")
@click.option("--answers", metavar="HOW", help="How it answers: stateful, canned or generated.")
@click.option("--set", "settings", multiple=True, metavar="CHOICE=VALUE", help="Set a choice; repeatable.")
@click.option("--now", metavar="INSTANT", callback=an_instant, help="Freeze its clock at this instant.")
@click.option("--populate", type=click.IntRange(0), metavar="N", help="Begin with N generated objects in each API.")
@click.option("--populate-api", metavar="API", help="Only in this API.")
@click.option("--state", metavar="FILE", help="Begin with the state in this file.")
@steering
def make(server: Server, settings: tuple[str, ...], state: str | None, **setup: Any) -> None:
    """Make a sandbox that stays until it is deleted, or replace the one called NAME; without NAME it gets one."""
    given = {name: value for name, value in setup.items() if value is not None}
    if settings:
        given["choices"] = assigned(settings, "deem.claim_twice=same_answer")
    if state is not None:
        given["state"] = read_json(f"@{state}")
    server.tell(
        server.call("POST", "sandboxes", body=given),
        lambda made: [made["name"], *columns(made["base_urls"].items(), "  ")],
    )


@sandboxes.command("delete")
@click.argument("name")
@steering
def delete(server: Server, name: str) -> None:
    """Delete a sandbox."""
    server.call("DELETE", "sandboxes", name)
    server.tell({"deleted": name}, lambda _: [f"{name} is deleted."])


@click.group(cls=Group, usual="list")
def scenarios() -> None:
    """List scenarios, or play one."""


@scenarios.command("list")
@steering
def list_scenarios(server: Server) -> None:
    """List the scenarios: API, name and title."""
    server.tell(
        server.get("scenarios"),
        lambda told: columns((each["api"], each["name"], each["title"]) for each in told["scenarios"]),
    )


@scenarios.command("play")
@click.argument("api")
@click.argument("name")
@steering
def play_scenario(server: Server, api: str, name: str) -> None:
    """Play the scenario NAME of an API in the sandbox; ends with 1 if something came otherwise."""
    told = server.call("POST", "scenarios", api, name, "play")
    server.tell(told, step_lines)
    if not told["ok"]:
        sys.exit(1)


def step_lines(told: Any) -> Iterator[str]:
    """Yield a line for each step, and what was not as expected beneath it."""
    from mocktill.core.scenario import Step  # so that `--help` is there at once

    for step in told["steps"]:
        yield from Step(step["title"], step["said"], tuple(step["problems"])).lines
