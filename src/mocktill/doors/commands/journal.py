"""The command `mocktill journal`: what was asked and answered, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from mocktill.doors.commands.entry_text import entry_lines
from mocktill.doors.commands.following import Reader, follow_journal, meant
from mocktill.doors.commands.terminal import Group, Server, say, say_json, steering, write, write_whole

SHOWN = 50
"""How many entries are listed where nobody says."""
COPIES = ("curl", "fetch", "python", "pytest")
"""What a request can be copied as."""
WIDE = 1_000
"""How wide everything is taken to be that is no terminal."""


@click.group(cls=Group, usual="list")
def journal() -> None:
    """Read what was asked and answered."""


FILTERS: tuple[Callable[[Any], Any], ...] = (
    click.option("--api", metavar="API", help="Only this API."),
    click.option("--operation", metavar="NAME", help="Only this operation: claim_purchase or deem.claim_purchase."),
    click.option("--status", metavar="STATUS", help="Only this status, 404, or this class of them, 4xx."),
    click.option("--path", metavar="PATTERN", help="Only paths like this below the API's root: '/v1/purchases/*'."),
    click.option("--method", metavar="METHOD", help="Only this method."),
    click.option("--violations", is_flag=True, default=None, help="Only what departs from the contract."),
    click.option("--unmatched", is_flag=True, default=None, help="Only what no operation matched."),
    click.option("--since", type=click.IntRange(0), metavar="ID", help="Only what came after this entry."),
    click.option(
        "--limit",
        type=click.IntRange(0),
        metavar="N",
        help="Only the newest N.",
    ),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the filters of a journal."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@journal.command("list")
@filtered
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--har", type=click.Path(dir_okay=False), metavar="FILE", help="Write an HTTP Archive (HAR 1.2) to FILE.")
@click.option("--count", is_flag=True, help="Say only how many there are.")
@steering
def list_entries(server: Server, follow: bool, har: str | None, count: bool, **filters: Any) -> None:
    """List the entries, oldest first; filters can be combined."""
    if follow + count + (har is not None) > 1:
        raise click.UsageError("--follow, --har and --count are three different things: give one of them")
    if har is not None:
        save(server, har, filters)
    elif count:
        server.tell(server.get("journal", "count", **filters), lambda told: [count_line(told)])
    elif follow:
        follow_journal(server, filters, reader(server))
    else:
        list_once(server, filters)


def list_once(server: Server, filters: dict[str, Any]) -> None:
    """List what is there; for a person no more than a page, and how many more there are."""
    if server.as_json:
        say_json(server.get("journal", **filters))
        return
    told = server.get("journal", **(filters if filters["limit"] is not None else {**filters, "limit": SHOWN}))
    entries = told["entries"]
    if filters["limit"] is None and len(entries) == SHOWN:
        more = server.get("journal", "count", **filters)["count"] - SHOWN
        if more > 0:
            say(f"… {more} before these: --limit {more + SHOWN} lists all")
    if told["evicted"]:
        say(f"… {told['evicted']} entries were evicted, oldest first")
    beginning = entries[0]["id"] if entries else 0
    remarks = [remark for remark in told["remarks"] if remark["after"] >= beginning and not meant(filters)]
    reader(server).tell(entries, remarks)
    if not entries and not remarks:
        say("nothing fits" if meant(filters) or filters["since"] else "nothing was asked yet")


def reader(server: Server) -> Reader:
    """Return what prints entries: each as a line of JSON, or as lines for a person at this terminal.

    For a program everything else goes to stderr, so that each line of stdout is an entry.
    """
    if server.as_json:
        note = partial(click.echo, err=True)
        return Reader(partial(say_json, line=True), lambda remark: note(remark["sentence"]), note)
    from mocktill.core.entry import Entry, Remark
    from mocktill.doors.commands.lines import lines

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def show_lines(told: Entry | Remark) -> None:
        write("\n".join(lines(told, width(), colour)))

    return Reader(lambda entry: show_lines(Entry.of(entry)), lambda remark: show_lines(Remark.of(remark)), say)


def width() -> int:
    """Return how wide the terminal is at this moment; wide enough for everything where there is none."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else WIDE


def save(server: Server, file: str, filters: dict[str, Any]) -> None:
    """Write an HTTP Archive; `-` is stdout."""
    document = server.get("journal", **filters, format="har")
    if file == "-":
        say_json(document)
        return
    import orjson

    Path(file).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    entries = len(document["log"]["entries"])
    server.tell({"file": file, "entries": entries}, lambda _: [f"{entries} entries are in {file}."])


def count_line(told: Any) -> str:
    """Return the count, and what it does not know of."""
    lost = f" (and {told['lost']} more of that window were evicted unseen)" if told["lost"] else ""
    return f"{told['count']}{lost}"


@journal.command("show")
@click.argument("number", type=click.IntRange(1), metavar="ID")
@steering
def show(server: Server, number: int) -> None:
    """Show all of one entry: request, answer, why, what changed, and a request that passes."""
    server.tell(server.get("journal", str(number)), entry_lines)


@journal.command("copy")
@click.argument("number", type=click.IntRange(1), metavar="ID")
@click.option("--as", "form", type=click.Choice(COPIES), default="curl", show_default=True, help="What it is to be.")
@steering
def copy(server: Server, number: int, form: str) -> None:
    """Print a text that sends an entry's request again, and nothing else, so that `> test_it.py` is a test.

    It is a line for a POSIX shell (curl), an expression in JavaScript (fetch), a script (python), or a whole test for
    the fixture `mocktill` (pytest). What is to be known of it is said on stderr. With --json all four are printed.
    """
    told = server.get("journal", str(number), "copies")
    if server.as_json:
        say_json(told)
        return
    write_whole(told[form])
    say(*known(told), err=True)


@journal.command("replay")
@click.argument("number", type=click.IntRange(1), metavar="ID")
@steering
def replay(server: Server, number: int) -> None:
    """Ask an entry's request again, in the sandbox as it is now."""
    server.tell(server.call("POST", "journal", str(number), "replay"), replayed_lines)


def replayed_lines(told: Any) -> list[str]:
    """Return what came of a request that was asked again, and what is to be known of it."""
    return [f"It is answered {told['status']}: entry {told['entry']}.", *known(told)]


def known(told: Any) -> list[str]:
    """Return what is to be known of a request that goes out again, in one line whatever names are in it, or in none."""
    return [told["about"].replace("\n", r"\x0a")] if told["about"] else []


@journal.command("clear")
@steering
def clear(server: Server) -> None:
    """Forget all entries; their numbers go on."""
    server.call("DELETE", "journal")
    server.tell({"cleared": True}, lambda _: ["The journal is empty."])
