"""The command line: `mocktill serve`, `mocktill play`, and the commands against a running server.

Every option of `serve` and `play` is an environment variable as well, and so is what says which server is meant.
"""

from __future__ import annotations

from importlib import import_module

import click

from mocktill import __version__

COMMANDS = {
    "serve": "serve:serve",
    "play": "play:play",
    "health": "health:health",
    "reset": "steering:reset",
    "clock": "steering:clock",
    "journal": "journal:journal",
    "faults": "faults:faults",
    "state": "state:state",
    "snapshot": "state:snapshot",
    "choices": "steering:choices",
    "populate": "steering:populate",
    "act": "act:act",
    "webhooks": "webhooks:webhooks",
    "sandboxes": "steering:sandboxes",
    "scenarios": "steering:scenarios",
    "flows": "contract:flows",
    "openapi": "contract:openapi",
    "check-fixtures": "contract:check_fixtures",
}
"""Where each command is: it is imported when it is called, so that none waits for what the others need."""


class Whole(click.Group):
    """All commands; the module of one is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None for a name that is none."""
        return self.load(cmd_name) if cmd_name in COMMANDS else None

    def load(self, name: str) -> click.Command:
        """Import a command."""
        if name not in self.commands:
            module, _, attribute = COMMANDS[name].partition(":")
            self.add_command(getattr(import_module(f"mocktill.doors.commands.{module}"), attribute), name)
        return self.commands[name]

    def all(self) -> dict[str, click.Command]:
        """Import all commands."""
        return {name: self.load(name) for name in COMMANDS}


@click.group(cls=Whole, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="mocktill")
def main() -> None:
    """Mocktill: a stateful sandbox for purchase APIs."""
