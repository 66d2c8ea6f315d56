"""The command `mocktill health`: whether a server on this machine can be asked, for a container's health check.

It runs several times a second while a container starts, so it imports as little as it can.
"""

from __future__ import annotations

from http.client import BadStatusLine, HTTPConnection, HTTPException, HTTPSConnection
from math import isnan
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import click

from mocktill.doors.commands.loading import LAST_PORT, PORT, Port

READY = "/_mocktill/ready"
NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a server is asked that is bound to all addresses."""
LONGEST_SECONDS = 3600


class WrongOption(click.UsageError):
    """A mistake on the command line; it ends with 1, as Docker reserves the 2 of others for itself."""

    exit_code = 1


class Check(click.Command):
    """A command that ends with 0 or 1, whatever happens."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the options."""
        try:
            return super().make_context(*arguments, **more)
        except click.UsageError as error:
            raise WrongOption(error.format_message(), error.ctx) from None


def a_number(ctx: click.Context, param: click.Parameter, seconds: float) -> float:
    """Refuse what is no number, which is within every range."""
    if isnan(seconds):
        raise click.BadParameter(f"{seconds} is no number")
    return seconds


@click.command(cls=Check)
@click.option("--host", envvar="MOCKTILL_HOST", default="127.0.0.1", show_default=True, help="Address it is bound to.")
@click.option(
    "--port",
    envvar="MOCKTILL_PORT",
    type=Port(),
    default=PORT,
    show_default=True,
    help="Port it is bound to; 0 reads the port file.",
)
@click.option(
    "--port-file",
    envvar="MOCKTILL_PORT_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that the server writes its port's number to.",
)
@click.option("--tls", envvar="MOCKTILL_TLS", is_flag=True, help="It speaks https; the certificate is not checked.")
@click.option(
    "--timeout",
    envvar="MOCKTILL_HEALTH_TIMEOUT",
    metavar="SECONDS",
    type=click.FloatRange(0, LONGEST_SECONDS, min_open=True),
    callback=a_number,
    default=2.0,
    show_default=True,
    help="How long to wait for it.",
)
def health(host: str, port: int, port_file: Path | None, tls: bool, timeout: float) -> None:
    """Say whether a server on this machine is ready.

    It is found by the same options and environment variables as `serve` has. Ends with 1, and why, if it is not ready.
    """
    try:
        status, body = asked(connection(NEAR.get(host, host), port or port_of(port_file), tls, timeout), timeout)
    except TimeoutError:
        raise click.ClickException(f"not ready: no whole answer within {timeout:g} s") from None
    except (OSError, HTTPException, ValueError) as error:  # whoever answers there may be anybody
        raise click.ClickException(f"not ready: {reason(error)}") from None
    if (status, told(body, "status")) != (200, "ready"):
        raise click.ClickException(f"not ready: {told(body, 'detail') or f'this is not Mocktill: it answers {status}'}")
    click.echo("ready")


def port_of(file: Path | None) -> int:
    """Return the port that a server has written to a file, or end with a line that says why there is none."""
    if file is None:
        raise click.ClickException("not ready: the port is 0, and no port file (MOCKTILL_PORT_FILE) says which it is")
    try:
        port = int(file.read_bytes())
    except FileNotFoundError:
        raise click.ClickException(f"not ready: there is no port file {file} yet") from None
    except OSError as error:
        raise click.ClickException(f"not ready: {file}: {error.strerror}") from None
    except ValueError:
        port = 0
    if not 0 < port <= LAST_PORT:
        raise click.ClickException(f"not ready: {file} is no port file")
    return port


def connection(host: str, port: int, tls: bool, timeout: float) -> HTTPConnection:
    """Return a connection that is not open yet. No secret goes over it, so that it matters not who answers."""
    if not tls:
        return HTTPConnection(host, port, timeout=timeout)
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=timeout, context=context)


def asked(connection: HTTPConnection, seconds: float) -> tuple[int, bytes]:
    """Return the status and the body of the answer; raise TimeoutError where it is not whole in that time.

    A socket's own timeout begins anew with each byte: it is another thread that waits, and is left behind.
    """
    answered: Queue[tuple[int, bytes] | Exception] = Queue()
    Thread(target=lambda: answered.put(ask(connection)), daemon=True).start()
    try:
        answer = answered.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def ask(connection: HTTPConnection) -> tuple[int, bytes] | Exception:
    """Return the status and the body of the answer, or what went wrong."""
    try:
        connection.request("GET", READY, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(10_000)
    except Exception as error:
        return error
    finally:
        connection.close()


def told(body: bytes, name: str) -> str:
    """Return a text of a JSON object, in one line; an empty one if it is not there."""
    import orjson

    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    said = document.get(name) if isinstance(document, dict) else None
    return line_of(said) if isinstance(said, str) else ""


def reason(error: Exception) -> str:
    """Return what an exception says, in one line."""
    if type(error) is BadStatusLine:  # one that is derived from it says that there was no answer
        return "what answers there does not speak http; if it is a server with --tls, set MOCKTILL_TLS=1 here too"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return line_of(said) or type(error).__name__


def line_of(text: str) -> str:
    """Return a text of a stranger in one line, without what could steer the terminal."""
    said = " ".join(text.split())
    return said if said.isprintable() else ascii(said)
