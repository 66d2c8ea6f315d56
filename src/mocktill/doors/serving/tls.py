"""Certificates for the vendors' hosts, of a CA that is made at the start and thrown away at the end."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mocktill.apis import OWN_HOST
from mocktill.doors.serving.wholefile import write_whole

if TYPE_CHECKING:
    from trustme import CA

MAKER = "Mocktill"
"""Who a certificate says that it is of."""
NEAR = ("localhost", "127.0.0.1", "::1", OWN_HOST)
"""The names by which a server is reached on its own machine."""
INSTALL = "pip install 'mocktill[tls]'"


class CannotSecure(Exception):
    """There can be no certificates: says why, in one line."""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the certificate of the CA, the server's with its chain, and the server's key."""

    ca: Path
    chain: Path
    key: Path

    def forget(self) -> None:
        """Delete the server's key and its certificate, as soon as they were read: a server that is killed leaves none.

        A folder that holds nothing else goes with them.
        """
        with suppress(OSError):
            self.key.unlink()
            self.chain.unlink()
            self.key.parent.rmdir()


@contextmanager
def certificates(folder: Path | None, hosts: Iterable[str]) -> Iterator[Certificates]:
    """Make a CA, and a certificate for hosts: names, also `*.example.com`, and IP addresses; plus this machine's own.

    The CA's certificate is `ca.pem` in the folder, which is made if it is missing, or in a temporary one. Its key was
    never on a disk, and all files are gone at the end. Valid from 2000 to 2999: a clock that is wrong, or that a test
    moved, does no harm. Raises `CannotSecure` for what is no host, and where the files cannot be written.
    """
    ca, chain, key = _sign(hosts)
    with ExitStack() as closing:
        private = _private_folder(folder, closing)
        made = Certificates((folder or private).absolute() / "ca.pem", private / "chain.pem", private / "key.pem")
        with _writing(private):
            made.chain.write_bytes(chain)
            made.key.touch(mode=0o600)
            made.key.write_bytes(key)
        with _writing(made.ca.parent):
            write_whole(made.ca, ca)
        closing.callback(_take_back, made.ca, ca)
        yield made


def _sign(hosts: Iterable[str]) -> tuple[bytes, bytes, bytes]:
    """Return a CA's certificate, one that it signed, with its chain, and the key of that; the CA's own is forgotten."""
    ca = _make_ca()
    leaf = ca.issue_cert(*_names(ca, hosts), organization_name=MAKER)
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return ca.cert_pem.bytes(), chain, leaf.private_key_pem.bytes()


def _make_ca() -> CA:
    try:
        from trustme import CA
    except ImportError:
        raise CannotSecure(f"--tls needs the library trustme, which is not installed: {INSTALL}") from None
    return CA(organization_name=MAKER, path_length=0)


def _names(ca: CA, hosts: Iterable[str]) -> list[str]:
    """Return what the certificate is for, each name once; the machine's own is left out where no certificate can be."""
    given = [name for host in hosts if not _is_anywhere(name := host.rstrip("."))]
    if strange := [name for name in given if not _fits(ca, name)]:
        raise CannotSecure(f"there is no certificate for {strange[0]!r}: {_misfit(strange[0])}")
    own = [name for name in [socket.gethostname()] if _fits(ca, name)]
    return list(dict.fromkeys([*given, *NEAR, *own]))


def _is_anywhere(host: str) -> bool:
    """Whether a host stands for all addresses of a machine: it is to listen on, and nobody calls there."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _fits(ca: CA, name: str) -> bool:
    """Whether a name can be in a certificate of a host: there are certificates of networks and of people as well."""
    if "@" in name or "/" in name:
        return False
    try:
        ca.issue_cert(name)
    except ValueError:  # a UnicodeError, for a name
        return False
    return True


def _misfit(name: str) -> str:
    """Return why a name cannot be in a certificate."""
    if "_" in name:
        return "names with an underscore cannot be in one here; give what answers there a name with a hyphen"
    return "it is no host name, as in api.example.com or *.example.com, and no IP address"


def _private_folder(folder: Path | None, closing: ExitStack) -> Path:
    """Return a new folder that nobody else may look into: a temporary one, else where the CA's certificate goes."""
    if folder is not None:
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
    for parent in [None, *([folder.absolute()] if folder else [])]:
        with suppress(OSError):  # as where the root file system is read-only
            made = TemporaryDirectory(prefix="mocktill-", dir=parent, ignore_cleanup_errors=True)
            return Path(closing.enter_context(made))
    raise CannotSecure("the server's key has to be in a file, and no folder for it is writable: set TMPDIR")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotSecure(f"the certificates cannot be written to {folder}: {error.strerror}") from None


def _take_back(file: Path, content: bytes) -> None:
    """Delete a CA's certificate, unless it is another server's by now."""
    with suppress(OSError):
        if file.read_bytes() == content:
            os.unlink(file)
