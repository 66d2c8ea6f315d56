"""The command `mocktill faults`: when and how the sandbox misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from mocktill.doors.commands.terminal import Group, Server, assigned, columns, compact, read_json, steering, value_of


@click.group(cls=Group, usual="list")
def faults() -> None:
    """List, add or remove fault rules.

    They say when and how a sandbox misbehaves.
    """


@faults.command("list")
@steering
def list_faults(server: Server) -> None:
    """List the rules, and how many requests each was about and struck."""
    server.tell(server.get("faults"), lambda told: fault_lines(told["faults"]) or ["no faults"])


def fault_lines(rules: Iterable[Any]) -> list[str]:
    """Return a line for each rule."""
    return columns(
        (fault["id"], f"struck {fault['hits']} of {fault['calls']}", rule_text(fault["rule"])) for fault in rules
    )


def rule_text(rule: Any) -> str:
    """Return a rule in one line: what it does, when, and its title."""
    does = ", ".join(f"{name} {plain(value)}" for name, value in rule["what"].items())
    when = ", ".join(f"{name} {plain(value)}" for name, value in rule.get("when", {}).items())
    title = f"  ({rule['title']})" if "title" in rule else ""
    return f"{does} {rule.get('moment', 'before')} the state changes; {when or 'every request'}{title}"


def plain(value: Any) -> str:
    """Return a value for a person: a text without quotes, everything else as JSON."""
    return value if isinstance(value, str) else compact(value)


WHEN: tuple[Callable[[Any], Any], ...] = (
    click.option("--api", metavar="API", help="When: only requests to this API."),
    click.option("--operation", metavar="NAME", help="When: only this operation, as in deem.claim_purchase."),
    click.option("--method", metavar="METHOD", help="When: only this method."),
    click.option("--path", metavar="PATTERN", help="When: only paths like this: '/v1/purchases/*'."),
    click.option(
        "--body",
        multiple=True,
        metavar="/POINTER=VALUE",
        help="When: only bodies with this; repeatable.",
    ),
    click.option("--nth", type=click.IntRange(1), metavar="N", help="When: only the N-th of them."),
    click.option("--every", type=click.IntRange(1), metavar="N", help="When: every N-th of them."),
    click.option("--next", "next_", type=click.IntRange(1), metavar="N", help="When: the next N of them."),
    click.option("--probability", type=click.FloatRange(0, 1), metavar="P", help="When: by chance, from the seed."),
    click.option("--until", metavar="INSTANT", help="When: until this instant of the sandbox's clock."),
)
WHAT: tuple[Callable[[Any], Any], ...] = (
    click.option("--error", metavar="MEANING", help="What: an error of the vendor, as in sold_out."),
    click.option("--type", "type_", metavar="TYPE", help="What: which of several such errors, as on the wire."),
    click.option("--status", type=int, metavar="STATUS", help="What: this status, 200 to 599."),
    click.option("--header", multiple=True, metavar="NAME=VALUE", help="What: a header; may be given several times."),
    click.option("--reply", metavar="JSON", help="What: this body, with --status; @FILE reads a file."),
    click.option("--delay", metavar="DURATION", help="What: late by that, or by chance in between: 1s..3s."),
    click.option("--connection", metavar="HOW", help="What: drop (no byte), cut (half a body) or never (no answer)."),
    click.option("--garbled", is_flag=True, help="What: a body that is no JSON."),
    click.option("--content-type", metavar="TYPE", help="What: this content type, as in text/html."),
    click.option("--rate-limit", metavar="N/WINDOW", help="What: refuse what is over N in a window, as in 5/1m."),
)
MOMENT: tuple[Callable[[Any], Any], ...] = (
    click.option("--after", is_flag=True, help="Let the state change first: committed, and the answer suffers."),
    click.option("--title", metavar="TEXT", help="What you call it."),
)


def ruled(*options: Callable[[Any], Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that a rule is made of."""

    def give(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return give


@faults.command("add")
@click.argument("rule", required=False, metavar="[RULE]")
@ruled(*WHEN, *WHAT, *MOMENT)
@steering
def add(server: Server, rule: str | None, **parts: Any) -> None:
    """Add a rule: as options, or RULE as JSON; @FILE reads a file, - stdin."""
    made = made_rule(**parts)
    if rule is not None and made:
        raise click.UsageError("give the rule as JSON or as options, not as both")
    if rule is None and "what" not in made:
        raise click.UsageError("say what happens: --error, --status, --delay, --connection …, or a rule as JSON")
    wanted = made if rule is None else read_json(rule)
    server.tell(server.call("POST", "faults", body=wanted), lambda fault: fault_lines([fault]))


def made_rule(after: bool, title: str | None, **parts: Any) -> dict[str, Any]:
    """Return the rule that options say; only what was given is in it."""
    what = {
        "error": parts["error"],
        "type": parts["type_"],
        "status": parts["status"],
        "headers": assigned(parts["header"], "Retry-After=2") or None,
        "body": parts["reply"] and read_json(parts["reply"]),
        "delay": parts["delay"] and drawn(parts["delay"]),
        "connection": parts["connection"],
        "garbled": parts["garbled"] or None,
        "content_type": parts["content_type"],
        "rate_limit": parts["rate_limit"] and limited(parts["rate_limit"]),
    }
    rule = {"title": title, "when": made_when(**parts), "what": given(what), "moment": "after" if after else None}
    return given({name: value for name, value in rule.items() if value != {}})


def made_when(**parts: Any) -> dict[str, Any]:
    """Return when a rule strikes, as options say it."""
    names = ("api", "operation", "method", "path", "nth", "every", "probability", "until")
    body = {pointer: value_of(text) for pointer, text in assigned(parts["body"], "/quantity=2").items()}
    return given({**{name: parts[name] for name in names}, "next": parts["next_"], "body": body or None})


def given(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the parts that were given."""
    return {name: value for name, value in parts.items() if value is not None}


def drawn(delay: str) -> Any:
    """Return a delay, fixed or drawn between two."""
    least, dots, most = delay.partition("..")
    return {"least": seconds(least), "most": seconds(most)} if dots else seconds(delay)


def limited(limit: str) -> Any:
    """Return a rate limit that is written `5/1m`; a usage error for any other."""
    number, slash, window = limit.partition("/")
    if not slash or not number.isdecimal():
        raise click.BadParameter(f"{limit!r} is not N/WINDOW, as in 5/1m")
    return {"limit": int(number), "window": seconds(window)}


def seconds(duration: str) -> Any:
    """Return a duration as a rule has it: a number is one of seconds."""
    number = value_of(duration)
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else duration


@faults.command("presets")
@steering
def list_presets(server: Server) -> None:
    """List the rules that there are by name."""
    server.tell(
        server.get("faults", "presets"),
        lambda told: columns((preset["name"], preset["title"]) for preset in told["presets"]),
    )


@faults.command("preset")
@click.argument("name")
@ruled(*WHEN)
@steering
def add_preset(server: Server, name: str, **parts: Any) -> None:
    """Add the rule called NAME, for all requests that it is about or for fewer."""
    when = made_when(**parts)
    body = {"when": when} if when else None
    server.tell(server.call("POST", "faults", "presets", name, body=body), lambda fault: fault_lines([fault]))


@faults.command("remove")
@click.argument("id_", metavar="ID")
@steering
def remove(server: Server, id_: str) -> None:
    """Remove a rule."""
    server.call("DELETE", "faults", id_)
    server.tell({"removed": id_}, lambda _: [f"The fault {id_} is removed."])


@faults.command("clear")
@steering
def clear(server: Server) -> None:
    """Remove all rules."""
    server.call("DELETE", "faults")
    server.tell({"cleared": True}, lambda _: ["no faults"])
