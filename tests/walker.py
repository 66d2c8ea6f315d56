"""Somebody who follows every link in the answers of an API, however the sandbox is reached."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

import orjson
import zxingcpp
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mocktill.core import sample
from mocktill.core.api import JSON, Api, Operation
from mocktill.core.catalogue import Catalogue
from mocktill.core.sample import pick
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests.conftest import NOW
from tests.images import read_gif, read_png

DOCUMENTED = {
    # what the vendors' pages have literally: who they are, and values of their samples that the factory state has
    "https://developers.kajabi.com",
    "https://jsonapi.org/format/",
    "https://www.getdrip.com/docs/rest-api",
    "http://www.getdrip.com",
    "http://myorders.com/orders/123456",
}
"""The links that are constants of the documents."""
SENT = {"https://www.example.com/brushes"}
"""What stands in the factory state for what a client sent: where a buyer came from."""
URL = re.compile(r"https?://[^\s\"'<>]+")
TEMPLATE = re.compile(r"{(\w+)\.(\w+)}")


@dataclass(frozen=True)
class Way:
    """A way to reach an API: the root of the server as its client sees it, and the path of the API below."""

    name: str
    server: str
    below: Callable[[Api], str]
    only: bool = False
    host: Callable[[Api], str] = lambda api: ""

    def root(self, api: Api) -> str:
        """Return the root of an API as a client sees it."""
        return (f"https://{self.host(api)}" if self.host(api) else self.server) + self.below(api)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """What the body is."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def json(self) -> JSON:
        """The value of the body; None for what is no JSON."""
        return orjson.loads(self.body) if self.media_type.endswith("json") and self.body else None


