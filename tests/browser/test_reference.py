"""The API reference in a browser: it shows each API of the sandbox, and what is tried there is asked there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.browser.conftest import NARROW, Watch

TOKEN = "secret"


@pytest.fixture(scope="module")
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server with a token."""
    with ServerThread(create_app(sandboxes, token=TOKEN), RequestLog(Nowhere())) as url:
        yield url


def shown(page: Page, address: str) -> Page:
    """Open the reference, as somebody who has the token."""
    page.goto(f"{address}#token={TOKEN}")
    expect(page.locator(".opblock").first).to_be_visible()
    return page


def admit(page: Page) -> None:
    """Let the page's session have the token already, so that an address may end with something else."""
    page.add_init_script(f"sessionStorage.setItem('mocktill.token', '{TOKEN}')")


def tried(page: Page, operation: str) -> Locator:
    """Open an operation, try it out as it is filled in, and return what came."""
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    return block.locator(".responses-inner > div").first


def serious(page: Page) -> list[Any]:
    """Return what keeps somebody from using the page as it is now; what is well is not listed, which takes longest."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]


def test_a_call_of_a_vendor_is_tried_in_the_sandbox(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """Below the prefix of a sandbox a call goes to it, with the credential that works there; the page is usable."""
    shown(page, f"{url}/~phone/_mocktill/reference/?api=supertab")
    assert page.url == f"{url}/~phone/_mocktill/reference/?api=supertab"
    expect(page.get_by_text("Sandbox phone")).to_be_visible()
    answer = tried(page, "retrieve_purchase")
    expect(answer.locator("tbody > tr > .response-col_status")).to_have_text("200")
    answer = tried(page, "buy_offering")
    expect(answer.locator("tbody > tr > .response-col_status")).to_have_text("201")
    told = [(entry.operation, entry.status) for entry in sandboxes.get("phone").journal.entries()]
    assert told == [("retrieve_purchase", 200), ("buy_offering", 201)]
    assert serious(page) == []


def test_a_call_of_the_control_api_is_tried_in_the_sandbox(page: Page, url: str) -> None:
    """It is sent with the token, to the sandbox of the page; in the dark and on a phone as well."""
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.emulate_media(color_scheme="dark")
    shown(page, f"{url}/~phone/_mocktill/reference/?api=mocktill")
    answer = tried(page, "read_journal")
    expect(answer.locator("tbody > tr > .response-col_status")).to_have_text("200")
    expect(answer.locator(".request-url")).to_have_text(re.compile(f"{url}/~phone/_mocktill/journal$"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []


def test_each_operation_says_how_well_it_is_known(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """Without a choice the first API is shown; the others are links; each operation has its basis beside it."""
    shown(page, f"{url}/_mocktill/reference/")
    api = sandboxes.catalogue.apis[0]
    assert page.locator(".opblock .basis").all_inner_texts() == [operation.basis for operation in api.operations]
    names = page.get_by_role("navigation", name="APIs").get_by_role("link").all_inner_texts()
    assert names == [*[api.title for api in sandboxes.catalogue.apis], "Control API"]
    page.get_by_role("link", name="Kajabi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kajabi")


def test_an_address_opens_an_operation(page: Page, url: str) -> None:
    """The name of an operation in the address opens it, and opening another one changes the address."""
    admit(page)
    page.goto(f"{url}/_mocktill/reference/?api=supertab#/supertab/list_tabs")
    expect(page.locator("#operations-supertab-list_tabs")).to_contain_text("Parameters")
    page.locator("#operations-supertab-retrieve_tab .opblock-summary-control").click()
    expect(page).to_have_url(re.compile(r"\?api=supertab#/supertab/retrieve_tab$"))


def test_the_token_is_asked_for(page: Page, url: str, watch: Watch) -> None:
    """Who comes without the token is told what is missing, and gets in with it."""
    page.goto(f"{url}/_mocktill/reference/?api=drip")
    page.get_by_label("Token").fill(TOKEN)
    assert all("401" in watch.errors.pop() for _ in list(watch.errors))
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Drip")


def test_an_api_that_is_not_there_is_said(page: Page, url: str, watch: Watch) -> None:
    """An address that names no API shows which there are."""
    admit(page)
    page.goto(f"{url}/_mocktill/reference/?api=nobody")
    expect(page.get_by_role("status")).to_contain_text("there is no API")
    expect(page.get_by_role("link", name="Drip")).to_be_visible()
    assert "404" in watch.errors.pop()
