"""A real browser for the tests of what people see, and pages that are watched: no error, no request to elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""Tests may run as root in a container, and nothing that a browser does by itself is to leave the machine."""
WIDE, NARROW = (1280, 860), (390, 844)
PATIENCE_MS = 20_000
"""For how long something may be awaited: what changes appears within a second, but a machine may be busy."""


@dataclass
class Watch:
    """What went wrong on a page beside what a test looks at: errors of the console, requests to other hosts."""

    host: str
    errors: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        split = urlsplit(request.url)
        if split.scheme not in {"data", "blob"} and split.netloc != self.host:
            self.abroad.append(request.url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly where there is no browser: then nobody has looked at what people see."""
    if BROWSER is None:
        terminalreporter.write_line("NO BROWSER: install Debian's chromium to test the console, too", yellow=True)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium; tests are skipped, loudly, where there is none."""
    if BROWSER is None:
        pytest.skip(f"SKIPPED: there is no browser ({', '.join(NAMES)}) here")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:  # ends with these tests: an event loop of its own runs as long
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def watch(url: str) -> Watch:
    """What went wrong on the pages of a test. A test that expects an error takes it out."""
    return Watch(urlsplit(url).netloc)


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh profile that is watched; one for each test, since it keeps its connections open."""
    width, height = WIDE
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watch.over(context)
    yield context
    context.close()
    assert (watch.errors, watch.abroad) == ([], [])


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page."""
    return context.new_page()
