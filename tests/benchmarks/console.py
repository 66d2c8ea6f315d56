"""What a browser has to do for the console: little, however much the sandbox knows."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page, sync_playwright

from mocktill.doors.remote import Remote
from tests.benchmarks.figures import Spread
from tests.benchmarks.load import run as load
from tests.benchmarks.ours import GET, POST, Run
from tests.benchmarks.served import Unavailable
from tests.browser.conftest import ARGUMENTS, BROWSER

MANY, AT_ONCE = 10_000, 1_000
VIEWS = ("overview", "traffic", "state/deem/purchases")
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
LONG_TASKS = """() => {
  window.long = [];
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map((task) => task.duration)))
    .observe({ type: "longtask" });
}"""
SCROLL = """async () => {
  const list = document.querySelector(".virtual");
  const begun = performance.now();
  for (let frame = 0; frame < 120; frame += 1) {
    list.scrollTop += 1500;
    await new Promise(requestAnimationFrame);
  }
  return (performance.now() - begun) / 120;
}"""


def console(run: Run) -> None:
    """First paint of a small and of a large sandbox, scrolling, and how soon a request is there to be seen."""
    if BROWSER is None:
        raise Unavailable("there is no browser: install Debian's chromium to measure the console")
    with run.mocktill() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(ARGUMENTS))
        root = f"http://127.0.0.1:{served.port}/_mocktill/console/#/"
        small = {view: _paints(browser, root + view, run.rounds) for view in VIEWS}
        page = browser.new_page()
        page.goto(f"{root}traffic")
        box = Remote(f"http://127.0.0.1:{served.port}").sandbox()
        for _ in range(MANY // AT_ONCE):
            box.populate(AT_ONCE, "deem")
            load(served.port, GET, AT_ONCE).check()
            page.wait_for_timeout(500)  # whoever looks on sees all of them
        _scroll(run, page)
        for view in VIEWS:
            large = _paints(browser, root + view, run.rounds)
            print(
                f"first paint of {view:<21} {small[view].text('.0f')} ms; with {MANY:,} purchases and requests "
                f"{large.text('.0f')} ms, ratio {large.to(small[view]).text()}"
            )
            run.targets.judge(f"first paint of {view}", large.median, "under", 1_000, " ms")
        seen = Spread.of(_seconds_until_seen(page, lambda: load(served.port, POST, 1).check()) for _ in range(10))
        print(f"from a request to its line on the page: {seen.text('.2f')} s")
        run.targets.judge("from a request to its line", max(seen.values), "under", 1, " s")
        browser.close()


def _paints(browser: Browser, address: str, rounds: int) -> Spread:
    """Return after how many milliseconds something is painted, each time with an empty cache."""
    found = []
    for _ in range(rounds):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function(f"() => ({FIRST_PAINT}) > 0")
        found.append(float(page.evaluate(FIRST_PAINT)))
        page.close()
    return Spread.of(found)


def _scroll(run: Run, page: Page) -> None:
    """Scroll through the lines, and say what a frame takes and how long the page was ever held up."""
    page.evaluate(LONG_TASKS)
    frame = page.evaluate(SCROLL)
    tasks = page.evaluate("window.long")
    print(
        f"scrolling {page.locator('.virtual').count() and MANY:,} lines: {frame:.1f} ms a frame, "
        f"{len(tasks)} tasks over 50 ms, the longest {max(tasks, default=0):.0f} ms; "
        f"{page.locator('*').count():,} elements in the document"
    )
    run.targets.judge("a frame while scrolling", frame, "under", 50, " ms")


def _seconds_until_seen(page: Page, ask: Callable[[], object]) -> float:
    """Return how long it takes until what was asked is the first line."""
    page.evaluate("document.querySelector('.virtual').scrollTop = 0")
    page.wait_for_timeout(100)
    before = page.locator("a.entry").first.get_attribute("data-id")
    ask()
    begun = time.perf_counter()
    page.wait_for_function("before => document.querySelector('a.entry').dataset.id !== before", arg=before)
    return time.perf_counter() - begun
