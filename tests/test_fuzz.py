"""Raw requests of every kind, bounded and the same each time: never a 500, a hang, a crash, or another's data."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from h2.events import ResponseReceived, StreamEnded

from tests.doors.serving.http2 import Two
from tests.doors.wire import PATIENCE, Served, Wire, ask, serving

SEED = 20_260_302
BATCHES = 20
BATCH = 100
"""How many connections there are in a batch; each says what one case of the generator does."""
AT_ONCE = 8
SILENCE_SECONDS = 0.1
"""After how long without a byte a client says that it has said everything."""
CANARY = re.compile(rb"cny-[0-9]{8}-end")
FAILED = re.compile(rb"HTTP/1\.[01] 5[0-9][0-9]")

DEEM = b'{"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 1, "email": "%s@a.test"}'
DRIP = b'{"purchases": [{"email": "%s@a.test", "amount": 100, "items": [{"name": "x", "amount": 100}]}]}'
KAJABI = b'{"data": {"type": "contacts", "attributes": {"name": "%s", "email": "%s@a.test"}}}'
CALLS: tuple[tuple[bytes, bytes, bytes | None], ...] = (
    (b"GET", b"/deem/v1/purchases/34063ec2.json?api_key=1234567", None),
    (b"POST", b"/deem/v1/purchases/reserve?api_key=1234567", DEEM),
    (b"PUT", b"/deem/v1/purchases/34063ec2/claim?api_key=1234567", b'{"user_id": "%s"}'),
    (b"GET", b"/drip/v2/9999999/subscribers/%s/purchases", None),
    (b"POST", b"/drip/v2/9999999/subscribers/%s@a.test/purchases", DRIP),
    (b"GET", b"/supertab/v1/purchases/%s", None),
    (b"POST", b"/supertab/v1/purchases", b'{"offering_id": "%s"}'),
    (b"GET", b"/kajabi/v1/purchases?filter[x]=%s", None),
    (b"POST", b"/kajabi/v1/contacts", KAJABI),
    (b"GET", b"/_mocktill/journal/count?path=%s", None),
    (b"GET", b"/_mocktill/clock", None),
    (b"PATCH", b"/_mocktill/state/deem.stock/last-one", b'{"free": 3}'),
    (b"PATCH", b"/_mocktill/choices", b'{"deem.claim_twice": "same_answer"}'),
    (b"PUT", b"/_mocktill/snapshots/%s", None),
    (b"POST", b"/_mocktill/reset", b"{}"),
    (b"GET", b"/_mocktill/%s", None),
    (b"OPTIONS", b"/deem/v1/purchases", None),
    (b"HEAD", b"/drip/v2/9999999/subscribers/%s/purchases", None),
)
TYPES = (
    b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b", b"text/plain",
    b"application/vnd.api+json", b"application/octet-stream", b"\xff\xfe", b"",
)  # fmt: skip


@dataclass
class Case:
    """What one connection says, and the canaries in it."""

    dice: random.Random
    number: int
    canaries: set[bytes] = field(default_factory=set)

    def canary(self) -> bytes:
        """Return a word that nobody else says."""
        one = b"cny-%06d%02d-end" % (self.number, len(self.canaries))
        self.canaries.add(one)
        return one

    def call(self, *fields: bytes, body: bytes | None = None) -> bytes:
        """Return a valid request of one of the APIs."""
        canary = self.canary()
        method, path, said = self.dice.choice(CALLS)
        path, said = path.replace(b"%s", canary), body or (said or b"").replace(b"%s", canary)
        head = [
            b"%s %s HTTP/1.1" % (method, path), b"Host: localhost", b"X-Request-Id: %s" % canary,
            b"Authorization: Bearer token-active", b"User-Agent: fuzz",
            b"Mocktill-Sandbox: fuzz-%d" % (self.number % 30), *fields,
        ]  # fmt: skip
        if said and not any(name.lower().startswith((b"content-length", b"transfer-encoding")) for name in fields):
            head.append(b"Content-Length: %d" % len(said))
        if said and not any(name.lower().startswith(b"content-type") for name in fields):
            head.append(b"Content-Type: application/json")
        return b"\r\n".join(head) + b"\r\n\r\n" + said


def chunked(dice: random.Random, body: bytes) -> bytes:
    """Return a body in chunks, as it should be."""
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def mutated(case: Case) -> bytes:
    """Change some bytes of a valid request: flip, delete, double, cut, or put odd ones in."""
    text, dice = bytearray(case.call()), case.dice
    kept = [match.span() for match in CANARY.finditer(bytes(text))]
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text))
        if any(start <= at < end for start, end in kept):
            continue  # a canary that is changed could be somebody else's
        odd = dice.choice([b"\0", b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\xff", b"%", b"/", b"\x7f", b"\xc3\xa9"])
        if dice.random() < 0.5:
            text[at] = dice.randrange(256)
        elif dice.random() < 0.9:
            text[at:at] = odd
            kept = [match.span() for match in CANARY.finditer(bytes(text))]
    if dice.random() < 0.2:
        del text[dice.randrange(len(text)) :]
    return bytes(text)


def broken_chunks(case: Case) -> bytes:
    """Say chunks that are none, or not all of them, or with what belongs to others."""
    dice = case.dice
    body = dice.choice([
        b"zz\r\nab\r\n0\r\n\r\n", b"-1\r\nab\r\n0\r\n\r\n", b"5\r\nab\r\n0\r\n\r\n", b"2\r\nabcd\r\n0\r\n\r\n",
        b"2;ext=1\r\nab\r\n0\r\n\r\n", b"2\nab\n0\n\n", b"ffffffffffffffffff\r\nab", b"0x2\r\nab\r\n0\r\n\r\n",
        b"2\r\nab\r\n0\r\nX-T: 1\r\n\r\n", b"2\r\nab\r\n0\r\nContent-Length: 5\r\n\r\n", b"2\r\nab", b"",
        b"2\r\nab\r\n0\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", b"2;" + b"e" * 50_000 + b"\r\nab\r\n0\r\n\r\n",
        b"1\r\na\r\n" * 2_000 + b"0\r\n\r\n", b"0\r\n\r\n", b" 2\r\nab\r\n0\r\n\r\n", b"2 \r\nab\r\n0\r\n\r\n",
        chunked(dice, DEEM), chunked(dice, DEEM) + case.call(),
    ])  # fmt: skip
    coding = dice.choice(
        [b"chunked", b"Chunked", b"gzip, chunked", b"chunked, gzip", b"xchunked", b"identity", b"\x0bchunked"]
    )
    return case.call(b"Transfer-Encoding: " + coding, body=b" ")[:-1] + body


def smuggled(case: Case) -> bytes:
    """Say where a request ends in two ways, or in none that is legal."""
    dice, inner = case.dice, case.call()
    size = b"Content-Length: %d" % len(inner)
    fields = dice.choice([
        (size, b"Transfer-Encoding: chunked"), (b"Transfer-Encoding: chunked", b"Content-Length: 4"),
        (b"Content-Length: 3", size), (size, size), (b"Content-Length: 3, 3",), (b"Content-Length: +3",),
        (b"Content-Length: 0x3",), (b"Content-Length : 3",), (b"Content-Length:\r\n 3",), (b"Content-Length: 3\0",),
        (b"Transfer-Encoding: xchunked",), (b"Transfer-Encoding:\tchunked",), (b"Transfer-Encoding : chunked",),
        (b"X-A: b\r\n Transfer-Encoding: chunked",), (b"X: y\nTransfer-Encoding: chunked",), (b"X: y\rZ: w",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), (b"Connection: Content-Length", size),
        (b"Host: other.test",), (b": nothing",), (b"no colon",), (b" : x",), (b"X\0Y: z",), (b"\xff\xfe: z",),
        (b"Expect: 100-continue", size), (b"Expect: 200-maybe",), (b"Trailer: Host", b"Transfer-Encoding: chunked"),
        (b"Content-Length: 99999999999999999999",), (b"Content-Length: -1",), (b"Content-Length:",),
    ])  # fmt: skip
    return case.call(*fields, body=dice.choice([inner, b"0\r\n\r\n" + inner, b"3\r\nabc\r\n0\r\n\r\n" + inner]))


def odd_lines(case: Case) -> bytes:
    """Begin with a line that is odd: other forms of the target, other versions, other protocols."""
    dice, canary = case.dice, case.canary()
    rest = b"\r\nHost: localhost\r\nX-Request-Id: %s\r\n" % canary
    line = dice.choice([
        b"GET http://localhost/deem/v1/purchases/%s HTTP/1.1", b"GET http://other.test/%s HTTP/1.1", b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1", b"CONNECT localhost:80 HTTP/1.1", b"CONNECT /%s HTTP/1.1", b"GET /%s", b"GET /%s\r\n",
        b"GET /%s HTTP/0.9", b"GET /%s HTTP/1.0", b"GET /%s HTTP/2.0", b"GET /%s HTTP/1.2", b"GET  /%s HTTP/1.1",
        b"get /%s HTTP/1.1", b"\r\n\r\nGET /%s HTTP/1.1", b" GET /%s HTTP/1.1", b"GET /%s\0 HTTP/1.1",
        b"GET /%%00%%ff%%zz/%s HTTP/1.1", b"GET /../../%s HTTP/1.1", b"GET ?%s HTTP/1.1", b"GET //%s HTTP/1.1",
        b"GET /~%s/deem/v1/purchases/a HTTP/1.1", b"GET /~\xff/deem HTTP/1.1", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\4\x08\0\0\0\0\0\0\0\0\0", b"\x16\3\1\2\0\1\0\1",
        b"GET #%s HTTP/1.1", b"GET /%s#x HTTP/1.1", b"GET \\%s HTTP/1.1", b"GET /[%s HTTP/1.1", b"POST /%s HTTP/1.1",
    ]).replace(b"%s", canary)  # fmt: skip
    more = dice.choice([
        b"", b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n",
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        b"Connection: keep-alive\r\n", b"Connection: close\r\n", b"Host: \xff\r\n", b"Origin: http://evil.test\r\n",
        b"Mocktill-Sandbox: \xff\r\n", b"Mocktill-Sandbox: ../../x\r\n", b"X-Request-Id: \r\n", b"Prefer: code=204\r\n",
        b"A: b\r\n" * 150, b"A: " + b"b" * 70_000 + b"\r\n", b"Cookie: " + b"c" * 30_000 + b"\r\n",
    ])  # fmt: skip
    return line + rest + more + b"\r\n"


def random_bodies(case: Case) -> bytes:
    """Send random bytes as each type of content."""
    dice = case.dice
    body = dice.choice([
        dice.randbytes(dice.randrange(1, 3_000)), b"[" * 10_000, b'{"a":' * 5_000, b"\xef\xbb\xbf{}", b'{"a": 1e999}',
        b"\xff\xfe{\0}\0", b'{"a": "\\ud800"}', b"a=%ff&a=%00&&=&" + case.canary(), b"--b\r\n\r\n\r\n--b--", b"null",
        b'{"email": "%s", "email": 1}' % case.canary(), b"9" * 5_000, b" ", b"\0" * 100, b'"' + b"a" * 60_000 + b'"',
    ])  # fmt: skip
    return case.call(b"Content-Type: " + dice.choice(TYPES), body=body)


def pipelined(case: Case) -> bytes:
    """Say several things before anything is answered, the last of which may be any."""
    said = [case.call() for _ in range(case.dice.randint(2, 8))]
    return b"".join(said) + case.dice.choice(KINDS)(case)


KINDS: tuple[Callable[[Case], bytes], ...] = (mutated, broken_chunks, smuggled, odd_lines, random_bodies, Case.call)


def cases(batch: int) -> Iterator[tuple[Case, bytes]]:
    """Make the cases of a batch: the same ones each time."""
    dice = random.Random(SEED + batch)
    for number in range(BATCH):
        case = Case(dice, batch * BATCH + number)
        text = dice.choice((*KINDS, pipelined, pipelined))(case)
        yield case, text if dice.random() < 0.9 else text[: dice.randrange(len(text))]


def hear_all(wire: Wire) -> bytes:
    """Return everything that comes until the end, which whoever has nothing more to say brings about."""
    heard, said_all = b"", False
    wire.socket.settimeout(SILENCE_SECONDS)
    with suppress(ConnectionError):
        while True:
            try:
                data = wire.socket.recv(65_536)
            except TimeoutError:
                assert not said_all, "it hangs"
                said_all = True
                wire.socket.shutdown(1)
                wire.socket.settimeout(PATIENCE)
                continue
            if not data:
                break
            heard += data
    return heard


def say(url: str, case: Case, text: bytes) -> bytes:
    """Say what a case says; return what was heard, which holds nothing of anybody else."""
    with Wire(url) as wire:
        with suppress(ConnectionError):
            if case.number % 7 == 0:  # in two parts, wherever that is
                half = case.number % len(text) if text else 0
                wire.say(text[:half])
                text = text[half:]
            wire.say(text)
        if case.number % 20 == 0:
            return b""  # goes away without a look at the answer
        heard = hear_all(wire)
    assert FAILED.search(heard) is None, (text[:500], heard[-800:])
    return heard


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server as a process of its own."""
    with serving(tmp_path_factory.mktemp("fuzz")) as served:
        yield served
        assert served.stop() == 0


