"""The command that lets something happen in a vendor's world without a request."""

from __future__ import annotations

import click

from mocktill.doors.commands.terminal import Server, steering


@click.command()
@click.argument("name", metavar="ACT")
@click.argument("key")
@steering
def act(server: Server, name: str, key: str) -> None:
    """Let something happen in a vendor's world without a request.

    ACT is its name and KEY what it is about: `act kajabi.pay_instalment 123` makes the next payment of a plan.
    """
    server.tell(server.call("POST", "acts", name, body={"key": key}), lambda told: [told["sentence"]])
