"""What all commands against a running server have in common: how they reach it, what they print, how they fail."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from mocktill.doors.remote.client import ControlClient

URL = "http://127.0.0.1:8080"
INTERRUPTED = 130
"""The exit code of what was ended with Ctrl-C, as shells have it."""


@dataclass(frozen=True)
class Server:
    """The server that a command is about, the sandbox in it, and whether the output is for a program."""

    url: str
    token: str | None
    sandbox: str
    as_json: bool

    @cached_property
    def client(self) -> ControlClient:
        """The wire to it; imported when it is needed, so that `--help` is there at once."""
        from mocktill.doors.remote.client import ControlClient

        return ControlClient(self.url, self.sandbox, self.token)

    def get(self, *path: str, **query: Any) -> Any:
        """Return the document that a GET answers."""
        return self.client.get(*path, **query)

    def call(self, method: str, *path: str, body: Any = None) -> Any:
        """Return what a call answers."""
        return self.client.call(method, *path, body=body)

    def tell(self, document: Any, words: Callable[[Any], Iterable[str]]) -> None:
        """Print a document: as JSON for a program, else what `words` makes of it, line by line."""
        if self.as_json:
            say_json(document)
        else:
            say(*words(document))


def steering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options by which it reaches a server, and let whatever fails end in one line."""

    @click.option("--url", envvar="MOCKTILL_URL", default=URL, show_default=True, help="URL of the running server.")
    @click.option("--token", envvar="MOCKTILL_CONTROL_TOKEN", help="Token of its control API, where it wants one.")
    @click.option(
        "--sandbox", envvar="MOCKTILL_SANDBOX", default="default", show_default=True, help="Sandbox that is meant."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    @functools.wraps(command)
    def run(url: str, token: str | None, sandbox: str, as_json: bool, **rest: Any) -> None:
        with failing(token):
            command(Server(url, token, sandbox, as_json), **rest)

    return run


@contextmanager
def failing(token: str | None = None) -> Iterator[None]:
    """End with one line on stderr for whatever fails, quietly for Ctrl-C and for a reader that went away."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        forget_output()
        sys.exit(0)
    except PermissionError as error:
        hint = "" if token or error.errno else " (give it with --token or MOCKTILL_CONTROL_TOKEN)"
        raise click.ClickException(f"{sentence(error)}{hint if 'token' in str(error) else ''}") from None
    except (LookupError, ValueError, OSError, RuntimeError) as error:
        forget_output()
        raise click.ClickException(sentence(error)) from None


def forget_output() -> None:
    """Drop what stdout does not take: the interpreter would try once more at its end, and fail aloud."""
    try:
        if sys.stdout is not None:  # it may have been closed before the start
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def sentence(error: Exception) -> str:
    """Return what an exception says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(filter(None, [error.filename, error.strerror]))
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    return "; ".join(str(said).split("\n")) or type(error).__name__


class Group(click.Group):
    """Commands with a usual one, which is meant where none is named.

    The options by which a server is reached may stand before the command's name as well.
    """

    def __init__(self, *args: Any, usual: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual = usual

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command's name first, and the usual one's where there is none."""
        place = self._place(args)
        if place is None:
            asks_help = bool({"-h", "--help"} & set(args))
            args = args if asks_help or not self.usual else [self.usual, *args]
        else:
            args = [args[place], *args[:place], *args[place + 1 :]]
        return super().parse_args(ctx, args)

    def _place(self, args: Sequence[str]) -> int | None:
        """Return where the first argument is that is no option of all commands; None where an option comes first."""
        place = 0
        while place < len(args):
            if args[place] in VALUED:
                place += 2
            elif args[place] in FLAGS or args[place].startswith(tuple(f"{name}=" for name in VALUED)):
                place += 1
            else:
                return None if args[place].startswith("-") else place
        return None


VALUED = ("--url", "--token", "--sandbox")
FLAGS = ("--json",)


def say(*lines: str, err: bool = False) -> None:
    """Print lines for a person, without what could steer the terminal; `err` prints them on stderr."""
    from mocktill.doors.logs.logline import printable

    for line in lines:
        write("\n".join(printable(part) for part in line.split("\n")), err=err)


def say_json(document: Any, *, line: bool = False) -> None:
    """Print a document as JSON: indented, or in one line."""
    write(orjson.dumps(document, option=0 if line else orjson.OPT_INDENT_2).decode())


def write(text: str, *, err: bool = False) -> None:
    """Print a text as it is, on stdout or stderr; where the terminal lacks a letter, its code."""
    try:
        click.echo(text, err=err)
    except UnicodeEncodeError:
        click.echo(text.encode("ascii", "backslashreplace"), err=err)


def write_whole(text: str) -> None:
    """Print a text byte by byte, as UTF-8 that ends a line; at a terminal with codes for what could steer it."""
    whole = text if text.endswith("\n") else f"{text}\n"
    if not sys.stdout.isatty():
        click.echo(whole.encode(), nl=False)
        return
    from mocktill.doors.logs.logline import printable

    lines = whole[:-1].split("\n")
    shown = [printable(line) for line in lines]
    write("\n".join(shown))
    if shown != lines:
        say("there are control characters in it, shown as codes: print it to a file to copy it", err=True)


def columns(rows: Iterable[Sequence[object]], indent: str = "") -> list[str]:
    """Return rows as aligned lines; the last column is as long as it is."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in cells
    ]


def moment(at: str) -> str:
    """Return an instant of the control API for a person: `2026-03-02 12:00:00 UTC`."""
    return f"{at[:19].replace('T', ' ')} UTC"


def compact(value: Any) -> str:
    """Return a value as JSON in one line."""
    return orjson.dumps(value).decode()


def read_json(text: str) -> Any:
    """Return the value of a JSON text, or of the file that `@FILE` names, `-` for stdin; raise ValueError in words."""
    name = text[1:] if text.startswith("@") else "-" if text == "-" else ""
    if name:
        return parsed(content_of(name), "stdin" if name == "-" else name)
    return parsed(text, "the argument")


def content_of(file: str) -> bytes:
    """Return the bytes of a file, `-` for stdin."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def parsed(content: bytes | str, what: str) -> Any:
    """Return the value of a JSON text; raise ValueError that says what is no JSON, and where."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{what} is no JSON: {error}") from None


def assigned(settings: Iterable[str], example: str) -> dict[str, str]:
    """Return name and value of each `NAME=VALUE`; a usage error for one that is none."""
    for setting in settings:
        if "=" not in setting:
            raise click.BadParameter(f"{setting!r} is not NAME=VALUE, as in {example}")
    return {name: value for name, _, value in [setting.partition("=") for setting in settings]}


def value_of(text: str) -> Any:
    """Return a value as it was typed: JSON where it is that, else the text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
