"""Breaks off a connection for good, as a network would: granian has no call for that, so it is done to the socket."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress

FOLDERS = ("/proc/self/fd", "/dev/fd")
"""Where an operating system lists what a process has open."""


def sever(client: str) -> bool:
    """Close the connection to a client, named by its address and port; False where it is not to be found."""
    host, _, port = client.rpartition(":")
    peer = (host.strip("[]"), int(port)) if port.isdigit() else None
    return any(_is_socket(number) and _end(number, peer) for number in _open_files())


def _end(number: int, peer: tuple[str, int] | None) -> bool:
    """End the connection that is open under this number, if it is the one to this peer."""
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as shared:
        if shared.type == socket.SOCK_STREAM and shared.getpeername()[:2] == peer:
            shared.shutdown(socket.SHUT_RDWR)  # whoever else has it open sees the end as well
            return True
    return False


def _is_socket(number: int) -> bool:
    """Whether a socket is open under this number: a copy of anything else would stay open."""
    with suppress(OSError):
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    return False


def _open_files() -> Iterator[int]:
    for folder in FOLDERS:
        with suppress(OSError):
            yield from (int(name) for name in os.listdir(folder) if name.isdigit())
            return