def assert_well(served: Served, number: int) -> None:
    """The server runs, has not complained, and answers a plain request, which is the only one in its journal."""
    assert served.process.poll() is None
    assert not re.search("Traceback|panicked|defect", served.err + served.out), served.err[-2_000:]
    box = f"Mocktill-Sandbox: plain-{number}\n"
    for _ in range(3):
        head = f"GET /deem/v1/purchases/34063ec2?api_key=1 HTTP/1.1\nHost: localhost\n{box}X-Request-Id: plain\n\n"
        reply = ask(served.url, head)
        assert (reply.status, reply.json["purchase"]["id"]) == (200, "34063ec2")
        assert reply.headers["mocktill-request-id"] == "plain"
    counted = ask(served.url, f"GET /_mocktill/journal/count HTTP/1.1\nHost: localhost\n{box}\n").json
    assert counted["count"] == 3


@pytest.mark.parametrize("batch", range(BATCHES))
def test_raw_requests(served: Served, batch: int) -> None:
    """Whatever is said, on many connections at a time, the answers are each client's own, and the server is well."""
    made = list(cases(batch))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        heard = list(pool.map(lambda one: say(served.url, *one), made))
    for (case, text), answer in zip(made, heard, strict=True):
        assert set(CANARY.findall(answer)) <= case.canaries, text[:500]
    answered = sum(answer.startswith(b"HTTP/1.1 ") for answer in heard)
    assert answered > BATCH // 2
    assert any(CANARY.search(answer) for answer in heard)
    assert_well(served, batch)


