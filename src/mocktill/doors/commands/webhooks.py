"""The command `mocktill webhooks`: what a sandbox tells, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mocktill.doors.commands.terminal import Group, Server, columns, moment, steering


@click.group(cls=Group, usual="list")
def webhooks() -> None:
    """List webhooks, or say where they go.

    They go nowhere until you say where, and only to addresses that the server was started with.
    """


@webhooks.command("list")
@click.option("--api", metavar="API", help="Only this API's.")
@steering
def list_webhooks(server: Server, api: str | None) -> None:
    """List where webhooks go and may go, and what came of each."""
    told = server.get("webhooks")
    if api is not None:
        if api not in told["apis"]:
            raise LookupError(f"there is no API with webhooks {api!r}; there are {', '.join(told['apis'])}")
        told |= {part: [each for each in told[part] if each["api"] == api] for part in ("targets", "deliveries")}
    server.tell(told, lines)


def lines(told: Any) -> Iterator[str]:
    """Yield where webhooks go and may go, and a line for each that was told."""
    yield f"allowed: {', '.join(told['allowed']) or 'nothing, so webhooks are off'}"
    signed = {True: "signed with your secret", False: ""}
    yield from columns((target["api"], target["url"], signed[target["secret"]]) for target in told["targets"]) or [
        "they go nowhere"
    ]
    yield from columns(
        (
            f"{moment(each['created_at'])}",
            each["api"],
            each["event"],
            each["key"],
            f"{each['state']} after {each['attempts']}" if each["attempts"] else each["state"],
            each["last"],
        )
        for each in told["deliveries"]
    )


@webhooks.command("set")
@click.argument("api")
@click.argument("target", metavar="URL")
@click.option("--secret", metavar="SECRET", help="Sign with this secret, not with the documented one.")
@steering
def set_webhook(server: Server, api: str, target: str, secret: str | None) -> None:
    """Send the webhooks of API to URL, those that wait included."""
    given = {"url": target} if secret is None else {"url": target, "secret": secret}
    server.tell(
        server.call("PUT", "webhooks", api, body=given),
        lambda told: [f"webhooks of {told['api']} go to {told['url']}"],
    )


@webhooks.command("unset")
@click.argument("api")
@steering
def unset_webhook(server: Server, api: str) -> None:
    """Send the webhooks of API nowhere any more, and give up what waits."""
    server.call("DELETE", "webhooks", api)
    server.tell({"unset": api}, lambda _: [f"webhooks of {api} go nowhere"])
