"""The command `mocktill serve`: everything is loaded, then the port is opened, then it is said that it is ready."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import click

from mocktill.core.sandbox import ANSWERS, SEED, Setup
from mocktill.doors.commands.loading import PORT, SANDBOXES, Port, fixtures_option, load, settings_option
from mocktill.doors.commands.opening import (
    announce,
    check_answers,
    greeting,
    listen,
    make_app,
    own_state,
    read_state,
    secure,
    write_state,
)
from mocktill.doors.commands.telling import Targets, deliver, webhook_options
from mocktill.doors.logs.forms import FORMS, JSON, TEXT
from mocktill.doors.serving.signals import ending_cleanly

API_NAMES = ("deem", "drip", "supertab", "kajabi")
"""The built-in APIs; written down, so that `--help` loads no vendor."""
MOST_POPULATED = 10_000
MOST_SANDBOXES = 100_000
MANY = 1_000
"""How many purchases take so long to make that it is said."""


def an_api(ctx: click.Context, param: click.Parameter, name: str | None) -> str | None:
    """Return the name of an API that there is: a built-in one, or one of another package. None is loaded for that."""
    if name is not None and name not in API_NAMES:
        from importlib.metadata import entry_points

        names = (*API_NAMES, *sorted({point.name for point in entry_points(group="mocktill.apis")}))
        if name not in names:
            raise click.BadParameter(f"{name!r} is none of {', '.join(names)}")
    return name


def one_worker(ctx: click.Context, param: click.Parameter, number: int) -> int:
    """Refuse any other number of workers than one."""
    if number != 1:
        raise click.BadParameter(
            f"there is 1 worker, not {number}: the state is in the memory of one process, and what one of several sold "
            "the others would still have. One answers many connections at a time."
        )
    return number


def started_quickly(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command load without looking for garbage, and heed signals before anything is loaded.

    What is loaded stays, and looking for what could go takes a tenth of the start.
    """

    @functools.wraps(command)
    def run(**options: Any) -> None:
        gc.disable()
        try:
            with ending_cleanly():
                command(**options)
        finally:
            gc.enable()

    return run


