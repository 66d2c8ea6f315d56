"""Connections on which nothing happens are closed, however little their clients have said, or read.

granian sees to those that dawdle within their headers or say nothing between two requests. It does not see to one that
never says enough to tell whether it speaks HTTP/1, HTTP/2 or TLS, nor to one whose client does not read its answer.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from mocktill.doors.serving.sever import Peer, connections, end_all

IDLE_SECONDS = 60.0
"""For how long nothing has to have come or gone on a connection without a request under way until it is closed."""
SWEEP_SECONDS = 10.0
"""How often connections are looked at."""
_INFO = struct.Struct("=8x36xI4xI")
"""In Linux' `struct tcp_info`: how many milliseconds ago data was sent, and came."""


async def sweep_on(port: int, busy: Callable[[], set[Peer]]) -> None:
    """Close idle connections to a port of ours, for ever; `busy` tells the clients whose requests are under way.

    A connection is closed when it was idle at two looks: at the first its answer may just be on its way.
    """
    loop = asyncio.get_running_loop()
    suspects: set[Peer] = set()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        found = await loop.run_in_executor(None, idle_at, port) - busy()
        if ended := found & suspects:
            await loop.run_in_executor(None, end_all, ended, port)
        suspects = found - ended


def idle_at(port: int) -> set[Peer]:
    """Return whose connections to a port of ours are idle; nobody's where the operating system does not tell."""
    return {peer for peer, shared in connections(port) if quiet_seconds(shared) > IDLE_SECONDS}


def quiet_seconds(shared: socket.socket) -> float:
    """Return for how long nothing has come or gone on a connection; 0 where the operating system does not tell."""
    with suppress(AttributeError, OSError, struct.error):
        sent, came = _INFO.unpack(shared.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
        return float(min(sent, came)) / 1000
    return 0
