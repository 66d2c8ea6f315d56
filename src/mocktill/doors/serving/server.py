"""The server door: granian in this process, on a socket that we bind ourselves.

granian would bind with SO_REUSEPORT, where a second server on the same port starts silently and gets half of the
requests. Bound here, without it, a second one fails, and port 0 can be read back.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar

from granian._granian import SocketHolder
from granian.constants import Interfaces, SSLProtocols
from granian.server.embed import Server as Embedded

from mocktill.doors.app import GUARD
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.logs.logline import printable
from mocktill.doors.serving.edge import Edge
from mocktill.doors.serving.idle import sweep_on
from mocktill.doors.serving.limits import http1, http2, most_connections, raise_open_files
from mocktill.doors.serving.observing import observer
from mocktill.doors.serving.signals import ending_signals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mocktill.doors.serving.tls import Certificates

T = TypeVar("T")

BACKLOG = 1024
ASIDE = 4
"""How many threads look for connections to close, at the most."""
GRACE_SECONDS = 1
"""How long the end waits for requests that are under way."""
SPARE = 16
"""How many open files are kept for the end, which has to write the state, however many connections there are."""
SETTLING_CHECKS = 50
SETTLING_SECONDS = 0.005


class CannotListen(Exception):
    """The address cannot be listened on: says which and why, in one line."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise `CannotListen` for an address that is taken or not ours."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as failing:
            listening = failing.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(BACKLOG)
            listening.setblocking(False)
            failing.pop_all()
            return listening
    except (OSError, OverflowError, UnicodeError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "another program listens there" if taken else getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"cannot listen on {printable(host)}:{port}: {reason}") from None


def url_of(listening: socket.socket, *, secure: bool = False) -> str:
    """Return the URL of a listening socket, as it was bound."""
    host, port = listening.getsockname()[:2]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine reaches a listening socket."""
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


class Server:
    """A server of one WSGI app on one socket; `serve` runs it until `stop`, which any thread may call."""

    def __init__(
        self, app: WSGIApplication, listening: socket.socket, log: RequestLog, tls: Certificates | None = None
    ) -> None:
        self._listening = listening
        self._port: int = listening.getsockname()[1]
        self._log = log
        self._tls = tls
        self._edge = Edge(app, observer(app, log), may_upload(app))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._embedded: _Embedded | None = None
        self.logged = True

    async def serve(self, ready: Callable[[], None] = lambda: None, *, signals: bool = False) -> None:
        """Serve until `stop`, or SIGINT or SIGTERM where `signals`; call `ready` as soon as requests are answered."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(ASIDE, "mocktill-aside"))
        self._embedded = _Embedded(self._edge, self._listening, self._tls)
        if signals:
            for number in ending_signals():
                self._loop.add_signal_handler(number, self._embedded.stop)
        self._loop.call_soon(self._loop.call_soon, ready)  # one round later: granian's worker has begun by then
        sweeping = self._loop.create_task(sweep_on(self._port, self._edge.busy))
        with self._listening.dup() as listening:
            await self._embedded.serve()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # where it ran out of files, whoever waits would take each new one
        sweeping.cancel()
        self._edge.close()
        self.logged = self._log.close()

    def stop(self) -> None:
        """End `serve`, from any thread."""
        if self._loop is not None and self._embedded is not None:
            self._loop.call_soon_threadsafe(self._embedded.stop)


def may_upload(app: WSGIApplication) -> Callable[[dict[str, Any]], bool]:
    """Return what decides whether somebody may send a large body: the guard of an app that has one, else nobody may."""
    guard = getattr(app, "extensions", {}).get(GUARD)
    return lambda environ: guard is not None and guard.check(environ) is None


