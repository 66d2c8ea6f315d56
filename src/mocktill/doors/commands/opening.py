"""What `serve` does before the port opens and after it closes: each step works, or says in a line why it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from mocktill import __version__
from mocktill.doors.logs.forms import JSON

if TYPE_CHECKING:
    from socket import socket

    from flask import Flask

    from mocktill.core.sandboxes import Sandboxes
    from mocktill.doors.serving.tls import Certificates


def read_state(sandboxes: Sandboxes, file: Path) -> None:
    """Let the sandboxes be as a state file says, if there is one; end with a line for each mistake in it."""
    from mocktill.doors.serving.statefile import BrokenState, load_state

    try:
        load_state(sandboxes, file)
    except BrokenState as error:
        raise click.ClickException(str(error)) from None


def own_state(file: Path, serving: ExitStack) -> None:
    """Be the only server that keeps its state there; end with a line where another one does, or none could."""
    from mocktill.doors.serving.wholefile import owned

    try:
        serving.enter_context(owned(file))
    except BlockingIOError:
        raise click.ClickException(f"another server keeps its state in {file}") from None
    except OSError as error:
        raise click.ClickException(f"the state could not be kept in {file}: {error.strerror}") from None


def write_state(sandboxes: Sandboxes, file: Path, form: str) -> bool:
    """Keep the sandboxes in a state file; where that cannot be, say why, and return False."""
    from mocktill.doors.serving.statefile import save_state

    try:
        save_state(sandboxes, file)
    except OSError as error:
        complain(f"the state is not kept: {file}: {error.strerror}", form)
        return False
    return True


def check_answers(sandboxes: Sandboxes, only: str | None) -> None:
    """Ask each API that is to be served, in a sandbox of its own; end with a line that names those that fail."""
    from mocktill.control.served import Served

    silent = Served(sandboxes, only).silent
    if silent:
        raise click.ClickException(f"not ready: {', '.join(silent)} cannot be asked; the log has the reason")


def announce(file: Path | None, answering: ExitStack, form: str) -> Callable[[int], None]:
    """Return what writes the port's number to a file; one that was left there before is gone at once."""
    from mocktill.doors.serving.portfile import PortFile

    if file is None:
        return lambda port: None
    try:
        there = answering.enter_context(PortFile(file))
    except OSError as error:
        raise click.ClickException(f"the port cannot be written to {file}: {error.strerror}") from None

    def write(port: int) -> None:
        try:
            there.write(port)
        except OSError as error:  # the disk has filled up since
            complain(f"the port is not written to {file}: {error.strerror}", form)

    return write


def secure(sandboxes: Sandboxes, folder: Path | None, names: tuple[str, ...], answering: ExitStack) -> Certificates:
    """Make a CA and a certificate for the vendors' hosts, or end with a line that says why there are none."""
    from mocktill.doors.serving.tls import CannotSecure, certificates

    hosts = (host for api in sandboxes.catalogue.apis for host in api.hosts)
    try:
        return answering.enter_context(certificates(folder, (*hosts, *names)))
    except CannotSecure as error:
        raise click.ClickException(str(error)) from None


def listen(host: str, port: int) -> socket:
    """Return a listening socket, or end with a line that says why there is none."""
    from mocktill.doors.serving.server import CannotListen, bind

    try:
        return bind(host, port)
    except CannotListen as error:
        raise click.ClickException(str(error)) from None


def make_app(
    sandboxes: Sandboxes, only: str | None, token: str | None, allow_hosts: tuple[str, ...], trust_proxy: bool
) -> Flask:
    """Return the app to serve, or end with a line that says what is wrong with the token."""
    from mocktill.doors.app import create_app

    try:
        return create_app(sandboxes, only=only, token=token, allow_hosts=allow_hosts, trust_proxy=trust_proxy)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def complain(said: str, form: str) -> None:
    """Say on stderr what went wrong and does not end the server, in the form of the log."""
    if form == JSON:
        logging.getLogger("mocktill").error(said)
    else:
        click.echo(f"Error: {said}", err=True)


def greeting(
    form: str, sandboxes: Sandboxes, url: str, only: str | None, secured: Certificates | None, made_up: str
) -> Iterator[str]:
    """Yield what is said before the ready line: for a person, or what a program needs as lines of JSON."""
    from mocktill.doors.logs.log import said

    ca = "" if secured is None else f"CA to trust: {secured.ca}"
    token = f"Control token: {made_up} (made up; MOCKTILL_CONTROL_TOKEN sets your own)" if made_up else ""
    if form == JSON:
        if secured is not None:
            yield said(ca, ca=str(secured.ca))
        if made_up:
            yield said(token, token=made_up)
        return
    yield banner(sandboxes, url, only, None if secured is None else secured.ca)
    fragment = f"#token={made_up}" if made_up else ""  # which a browser sends to nobody
    console = f"Console: {near(url)}/_mocktill/console/{fragment}"
    yield from (f"{text}\n" for text in (console, ca, token) if text)


def banner(sandboxes: Sandboxes, url: str, only: str | None, ca: Path | None = None) -> str:
    """Return what a person reads first: each API's base URL, and a line that works when pasted, and trusts the CA."""
    root = near(url)
    trusting = "curl " if ca is None else f"curl --cacert {quote(str(ca))} "
    lines = [f"Mocktill {__version__}: a stateful sandbox for purchase APIs", ""]
    for api in sandboxes.catalogue.apis:
        if only in {None, api.name}:
            base = root if only else f"{root}/{api.name}"
            lines += [
                f"{api.title}: {base}",
                *[f"  {trusting}{curl.format(base=base).removeprefix('curl ')}" for curl in api.curl],
                "",
            ]
    return "\n".join(lines)


def near(url: str) -> str:
    """Return an address of this machine for a server that is bound to all of its addresses."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
