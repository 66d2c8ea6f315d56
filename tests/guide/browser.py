"""A browser that opens a page of the guide's as a file, presses its buttons in order, and reads what stands there."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE_MILLISECONDS = 10_000
HAS = "lines => lines.every(line => document.querySelector('main').innerText.includes(line))"


def missing_browser() -> str:
    """Return what a page in a browser cannot be tried for; nothing where there is a Chromium and what drives it."""
    if find_spec("playwright") is None:
        return "no Playwright here: pip install playwright"
    return "" if _browser() else "no Chromium here: install chromium"


def _browser() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def visit(path: Path, lines: Sequence[str]) -> str:
    """Return the text of a page after all of its buttons were pressed, as soon as it has these lines.

    Raise where something on it went wrong. Where the lines do not come, the text is as it is after a while.
    """
    from playwright.sync_api import TimeoutError, sync_playwright  # a driver is started: only where a page asks for it

    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser(), args=list(ARGUMENTS))
        tab = browser.new_page()
        tab.set_default_timeout(PATIENCE_MILLISECONDS)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        tab.goto(path.as_uri())
        tab.wait_for_load_state("networkidle")
        for button in tab.get_by_role("button").all():
            button.click()
        with suppress(TimeoutError):
            tab.wait_for_function(HAS, arg=list(lines))
        tab.wait_for_load_state("networkidle")
        said = tab.locator("main").inner_text()
        wrong += tab.evaluate("[...document.images].filter(image => !image.naturalWidth).map(image => image.src)")
        browser.close()
    assert wrong == [], wrong
    return said
