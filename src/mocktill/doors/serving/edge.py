"""The server's edge: calls the WSGI app inline, and sends the answer, or does to it what a fault says.

A body that dawdles waits here, without a thread and without the sandbox's lock, and holds nobody else up; so does an
answer that a fault delays. Control calls, which may be heavy, run in threads of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mocktill.core.app import (
    BODY_LIMIT,
    BUSY,
    CONTROL,
    EFFECT,
    ENTRY,
    HASTY,
    PATIENT,
    POSTPONED,
    PROBES,
    STRIKE,
    UNMADE,
    UPLOAD_LIMIT,
    WAIT,
    WAITED,
)
from mocktill.core.clock import steady_seconds
from mocktill.core.entry import Entry
from mocktill.core.journal import Journal
from mocktill.core.turn import WHOLE, Effect
from mocktill.doors.calling import Answer, call, give_up, rewind
from mocktill.doors.environ import UNREAD, drain, environ_of, may_have_body, read
from mocktill.doors.serving.requestid import HEADER, RequestIds
from mocktill.doors.serving.sever import Peer, named, sever

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOST_CONTROLLERS = 64
"""How many control calls run at a time: each may have to wait for its sandbox."""
BATCH_SECONDS = 0.02
"""How long whoever waits for news is left alone once there is some."""
FLUSH_SECONDS = 0.1
"""How long the part of a cut body has to get on its way."""
GOING_SECONDS = 1.0
"""How long it may take until it is noticed that a client has gone whose connection is not to be found."""
FOR_EVER = 1e9
"""For how many seconds whoever waits for a sandbox that is gone has waited enough."""
PATIENCE_SECONDS = 0.001
LONGEST_PATIENCE_SECONDS = 0.02
"""How long a request leaves a sandbox alone that is busy, to begin with and at the most."""
Seen = Callable[[str, str, int, "Entry | None", str, float], None]
"""What is told of each answer: method, path, status, entry, the request's id, and in how many seconds it was made.

