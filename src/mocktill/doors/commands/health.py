"""The command `mocktill health`: whether a server on this machine answers, for a container's health check."""

from __future__ import annotations

import click


@click.command()
def health() -> None:
    """Ask whether the server of this environment is ready."""
