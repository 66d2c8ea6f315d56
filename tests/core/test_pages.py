"""What links lead to beside operations: pages of an API that has some, asked as any client asks."""

from __future__ import annotations

import hashlib
import logging
import threading
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from werkzeug.test import TestResponse, create_environ

from mocktill.core.app import BUSY, ENTRY, HASTY, SANDBOX, VendorApp
from mocktill.core.catalogue import Catalogue
from mocktill.core.pages import Page, Shown, Visit, document, find_page, plain
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.world import Scene
from tests import toyvendor
from tests.conftest import NOW

SEATS = "/shows/{show}/seats"


def show_seats(visit: Visit, scene: Scene) -> Shown:
    """Say how many seats of a show are free, who asks and when, as text."""
    name = visit.args["show"]
    row = scene.table("kiosk.stock").get(name)
    if row is None:
        raise KeyError(f"there is no show {name!r}")
    return Shown(f"{row['free']} at {visit.base_url} on {scene.now():%H:%M}".encode(), "text/plain")


def fail(visit: Visit, scene: Scene) -> Shown:
    """Be a defect."""
    raise ZeroDivisionError(visit.args["rest"])


PAGES = (
    Page(SEATS, show_seats, "The seats of a show"),
    Page("/poster/{+name}", lambda visit, scene: Shown(visit.args["name"].encode(), "image/gif"), "A poster"),
    Page("/broken/{rest}", fail, "A page that fails"),
    Page("/api/tickets/{number}", fail, "Where an operation is"),
    Page("/about", lambda visit, scene: document("A & B", "<p>x</p>", "p { color: red; }"), "What it is about"),
)


class Kiosk:
    """A kiosk with pages, in a fresh sandbox."""

    def __init__(self) -> None:
        catalogue = Catalogue((replace(toyvendor.API, pages=PAGES),))
        self.box = Sandbox(catalogue, setup=Setup(now=NOW))
        self.app = VendorApp(catalogue.shelves["kiosk"])

    def __call__(self, path: str, method: str = "GET", **more: object) -> TestResponse:
        environ = {SANDBOX: self.box, **more}
        return self.app.test_client().open(path, method=method, environ_overrides=environ)


@pytest.fixture(scope="module")
def kiosk() -> Kiosk:
    """A kiosk that no test changes."""
    return Kiosk()


def test_a_page_is_read_without_a_credential(kiosk: Kiosk) -> None:
    """A page is answered as it is, with its media type, and with headers that keep a browser from guessing."""
    answer = kiosk("/shows/matinee/seats")
    free = (kiosk.box.table("kiosk.stock").get("matinee") or {})["free"]
    assert (answer.status_code, answer.text) == (200, f"{free} at http://localhost on 12:00")
    assert dict(answer.headers) == {
        "Content-Type": "text/plain",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(answer.data)),
    }


def test_a_page_is_no_matter_of_the_pipeline(kiosk: Kiosk) -> None:
    """Nothing is journalled, no fault strikes it and none is counted."""
    rule = kiosk.box.faults.add({"what": {"status": 503}})
    kept = len(kiosk.box.journal)
    assert kiosk("/shows/matinee/seats").status_code == 200
    assert (len(kiosk.box.journal), kiosk.box.faults.all()[0].calls) == (kept, 0)
    assert kiosk("/api/tickets/K-0001").status_code == 503
    kiosk.box.faults.remove(rule.id)