What a fault delays it for is no part of that.
"""
log = logging.getLogger("mocktill")


class Edge:
    """An RSGI application around a WSGI one. `seen` is told of each answer, which has the id of its request.

    What a fault does to a connection is done here: waiting holds no thread, and nobody else up. `may_upload` says
    whether whoever sends these headers may send a large body; otherwise none is read.
    """

    def __init__(
        self,
        app: WSGIApplication,
        seen: Seen,
        may_upload: Callable[[dict[str, Any]], bool] = lambda environ: False,
    ) -> None:
        self._app = app
        self._seen = seen
        self._ids = RequestIds()
        self._may_upload = may_upload
        self._under_way: set[Any] = set()
        self._controllers = ThreadPoolExecutor(MOST_CONTROLLERS, "mocktill-control")

    def close(self) -> None:
        """Let no more control calls begin; those that run are not waited for."""
        self._controllers.shutdown(wait=False, cancel_futures=True)

    def busy(self) -> set[Peer]:
        """Return the clients whose requests are under way."""
        return {named(scope.client) for scope in self._under_way}

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        self._under_way.add(scope)
        try:
            await self._respond(scope, protocol)
        finally:
            self._under_way.discard(scope)

    async def _respond(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(None)
            return
        begun = steady_seconds()
        environ = environ_of(scope)
        path = environ["PATH_INFO"]
        if may_have_body(scope, environ):
            large = environ["REQUEST_METHOD"] == "PUT" and CONTROL in path and self._may_upload(environ)
            await read(protocol, environ, UPLOAD_LIMIT if large else BODY_LIMIT)
        if CONTROL in path:
            answered = await self._control(environ, path, protocol)
        else:
            environ[HASTY] = True
            answered = call(self._app, environ)
            if BUSY in environ or UNMADE in environ:
                answered = await self._ask_again(environ, path)
            if POSTPONED in environ:
                postponed = environ[STRIKE] = environ.pop(POSTPONED)
                reached = steady_seconds()
                if not await _is_there(protocol, postponed.seconds):
                    give_up(postponed, scope.method, path)
                    return
                begun += steady_seconds() - reached
                answered = await self._ask_again(environ, path)
        effect = environ.pop(EFFECT, None)
        status, headers, body = answered
        head = environ["REQUEST_METHOD"] == "HEAD"
        request_id = self._ids.of(environ)
        headers.append((HEADER, request_id))
        self._seen(scope.method, scope.path, status, environ.get(ENTRY), request_id, steady_seconds() - begun)
        if effect is not None and not await misbehave(effect, scope, protocol, status, headers, b"" if head else body):
            return
        if head or not body:
            protocol.response_empty(status, headers)
        else:
            protocol.response_bytes(status, headers, body)
        if UNREAD in environ:
            await drain(protocol)

    async def _ask_again(self, environ: dict[str, Any], path: str) -> Answer:
        """Ask a vendor again; where somebody holds the sandbox's lock, a little later, and again.

        Whoever waits for a sandbox takes no thread. One that has to be made first is made in a thread.
        """
        patience = PATIENCE_SECONDS
        while True:
            if environ.pop(UNMADE, None):
                del environ[HASTY]
                return await self._aside(environ, path)
            if environ.pop(BUSY, None):
                await asyncio.sleep(patience)
                patience = min(2 * patience, LONGEST_PATIENCE_SECONDS)
            rewind(environ, path)
            answered = call(self._app, environ)
            if BUSY not in environ and UNMADE not in environ:
                return answered

    async def _control(self, environ: dict[str, Any], path: str, protocol: Any) -> Answer:
        """Ask the control API, aside; what waits for news of a journal waits here, without a thread."""
        if path.endswith(PROBES):  # whoever asks whether the server lives is not to wait for anything
            return call(self._app, environ)
        environ[PATIENT] = True
        answered = await self._aside(environ, path)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        watched: Journal | None = None
        stop, news = _nothing, asyncio.Event()
        try:
            while (wait := environ.pop(WAIT, None)) is not None:
                journal, left = wait
                gone = watched is not None and watched.closed
                if journal is not watched:  # the first time, and where a sandbox of this name was made anew
                    stop()
                    stop, watched = journal.watch(lambda: _tell(loop, news)), journal
                elif not await _is_there(protocol, left, news.wait()):
                    return answered  # nobody is there to be told
                else:
                    await asyncio.sleep(BATCH_SECONDS)  # more may come at once, and is looked at together
                news.clear()
                environ[WAITED] = FOR_EVER if gone or journal.closed else loop.time() - begun
                answered = await self._aside(environ, path)
        finally:
            stop()
        return answered

    async def _aside(self, environ: dict[str, Any], path: str) -> Answer:
        rewind(environ, path)
        return await asyncio.get_running_loop().run_in_executor(self._controllers, call, self._app, environ)


async def misbehave(
    effect: Effect, scope: Any, protocol: Any, status: int, headers: list[tuple[str, str]], body: bytes
) -> bool:
    """Do to a connection what a fault says; return whether the whole answer is still to be sent."""
    if effect.delay_seconds and not await _is_there(protocol, effect.delay_seconds):
        return False  # somebody else may have the client's port by now
    if effect.connection == "never":
        await protocol.client_disconnect()
    elif effect.connection == "cut" and len(body) > 1:
        stream = protocol.response_stream(status, headers)  # with the length of the whole in its headers
        await stream.send_bytes(body[: len(body) // 2])
        await asyncio.sleep(FLUSH_SECONDS)  # a body that ends early ends the connection, with what is not on its way
        if scope.http_version[:1] == "2":  # there it would end the answer, and as if it were the whole
            await _sever(scope)
    elif effect.connection != WHOLE and not await _sever(scope) and await _is_there(protocol, GOING_SECONDS):
        log.error("the connection to %s is not to be found: it is left without an answer", scope.client)
        await protocol.client_disconnect()
    return effect.connection == WHOLE


async def _sever(scope: Any) -> bool:
    """End a request's connection; looking for it among many takes a while, and is done aside."""
    return await asyncio.get_running_loop().run_in_executor(None, sever, scope.client, scope.server)


async def _is_there(protocol: Any, seconds: float, sooner: Coroutine[Any, Any, Any] | None = None) -> bool:
    """Wait that long, or until `sooner` is over; return at once, with False, when the client has gone."""
    gone = asyncio.ensure_future(protocol.client_disconnect())
    waiting = {gone, *([] if sooner is None else [asyncio.ensure_future(sooner)])}
    until = steady_seconds() + seconds
    try:
        done, _ = await asyncio.wait(waiting, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
        while not done and (left := until - steady_seconds()) > 0:  # a loop that is busy reckons from its last look
            done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return gone not in done


def _nothing() -> None:
    """Do nothing."""


def _tell(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop is over: nobody waits any more
        loop.call_soon_threadsafe(news.set)
