"""The console behind a proxy with a prefix that the server knows of by the proxy alone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread

PREFIX = "/tools/mock"


@pytest.fixture(scope="module")
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server that trusts its proxy."""
    with ServerThread(create_app(sandboxes, trust_proxy=True), RequestLog(Nowhere())) as url:
        yield url


@pytest.fixture
def proxied(context: BrowserContext) -> Iterator[Page]:
    """A page that reaches the server through a proxy which takes the prefix away and tells of it."""

    def forward(route: Route) -> None:
        split = urlsplit(route.request.url)
        inner = urlunsplit(split._replace(path=split.path.removeprefix(PREFIX)))
        told = {**route.request.headers, "X-Forwarded-Prefix": PREFIX}
        route.fulfill(response=route.fetch(url=inner, headers=told, max_redirects=0))

    context.route(f"**{PREFIX}/**", forward)
    page = context.new_page()
    yield page
    page.close()
    context.unroute_all(behavior="ignoreErrors")  # the page asks again and again


def test_everything_is_below_the_prefix(proxied: Page, url: str, sandboxes: Sandboxes) -> None:
    """From the root to the console, to a request that it sends, to a picture: all of it goes through the proxy."""
    asked: list[str] = []
    proxied.on("request", lambda request: asked.append(urlsplit(request.url).path))
    proxied.goto(f"{url}{PREFIX}/~behind/_mocktill/console/#/apis/deem/reserve_purchase")
    expect(proxied.get_by_text("There is no sandbox behind now")).to_be_visible()
    proxied.get_by_role("button", name="Make it now").click()
    proxied.get_by_role("button", name="Send", exact=True).click()
    expect(proxied.get_by_label("Body of the answer")).to_contain_text(f"{url}{PREFIX}/~behind/deem/")
    proxied.goto(f"{url}{PREFIX}/~behind/_mocktill/console/#/state/deem/deals")
    picture = proxied.locator("tbody img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert sandboxes.get("behind").journal.last == 1
    assert all(path.startswith(f"{PREFIX}/~behind/") for path in asked), asked
