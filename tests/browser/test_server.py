"""What the console does when the server has a token, goes away, comes back, or is another; and with odd addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.browser.conftest import Watch
from tests.client import Client

TOKEN = "right"
KEY = "?api_key=1234567"


@pytest.fixture(scope="module")
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server with a token."""
    with ServerThread(create_app(sandboxes, token=TOKEN), RequestLog(Nowhere())) as url:
        yield url


def shown(page: Page, url: str, name: str, view: str) -> None:
    """Turn to a view of a sandbox, as somebody who has the token."""
    page.goto(f"{url}/~{name}/_mocktill/console/#token={TOKEN}")
    page.goto(f"{url}/~{name}/_mocktill/console/#/{view}")


def test_a_wrong_token_is_said(page: Page, url: str, watch: Watch) -> None:
    """Who comes without the token, or with another, is told so, and gets in with the right one, to the same view."""
    page.goto(f"{url}/_mocktill/console/#/faults")
    expect(page.get_by_text("locked", exact=True)).to_be_visible()
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_contain_text("is not the server's")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", level=2, name="In force")).to_be_visible()
    assert all("401" in error for error in watch.errors)
    watch.errors.clear()


def test_another_server_in_its_place(page: Page, url: str, sandboxes: Sandboxes, watch: Watch) -> None:
    """While nobody answers the page says so; then it goes on with whoever does, whose entries have the same numbers."""
    Client(sandboxes.make("again"), "deem")("GET", f"/v1/purchases/34063ec2{KEY}")
    shown(page, url, "again", "traffic/1")
    entry = page.get_by_role("region", name="Entry 1").get_by_role("heading", level=2)
    expect(entry).to_contain_text("/v1/purchases/34063ec2")
    page.context.set_offline(True)
    expect(page.get_by_text("no answer: trying again")).to_be_visible()
    Client(sandboxes.make("again"), "deem")("GET", f"/v1/deals/last-one{KEY}")
    page.route("**/pulse", from_another)
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="server started anew: reload")).to_be_visible()
    expect(entry).to_contain_text("/v1/deals/last-one")
    page.unroute_all(behavior="ignoreErrors")
    assert all("net::ERR_INTERNET_DISCONNECTED" in error for error in watch.errors)
    watch.errors.clear()


def from_another(route: Route) -> None:
    """Answer as a server that was started later would."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "server": "2030-01-01T00:00:00Z"})


def test_odd_addresses(page: Page, url: str, sandboxes: Sandboxes, watch: Watch) -> None:
    """An address that names nothing, or is none, is answered in words or with the nearest that there is."""
    sandboxes.make("odd")
    shown(page, url, "odd", "%E0%A4%A")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    for view, said in {
        "apis/nobody": "There is no API nobody here",
        "apis/deem/nothing": "has no operation nothing",
        "state/deem/nothing": "There is no such list",
        "state/deem/deals/nothing": "has no row nothing",
        "traffic/99": "does not keep this entry",
    }.items():
        page.goto(f"{url}/~odd/_mocktill/console/#/{view}")
        expect(page.locator("main")).to_contain_text(said)
    assert all("404" in error for error in watch.errors)
    watch.errors.clear()


def test_a_link_to_a_choice_opens_it(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """What an entry says of a choice leads to it: it is open and in sight; so is a scenario that the address names."""
    sandboxes.make("links")
    shown(page, url, "links", "choices/deem.claim_twice")
    expect(page.get_by_role("radio", name=re.compile("same_answer"))).to_be_in_viewport()
    shown(page, url, "links", "scenarios/deem/reserve-release")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_in_viewport()
