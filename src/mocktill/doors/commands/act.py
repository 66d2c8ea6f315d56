"""The command that lets something happen in a vendor's world without a request."""

from __future__ import annotations

import click

from mocktill.doors.commands.terminal import Server, steering


@click.command()
@click.argument("name", metavar="ACT")
@click.argument("key")
@steering
def act(server: Server, name: str, key: str) -> None:
    """Let ACT happen to the row with this KEY, as in kajabi.pay_instalment 123.

    It is what happens in a vendor's world without a request: a payment provider moves a plan on, say.
    """
    server.tell(server.call("POST", "acts", name, body={"key": key}), lambda told: [told["sentence"]])