def test_head_is_get_without_its_body(kiosk: Kiosk) -> None:
    """HEAD has the headers of GET, the length too."""
    got, head = kiosk("/shows/matinee/seats"), kiosk("/shows/matinee/seats", "HEAD")
    assert (head.status_code, head.data, head.headers) == (200, b"", got.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_another_method_is_the_vendors(kiosk: Kiosk, method: str) -> None:
    """A page is for reading: with any other method the path is as unknown as ever."""
    assert kiosk("/shows/matinee/seats", method).data == kiosk("/nowhere", method).data


@pytest.mark.parametrize(
    "path",
    ["/shows/matinee/seats/", "/shows/a/b/seats", "/shows//seats", "//shows/matinee/seats", "/poster/", "/Shows"],
)
def test_what_is_no_page_is_the_vendors(kiosk: Kiosk, path: str) -> None:
    """A variable is one part of a path that is not empty; else the answer is the vendor's."""
    answer = kiosk(path)
    assert (answer.status_code, answer.content_type) == (404, toyvendor.API.dialect.media_type)
    assert kiosk.box.journal.entries()[-1].operation is None


def test_a_variable_with_a_plus_has_slashes() -> None:
    """`{+name}` takes the rest of a path, decoded; what comes behind it counts."""
    long = Page("/a/{+rest}/print", show_seats, "")
    assert find_page([long], "GET", "/a/b/c/print") == (long, {"rest": "b/c"})
    assert find_page([long], "GET", "/a/print") is None
    dotted = Page("/a.b", show_seats, "")
    assert find_page([dotted], "GET", "/aXb") is None


def test_an_operation_comes_first(kiosk: Kiosk) -> None:
    """Where an operation answers, a page of the same path is never asked."""
    assert kiosk("/api/tickets/K-0001").content_type == toyvendor.API.dialect.media_type


def test_what_there_is_not_is_a_plain_404(kiosk: Kiosk) -> None:
    """Where a page has nothing to show it says so in words, and nobody takes it for the vendor's answer."""
    answer = kiosk("/shows/<b>/seats")
    assert (answer.status_code, answer.text) == (404, "Mocktill: there is no show '<b>'.\n")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_defect_is_loud_and_an_answer(kiosk: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    """A page that fails is a 500 in words; the log has the reason."""
    with caplog.at_level(logging.ERROR, "mocktill"):
        answer = kiosk("/broken/x")
    assert (answer.status_code, answer.text) == (500, "Mocktill: the sandbox failed; its log has the reason.\n")
    assert "ZeroDivisionError" in caplog.text


def test_a_page_sees_the_present(catalogue: Catalogue) -> None:
    """What is due has expired before a page is shown."""
    box = Sandbox(catalogue, setup=Setup(now=NOW))
    app = VendorApp(replace(catalogue.shelves["deem"], api=replace(catalogue.shelves["deem"].api, pages=(TOLD,))))
    app.test_client().post(
        "/purchases/reserve?api_key=1",
        json={"deal_id": "two-each", "num_bought": 2},
        environ_overrides={SANDBOX: box},
    )
    box.clock.freeze()
    box.clock.advance(timedelta(minutes=5))
    assert app.test_client().get("/told", environ_overrides={SANDBOX: box}).text == "0 held"


TOLD = Page(
    "/told",
    lambda visit, scene: Shown(f"{len(list(scene.table('deem.holds').items()))} held".encode(), "text/plain"),
    "What is held",
)


def test_a_door_that_cannot_wait_is_told(kiosk: Kiosk) -> None:
    """Where somebody holds the sandbox's lock, a hasty door asks again later; nothing was shown."""
    environ = create_environ("/shows/matinee/seats")
    environ.update({SANDBOX: kiosk.box, HASTY: True})
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with kiosk.box.lock:
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    nothing = list(kiosk.app.wsgi_app(busy := dict(environ), lambda *told: bytes))
    done.set()
    thread.join()
    assert (busy.get(BUSY), nothing) == (True, [b""])
    [shown] = kiosk.app.wsgi_app(environ, lambda *told: bytes)
    assert shown.endswith(b"12:00")
    assert not {BUSY, ENTRY} & set(environ)


class Parts(HTMLParser):
    """What a page of HTML is made of."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and that what follows is in it."""
        self.tags[tag], self._inside = dict(attrs), tag

    def handle_data(self, data: str) -> None:
        """Note the text of a tag."""
        self.texts.setdefault(self._inside, data)


def test_a_document_is_whole_and_strict(kiosk: Kiosk) -> None:
    """A page of HTML has a language and a title that is text; its policy allows its own style, images, nothing else."""
    answer = kiosk("/about")
    parts = Parts(answer.text)
    assert answer.content_type == "text/html; charset=utf-8"
    assert (parts.tags["html"], parts.texts["title"], parts.texts["p"]) == ({"lang": "en"}, "A & B", "x")
    digest = b64encode(hashlib.sha256(parts.texts["style"].encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ]


def test_a_sentence_has_no_policy() -> None:
    """Text needs none, and says what it is."""
    assert [name for name, _ in plain("no.").headers] == ["Content-Type", "Cache-Control", "X-Content-Type-Options"]
