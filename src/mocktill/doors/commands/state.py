"""The commands `mocktill state` and `mocktill snapshot`: rows as a document, and named copies of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mocktill.core.names import check_name
from mocktill.doors.commands.terminal import (
    Group,
    Server,
    assigned,
    columns,
    compact,
    moment,
    read_json,
    say_json,
    steering,
    value_of,
)


@click.group(cls=Group, usual="show")
def state() -> None:
    """Show, load or change a sandbox's rows."""


@state.command("show")
@click.argument("table", required=False)
@steering
def show(server: Server, table: str | None) -> None:
    """Show how many rows each table has, or the rows of TABLE; all of it with --json."""
    document = server.get("state")
    if table is not None:
        if table not in document["tables"]:
            raise KeyError(f"there is no table {table}; there are {', '.join(document['tables'])}")
        document = document["tables"][table]
    server.tell(document, state_lines if table is None else row_lines)


def state_lines(document: Any) -> Iterator[str]:
    """Yield the clock, and a line for each table."""
    yield f"{moment(document['clock']['at'])}, {document['clock']['mode']}"
    yield from columns(((len(rows), table) for table, rows in document["tables"].items()), "  ")


def row_lines(rows: Any) -> list[str]:
    """Return a line for each row."""
    return columns((key, compact(row)) for key, row in rows.items()) or ["no rows"]


@state.command("tables")
@steering
def tables(server: Server) -> None:
    """List the tables, and how many rows each has."""
    server.tell(server.get("tables"), lambda told: columns((each["rows"], each["name"]) for each in told["tables"]))


@state.command("rows")
@click.argument("table")
@click.option("--offset", type=click.IntRange(0), metavar="N", help="Pass over the first N rows.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only N rows, 50 where nothing is said.")
@steering
def rows(server: Server, table: str, offset: int | None, limit: int | None) -> None:
    """List the rows of TABLE, page by page, in the order of their keys."""
    server.tell(server.get("state", table, offset=offset, limit=limit), page_lines)


def page_lines(told: Any) -> Iterator[str]:
    """Yield a line for each row of a page, and where there are more."""
    seen = told["offset"] + len(told["rows"])
    if told["rows"] or not told["total"]:
        yield from row_lines({each["key"]: each["row"] for each in told["rows"]})
    else:
        yield f"there are no more than {told['total']} rows"
    if seen < told["total"]:
        yield f"… {told['total'] - seen} after these: --offset {seen} goes on"


@state.command("load")
@click.argument("file", metavar="FILE")
@steering
def load(server: Server, file: str) -> None:
    """Replace all rows and the clock by the state in FILE, as `state --json` prints it; - is stdin."""
    told = server.call("PUT", "state", body=read_json(f"@{file}"))
    server.tell(told, lambda told: [f"The state is loaded; it is {moment(told['now'])}."])


@state.command("set")
@click.argument("table")
@click.argument("key")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@steering
def set_(server: Server, table: str, key: str, fields: tuple[str, ...]) -> None:
    """Change fields of one row, as in `state set deem.stock last-one free=1`; values are JSON, else text."""
    changed = {name: value_of(text) for name, text in assigned(fields, "remaining=1").items()}
    row = server.call("PATCH", "state", table, key, body=changed)
    server.tell(row, lambda row: columns((name, compact(value)) for name, value in row.items()))


@click.group(cls=Group, usual="list")
def snapshot() -> None:
    """Keep copies, and go back to them."""


@snapshot.command("list")
@steering
def list_snapshots(server: Server) -> None:
    """List the copies: name, instant and rows."""
    server.tell(server.get("snapshots"), lambda told: saved_lines(told["snapshots"]) or ["no snapshots"])


def saved_lines(saved: Any) -> list[str]:
    """Return a line for each copy."""
    return columns((each["name"], moment(each["at"]), f"{each['rows']} rows") for each in saved)


@snapshot.command("save")
@click.argument("name")
@steering
def save(server: Server, name: str) -> None:
    """Keep a copy called NAME; one of that name is replaced."""
    check_name(name, "a snapshot")
    server.tell(server.call("PUT", "snapshots", name), lambda saved: saved_lines([saved]))


@snapshot.command("restore")
@click.argument("name")
@steering
def restore(server: Server, name: str) -> None:
    """Go back to the copy called NAME: rows, clock, choices and faults."""
    told = server.call("POST", "snapshots", name, "restore")
    server.tell(told, lambda told: [f"{name} is restored; it is {moment(told['now'])}."])


@snapshot.command("show")
@click.argument("name")
@steering
def show_snapshot(server: Server, name: str) -> None:
    """Print the copy called NAME as JSON."""
    say_json(server.get("snapshots", name))


@snapshot.command("delete")
@click.argument("name")
@steering
def delete(server: Server, name: str) -> None:
    """Forget the copy called NAME."""
    server.call("DELETE", "snapshots", name)
    server.tell({"deleted": name}, lambda _: [f"{name} is deleted."])


@snapshot.command("upload")
@click.argument("name")
@click.argument("file", metavar="FILE")
@steering
def upload(server: Server, name: str, file: str) -> None:
    """Keep what `snapshot show` printed into FILE as a copy called NAME; - is stdin."""
    check_name(name, "a snapshot")
    saved = server.call("PUT", "snapshots", name, body=read_json(f"@{file}"))
    server.tell(saved, lambda saved: saved_lines([saved]))
