"""What a client may ask of the server's connections: how large, how many, and how long it may take."""

from __future__ import annotations

from contextlib import suppress

from granian.http import HTTP1Settings, HTTP2Settings

HEADER_LIMIT = 64 * 1024
"""How many bytes a request's line and headers may have, all together; over it a 431, and a 414 for the line alone."""
HEADER_SECONDS = 60.0
"""How long a client may take for its headers, and leave a connection alone between requests, before it is closed."""
MOST_STREAMS = 100
"""How many requests one HTTP/2 connection may have under way."""
MOST_CONNECTIONS = 100_000
"""How many connections may be open; the next ones wait until others have gone."""
SPARE_FILES = 128
"""How many open files are kept from connections: for the state, fixtures, and what waits to be accepted."""
PING_SECONDS = 120.0
"""How often an HTTP/2 client is asked whether it is still there: an idle connection is to be closed before that, since
the question and its answer would be something that happens on it."""
PONG_SECONDS = 30
"""How long it has for the answer."""


def http1() -> HTTP1Settings:
    """Return what granian holds HTTP/1 to."""
    return HTTP1Settings(header_read_timeout=int(HEADER_SECONDS * 1000), max_buffer_size=HEADER_LIMIT)


def http2() -> HTTP2Settings:
    """Return what granian holds HTTP/2 to."""
    return HTTP2Settings(
        max_concurrent_streams=MOST_STREAMS,
        max_headers_size=HEADER_LIMIT,
        keep_alive_interval=int(PING_SECONDS * 1000),
        keep_alive_timeout=PONG_SECONDS,
    )


def raise_open_files() -> None:
    """Let this process have as many files open as it may allow itself: each connection is one."""
    with suppress(ImportError, ValueError, OSError):  # a system without such limits, or one that says no
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def most_connections() -> int:
    """Return how many connections may be open: fewer than this process may have files, or nothing else could be opened.

    With a limit that leaves no room to spare it is half of it.
    """
    with suppress(ImportError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            return max(1, min(MOST_CONNECTIONS, max(soft - SPARE_FILES, soft // 2)))
    return MOST_CONNECTIONS
