"""Breaks off a connection for good, as a network would: granian has no call for that, so it is done to the socket."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

FOLDERS = ("/proc/self/fd", "/dev/fd")
"""Where an operating system lists what a process has open."""

Peer = tuple[str, int]
"""Address and port of a client."""


def sever(client: str, server: str) -> bool:
    """Close the connection of a client to a server, each named by its address and port; False where there is none.

    A client may have the same port at two servers of one process: the server's port tells which connection it is.
    """
    peer, (_, port) = named(client), named(server)
    return any(one == peer and _end(shared) for one, shared in connections(port))


def end_all(peers: set[Peer], port: int) -> None:
    """Close the connections of these clients to this port of ours."""
    for peer, shared in connections(port):
        if peer in peers:
            _end(shared)


def connections(port: int) -> Iterator[tuple[Peer, socket.socket]]:
    """Yield each connection to a port of this process, with its client: a copy, which is closed afterwards."""
    for number in _open_files():
        with suppress(OSError):  # it has gone meanwhile, or never got that far
            if stat.S_ISSOCK(os.fstat(number).st_mode):  # a copy of anything else would stay open
                with socket.socket(fileno=os.dup(number)) as shared:
                    if shared.type == socket.SOCK_STREAM and _port(shared.getsockname()) == port:
                        yield _peer(shared.getpeername()), shared


def named(address: str) -> Peer:
    """Return an address and a port that are written as one, `127.0.0.1:80` or `[::1]:80`."""
    host, _, port = address.rpartition(":")
    return _peer((host.strip("[]"), int(port) if port.isdigit() else 0))


def _peer(address: Any) -> Peer:
    return address[0].partition("%")[0], address[1]  # an interface has a name here and a number there


def _port(address: Any) -> int | None:
    return address[1] if isinstance(address, tuple) else None


def _end(shared: socket.socket) -> bool:
    """End a connection: whoever else has it open sees the end as well."""
    with suppress(OSError):
        shared.shutdown(socket.SHUT_RDWR)
        return True
    return False


def _open_files() -> Iterator[int]:
    for folder in FOLDERS:
        with suppress(OSError):
            yield from (int(name) for name in os.listdir(folder) if name.isdigit())
            return
