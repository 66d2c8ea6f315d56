"""The options of `serve` that say where webhooks may go, and the courier that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mocktill.core.sandboxes import Sandboxes

Targets = tuple[tuple[str, str], ...]


def targets_of(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> Targets:
    """Return API and URL of each `API=URL`; a usage error for one that is none, or that no webhook ever goes to."""
    pairs = []
    for value in values:
        api, equals, url = value.partition("=")
        if not (api and equals):
            raise click.BadParameter(f"{value!r} is not API=URL, as in drip=http://127.0.0.1:9000/hook")
        pairs.append((api, url))
        _read(url, is_url=True)
    return tuple(pairs)


def addresses_of(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses that webhooks may go to; a usage error for what is none, or that no webhook ever goes to."""
    for value in values:
        _read(value, is_url=False)
    return values


def webhook_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where webhooks go, and where they may go."""
    going = click.option(
        "--webhook",
        "webhooks",
        envvar="MOCKTILL_WEBHOOK",
        metavar="API=URL",
        callback=targets_of,
        multiple=True,
        help="Send the webhooks of an API to this URL, from every sandbox; may be given several times "
        "(in the variable: by spaces).",
    )
    allowing = click.option(
        "--allow-webhook",
        "allow_webhooks",
        envvar="MOCKTILL_ALLOW_WEBHOOK",
        metavar="HOST[:PORT]",
        callback=addresses_of,
        multiple=True,
        help="Address that control calls may send webhooks to; without one there are none. May be given several times "
        "(in the variable: by spaces).",
    )
    return going(allowing(command))


def deliver(sandboxes: Sandboxes, targets: Targets, addresses: Collection[str], answering: ExitStack) -> None:
    """Let a courier bring the webhooks of these sandboxes, as long as they are served; nothing where none may go."""
    if not targets and not addresses:
        return
    from mocktill.doors.webhooks.addresses import listed_for, read_listed
    from mocktill.doors.webhooks.courier import Courier

    listed = [*map(read_listed, addresses), *(listed_for(url) for _, url in targets)]
    sandboxes.deliver_by(answering.enter_context(Courier(listed)))


def _read(written: str, *, is_url: bool) -> Any:
    from mocktill.doors.webhooks.addresses import Refused, listed_for, read_listed

    try:
        return listed_for(written) if is_url else read_listed(written)
    except Refused as error:
        raise click.BadParameter(str(error)) from None