@click.command()
@click.option("--host", envvar="MOCKTILL_HOST", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option(
    "--port",
    envvar="MOCKTILL_PORT",
    type=Port(),
    default=PORT,
    show_default=True,
    help="Port to bind; 0 takes a free one, which the ready line names.",
)
@click.option(
    "--only",
    envvar="MOCKTILL_ONLY",
    metavar="API",
    callback=an_api,
    help=f"Serve this API alone, at the root: {', '.join(API_NAMES)}, or one of another package.",
)
@click.option(
    "--answers",
    envvar="MOCKTILL_ANSWERS",
    type=click.Choice(ANSWERS),
    default=ANSWERS[0],
    show_default=True,
    help="How requests are answered that carry no Prefer header.",
)
@click.option("--seed", envvar="MOCKTILL_SEED", type=int, default=SEED, show_default=True, help="Seed of ids and data.")
@click.option(
    "--populate",
    envvar="MOCKTILL_POPULATE",
    type=click.IntRange(0, MOST_POPULATED),
    default=0,
    show_default=True,
    help=f"Begin with that many generated purchases in each API that is served; at most {MOST_POPULATED:,}.",
)
@click.option(
    "--sandboxes",
    "limit",
    envvar="MOCKTILL_SANDBOXES",
    type=click.IntRange(1, MOST_SANDBOXES),
    default=SANDBOXES,
    show_default=True,
    help="How many sandboxes there may be; of those that came by first use the longest idle goes.",
)
@click.option(
    "--state",
    "state_file",
    envvar="MOCKTILL_STATE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File with the state of every sandbox: read at the start if it is there, written at a clean stop.",
)
@click.option(
    "--control-token",
    envvar="MOCKTILL_CONTROL_TOKEN",
    metavar="TOKEN",
    help="Token that control calls have to show; beyond loopback one is made up and printed if you set none.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    envvar="MOCKTILL_ALLOW_HOST",
    metavar="HOST",
    multiple=True,
    help="Host by which control calls may come where no token protects; may be given several times "
    "(in the variable: by spaces).",
)
@click.option(
    "--trust-proxy",
    envvar="MOCKTILL_TRUST_PROXY",
    is_flag=True,
    help="Let X-Forwarded-Proto, -Host and -Prefix say what links begin with; only behind a proxy that sets them.",
)
@click.option(
    "--port-file",
    envvar="MOCKTILL_PORT_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that gets the port's number as soon as the server answers; it is gone after a clean stop.",
)
@click.option(
    "--log",
    "log_format",
    envvar="MOCKTILL_LOG",
    type=click.Choice(FORMS),
    default=TEXT,
    show_default=True,
    help="How each answer is logged on stdout: a line to read, a line of JSON, or not at all.",
)
@click.option("--tls", envvar="MOCKTILL_TLS", is_flag=True, help="Speak https, with certificates of a throw-away CA.")
@click.option(
    "--tls-folder",
    envvar="MOCKTILL_TLS_FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that gets the CA's certificate, ca.pem; a temporary one if you name none.",
)
@click.option(
    "--tls-host",
    "tls_hosts",
    envvar="MOCKTILL_TLS_HOST",
    metavar="HOST",
    multiple=True,
    help="Name that the certificate is good for, beside the vendors' and this machine's; may be given several times "
    "(in the variable: by spaces).",
)
@click.option(
    "--workers",
    envvar="MOCKTILL_WORKERS",
    type=int,
    default=1,
    show_default=True,
    callback=one_worker,
    help="There is one, since the state is in its memory; any other number is refused.",
)
@webhook_options
@fixtures_option
@settings_option
@started_quickly
def serve(
    host: str,
    port: int,
    only: str | None,
    answers: str,
    seed: int,
    populate: int,
    limit: int,
    state_file: Path | None,
    control_token: str | None,
    allow_hosts: tuple[str, ...],
    trust_proxy: bool,
    port_file: Path | None,
    log_format: str,
    tls: bool,
    tls_folder: Path | None,
    tls_hosts: tuple[str, ...],
    workers: int,
    webhooks: Targets,
    allow_webhooks: tuple[str, ...],
    fixtures: Path | None,
    settings: tuple[tuple[str, str], ...],
) -> None:
    """Serve the APIs until SIGINT, SIGTERM or SIGHUP."""
    from mocktill.doors.logs.log import python_log, request_log
    from mocktill.doors.serving.server import is_loopback, run, url_of
    from mocktill.doors.serving.streams import standing

    check_together(tls, tls_folder, tls_hosts)
    setup = Setup(seed, answers, dict(settings), None, populate, only, dict(webhooks))
    if populate > MANY and log_format != JSON:
        click.echo(f"Populating {only or 'each API'} with {populate:,} purchases …", err=True)
    with standing(), python_log(log_format), ExitStack() as serving, ExitStack() as answering:
        if state_file is not None:
            own_state(state_file, serving)
        sandboxes = load(fixtures, setup, limit)
        if state_file is not None:
            read_state(sandboxes, state_file)
        check_answers(sandboxes, only)
        listening = listen(host, port)  # first: a server that runs there already keeps its files
        answering.callback(listening.close)
        deliver(sandboxes, webhooks, allow_webhooks, answering)
        told = announce(port_file, answering, log_format)
        secured = secure(sandboxes, tls_folder, (host, *tls_hosts), answering) if tls else None
        made_up = "" if control_token or is_loopback(listening) else make_token()
        app = make_app(sandboxes, only, control_token or made_up or None, allow_hosts, trust_proxy)
        url = url_of(listening, secure=tls)
        number = listening.getsockname()[1]

        def ready() -> None:
            if secured is not None:
                secured.forget()
            told(number)
            with suppress(OSError, ValueError):  # whoever started it may not read what it says
                for text in greeting(log_format, sandboxes, url, only, secured, made_up):
                    click.echo(text)
                click.echo(f"Mocktill is ready on {url}")

        def ended() -> int:
            answering.close()
            return 0 if state_file is None or write_state(sandboxes, state_file, log_format) else 1

        sys.exit(run(app, listening, ready, ended, log=request_log(log_format, sys.stdout), tls=secured))


def check_together(tls: bool, folder: Path | None, hosts: tuple[str, ...]) -> None:
    """Refuse options that say something of TLS where there is none."""
    for flag, given in (("--tls-folder", folder), ("--tls-host", hosts)):
        if given and not tls:
            raise click.UsageError(f"{flag} goes with --tls (MOCKTILL_TLS=1): without it there is no certificate")


def make_token() -> str:
    """Make a token up that nobody guesses."""
    from secrets import token_urlsafe

    return token_urlsafe(24)