@pytest.mark.parametrize("number", range(4))
def test_streams_of_http2(served: Served, number: int) -> None:
    """On one connection of HTTP/2 each of many requests gets its own answer, though others are cancelled."""
    dice = random.Random(SEED - number)
    with Two(served.url) as two:
        asked: dict[int, str] = {}
        for count in range(60):
            canary = f"two-{number}-{count}"
            stream = two.ask(("x-request-id", canary), ("authorization", "Bearer token-active"), ("user-agent", "fuzz"))
            if dice.random() < 0.2:
                two.http.reset_stream(stream)
                two.wire.say(two.http.data_to_send())
            else:
                asked[stream] = canary
        events = two.hear_until(StreamEnded, len(asked))
        answers = {event.stream_id: event.headers for event in events if isinstance(event, ResponseReceived)}
    for stream, canary in asked.items():
        told = {bytes(name): bytes(value) for name, value in answers[stream] or []}
        assert (told[b":status"], told[b"mocktill-request-id"]) == (b"200", canary.encode())
    assert_well(served, 1_000 + number)


@pytest.mark.parametrize("number", range(4))
def test_broken_frames(served: Served, number: int) -> None:
    """Frames of HTTP/2 whose bytes are changed end their own connection at the most."""
    dice = random.Random(SEED - 100 - number)
    for _ in range(40):
        with Two(served.url) as two:
            text = bytearray(two.http.data_to_send())
            two.http.send_headers(1, [(":method", "GET"), (":path", "/drip"), (":scheme", "http"), (":authority", "a")])
            two.http.send_data(1, dice.randbytes(50), end_stream=True)
            start = len(text)
            text += two.http.data_to_send()
            for _ in range(dice.randint(1, 5)):
                text[dice.randrange(24 if dice.random() < 0.9 else 0, len(text))] = dice.randrange(256)
            two.wire.say(bytes(text[: dice.choice([len(text), start, dice.randrange(len(text))])]))
            assert b"Traceback" not in hear_all(two.wire)
    assert_well(served, 2_000 + number)


def test_the_generator_is_the_same_each_time() -> None:
    """What is found once is found again."""
    assert [text for _, text in cases(1)] == [text for _, text in cases(1)]