@dataclass
class Walker:
    """Somebody who follows each link of an API's answers, once."""

    catalogue: Catalogue
    api: Api
    way: Way
    seen: dict[str, Answer] = field(default_factory=dict)
    followed: int = 0

    def __post_init__(self) -> None:
        self.sandboxes = Sandboxes(self.catalogue, Setup(now=NOW))
        self.app = create_app(self.sandboxes, only=self.api.name if self.way.only else None)
        self.root = self.way.root(self.api)
        self.shown = sample.show(self.api, self.api.credential)

    @property
    def box(self) -> Sandbox:
        """The sandbox that is asked."""
        return self.sandboxes.get("my-box") if "~my-box" in self.root else self.sandboxes.default

    def restart(self) -> None:
        """Begin anew, in the factory state."""
        self.box.reset()
        self.seen.clear()

    def open(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request as the client's network would: a proxy takes its prefix off and says what it was."""
        parts = urlsplit(url)
        script = urlsplit(self.way.server).path
        assert parts.path.startswith(script)
        told = Headers({"User-Agent": "walker", **(headers or {})})
        builder = EnvironBuilder(method=method, base_url=f"{parts.scheme}://{parts.netloc}/", headers=told, data=body)
        path = unquote_to_bytes(parts.path[len(script) :]).decode("latin-1")
        environ = {**builder.get_environ(), "SCRIPT_NAME": script, "PATH_INFO": path, "QUERY_STRING": parts.query}
        chunks, status, got = run_wsgi_app(self.app, environ, buffered=True)
        return Answer(int(status[:3]), dict(got), b"".join(chunks))

    def request(self, method: str, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Send a request with the API's credential."""
        words = urlencode({**(query or {}), **self.shown.query})
        return self.open(method, f"{self.root}{quote(path)}?{words}", self.shown.headers)

    def ask(self, method: str, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Send a request, and follow what its answer links to."""
        answer = self.request(method, path, query)
        self.follow_all(answer)
        return answer

    def perform(self, operation: Operation) -> JSON:
        """Ask an operation by its sample, after what has to come first, and follow what its answers link to."""
        good, found = operation.sample, {}
        if good.after:
            first = self.perform(self.api.operation(good.after))
            found = {name: pick(first, pointer) for name, pointer in good.taken.items()}
        sent = sample.request(self.api, operation, good, self.root, found)
        answer = self.open(sent.method, sample.url(sent), sent.headers, sent.body)
        assert answer.status == operation.status, (operation.name, answer.body)
        self.follow_all(answer)
        return answer.json

    def follow_all(self, answer: Answer) -> None:
        """Follow every link in the body and the headers of an answer."""
        for url in links_of(answer):
            self.follow(url)
        for coupon in objects(answer.json, "qr_code_url"):
            said = coupon["redemption_code"] or coupon["qr_code"]
            assert decoded(self.follow(coupon["qr_code_url"]).body) == said

    def follow(self, url: str) -> Answer:
        """Follow a link: it is on the host that was asked, and is answered with 200 and what it promises."""
        if url in self.seen:
            return self.seen[url]
        self.followed += 1
        assert url.startswith(f"{self.root}/"), f"{url} leads away from {self.root}"
        answer = self.open("GET", url)
        if answer.json is not None:  # an operation's, which asks who it is
            answer = self.open("GET", url, self.shown.headers)
        assert answer.status == 200, (url, answer.status, answer.body[:200])
        self.seen[url] = answer
        check_media(answer)
        for found in Sources(answer).found:
            assert inline(found).media_type.startswith("image/")
        self.follow_all(answer)
        return answer


def inline(source: str) -> Answer:
    """Return the image that an address holds: one on a server would depend on how the page was reached."""
    media_type, mark, content = source.removeprefix("data:").partition(";base64,")
    assert source.startswith("data:")
    assert mark
    found = Answer(200, {"Content-Type": media_type}, b64decode(content, validate=True))
    check_media(found)
    return found


class Sources(HTMLParser):
    """The addresses of the images of a page."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.found: list[str] = []
        if answer.media_type == "text/html":
            self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an image, which has to have a text for who does not see it."""
        if tag == "img":
            assert "alt" in dict(attrs)
            self.found.append(dict(attrs)["src"] or "")


def check_media(answer: Answer) -> None:
    """See that a body is what it is said to be."""
    match answer.media_type:
        case "image/gif":
            assert read_gif(answer.body).width == 300
        case "image/png":
            assert read_png(answer.body).width > 100
        case "text/html":
            assert answer.body.startswith(b"<!doctype html>")
        case _:
            assert answer.json is not None, answer.headers


@lru_cache
def decoded(png: bytes) -> str:
    """Return what a decoder reads in the image of a QR code."""
    image = read_png(png)
    [code] = zxingcpp.read_barcodes(memoryview(image.pixels).cast("B", (image.height, image.width)))
    return str(code.text)


def texts(value: JSON) -> Iterator[str]:
    """Yield every text in a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for part in value.values() for text in texts(part))
        case list():
            yield from (text for part in value for text in texts(part))


def objects(value: JSON, name: str) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value that has a property of this name."""
    if isinstance(value, dict):
        if name in value:
            yield value
        yield from (one for part in value.values() for one in objects(part, name))
    elif isinstance(value, list):
        yield from (one for part in value for one in objects(part, name))


def expanded(url: str, body: JSON) -> list[str]:
    """Return the addresses that a template has for the objects beside it; one that is none stays."""
    name = TEMPLATE.search(url)
    if name is None:
        return [url]
    values = [one["links"][name[2]] for one in body[name[1]]]
    return [TEMPLATE.sub(quote(value, safe=""), url) for value in values]


def links_of(answer: Answer) -> list[str]:
    """Return the links of an answer, each once; without those of the documents and of clients."""
    body = answer.json
    said = [*texts(body), *answer.headers.values()]
    assert not [text for text in said if text.startswith("/")], "a path alone leads nowhere"
    found = dict.fromkeys(url for text in said for url in URL.findall(text) if url not in DOCUMENTED | SENT)
    return [one for url in found for one in expanded(url, body)]
