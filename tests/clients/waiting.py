"""Clients that do not wait, each in an event loop of its own: httpx and aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from io import BytesIO

import aiohttp
import httpx
from multidict import CIMultiDict
from yarl import URL

from tests.clients.plain import TRUST
from tests.clients.seen import DROPPED, TIMED_OUT, Ask, Lost, Reply, Seen, cut


class AsyncHttpx:
    """An `httpx.AsyncClient`."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(verify=TRUST)

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        return self._runner.run(self._ask(ask))

    def close(self) -> None:
        """Give the connections back, and end the loop."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _ask(self, ask: Ask) -> Seen:
        body = ask.body if isinstance(ask.body, bytes) else each(ask.body)
        try:
            async with self._client.stream(
                ask.method, ask.url, content=body or None, headers=list(ask.headers),
                timeout=ask.timeout, follow_redirects=ask.follow,
            ) as answer:  # fmt: skip
                return await self._read(answer, ask)
        except httpx.ReadTimeout:
            return Lost(TIMED_OUT)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            return Lost(DROPPED)

    async def _read(self, answer: httpx.Response, ask: Ask) -> Seen:
        headers, arrived = answer.headers.multi_items(), []
        try:
            if not ask.pieces:
                return Reply.of(answer.status_code, headers, await answer.aread())
            async for part in answer.aiter_bytes(ask.pieces):
                arrived.append(part)  # noqa: PERF401  # what came before an exception is to be kept
        except httpx.RemoteProtocolError:
            return cut(answer.status_code, headers, b"".join(arrived))
        return Reply.of(answer.status_code, headers, b"".join(arrived))


class Aiohttp:
    """An `aiohttp.ClientSession`. Of a body that is cut it may hand out nothing, although some of it arrived."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._session = self._runner.run(_session())

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        return self._runner.run(self._ask(ask))

    def close(self) -> None:
        """Give the connections back, and end the loop."""
        self._runner.run(self._session.close())
        self._runner.close()

    async def _ask(self, ask: Ask) -> Seen:
        body = BytesIO(ask.body) if isinstance(ask.body, bytes) else each(ask.body)  # aiohttp warns of large bytes
        try:
            async with self._session.request(
                ask.method, URL(ask.url, encoded=True), data=body if ask.body else None,
                headers=CIMultiDict(ask.headers), timeout=aiohttp.ClientTimeout(sock_read=ask.timeout),
                allow_redirects=ask.follow, skip_auto_headers=["Content-Type"],
            ) as answer:  # fmt: skip
                return await self._read(answer, ask)
        except aiohttp.SocketTimeoutError:
            return Lost(TIMED_OUT)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return Lost(DROPPED)

    async def _read(self, answer: aiohttp.ClientResponse, ask: Ask) -> Seen:
        headers = [(name.decode(), value.decode()) for name, value in answer.raw_headers]
        try:
            if not ask.pieces:
                return Reply.of(answer.status, headers, await answer.read())
            parts = [part async for part in answer.content.iter_chunked(ask.pieces)]
        except aiohttp.ClientPayloadError:
            return cut(answer.status, headers, b"")
        return Reply.of(answer.status, headers, b"".join(parts))


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def each(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Yield parts one after another, so that a client sends them in chunks."""
    for part in parts:
        yield part