class _Embedded(Embedded):
    def __init__(self, target: Edge, listening: socket.socket, tls: Certificates | None) -> None:
        super().__init__(
            target,
            ssl_cert=tls.chain if tls else None,
            ssl_key=tls.key if tls else None,
            ssl_protocol_min=SSLProtocols.tls12,  # a client that is tested may be an old one
            interface=Interfaces.RSGI,
            websockets=False,
            log_enabled=False,
            backlog=BACKLOG,
            backpressure=most_connections(),  # or nobody is answered beyond the backlog
            http1_settings=http1(),
            http2_settings=http2(),
        )
        self._listening = listening

    async def _stop_workers(self) -> None:
        """Wait for requests that are under way, and no longer than that for a client that says no more."""
        workers: list[Any] = self.wrks
        for worker in workers:
            worker.terminate()
        await asyncio.wait([worker._task for worker in workers], timeout=GRACE_SECONDS)
        self.wrks.clear()

    def _init_shared_socket(self) -> None:
        descriptor = self._listening.detach()  # granian owns it from here, and closes it
        holder: Any = SocketHolder
        self.__dict__.update(_ssp=None, _sfd=descriptor, _shd=holder(descriptor, False, BACKLOG))


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in an event loop: uvloop's where there is one, which takes a tenth off a request."""
    try:
        from uvloop import new_event_loop
    except ImportError:  # there is none for Windows, nor for PyPy
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def native_threads() -> frozenset[str]:
    """Return the threads of this process, those that Python does not know included; nothing where it cannot be told."""
    try:
        return frozenset(os.listdir("/proc/self/task"))
    except OSError:
        return frozenset()


def foreign_threads() -> frozenset[str]:
    """Return the threads of this process that Python does not know."""
    return native_threads() - {str(thread.native_id) for thread in threading.enumerate()}


def run(
    app: WSGIApplication,
    listening: socket.socket,
    ready: Callable[[], None],
    ended: Callable[[], int] = lambda: 0,
    *,
    log: RequestLog,
    tls: Certificates | None = None,
) -> int:
    """Serve in this thread until a signal; then, as nothing is answered any more, call `ended` for the exit code."""
    raise_open_files()
    gc.freeze()  # what was loaded stays: no collection has to walk it again
    gc.enable()
    gc.set_threshold(20_000, 20, 100)  # a request leaves next to no cycles, and the rows and the journal only grow
    return run_loop(_run(Server(app, listening, log, tls), ready, ended))


async def _run(server: Server, ready: Callable[[], None], ended: Callable[[], int]) -> int:
    """Serve, then wait for granian's own threads: one that outlived the interpreter would end it with a panic."""
    before = native_threads()
    spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(SPARE)]
    await server.serve(ready, signals=True)
    for number in spare:
        os.close(number)
    code = ended()
    for _ in range(SETTLING_CHECKS):
        await asyncio.sleep(SETTLING_SECONDS)
        if native_threads() <= before and server.logged:
            return code
    os._exit(code)  # a thread still waits for a client, or for whoever reads the log: it must not see the end


class ServerThread:
    """A server in a thread of its own: `with ServerThread(app) as url: …`."""

    def __init__(
        self,
        app: WSGIApplication,
        log: RequestLog,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: Certificates | None = None,
    ) -> None:
        self._listening = bind(host, port)
        self._server = Server(app, self._listening, log, tls)
        self._secure = tls is not None
        self._before: frozenset[str] = frozenset()
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mocktill", daemon=True)

    def __enter__(self) -> str:
        url = url_of(self._listening, secure=self._secure)
        self._before = foreign_threads()
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed
        return url

    def __exit__(self, *error: object) -> None:
        self._server.stop()
        self._thread.join()
        for _ in range(SETTLING_CHECKS):  # as in `_run`: the interpreter may end next
            if foreign_threads() <= self._before:
                return
            threading.Event().wait(SETTLING_SECONDS)

    def _run(self) -> None:
        try:
            run_loop(self._server.serve(self._ready.set))
        except BaseException as error:
            self._failed = error  # for whoever waits for it to be ready
        finally:
            self._ready.set()
