"""Certificates for the vendors' hosts, of a CA that is made at the start and thrown away at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class CannotSecure(Exception):
    """There can be no certificates: says why, in one line."""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the certificate of the CA, the server's with its chain, and the server's key."""

    ca: Path
    chain: Path
    key: Path


@contextmanager
def certificates(folder: Path | None, hosts: Iterable[str]) -> Iterator[Certificates]:
    """Make a CA and a certificate for hosts."""
    yield Certificates(Path(), Path(), Path())
