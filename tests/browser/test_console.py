"""The console as a whole: one story through its views, what others change, hostile strings, and what is large."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import NARROW, Watch
from tests.client import Client
from tests.conftest import NOW

VIEWS = (
    "overview", "apis", "apis/deem/reserve_purchase", "traffic", "traffic/3", "state/deem/deals", "state/deem/coupons",
    "state/drip/subscribers", "state/supertab/tabs", "state/kajabi/purchases", "state/tables", "time", "faults",
    "choices", "scenarios", "snapshots", "sandboxes",
)  # fmt: skip
ALIKE = {"state/deem/coupons", "state/drip/subscribers", "state/kajabi/purchases"}
"""Those that are made of the same parts as others."""
KEY = "?api_key=1234567"
DEAL = "la-1024-wsc-hair-studio-01-2"
MANY = 10_000
HOSTILE = "\"'><img src=x onerror='window.hit=1'><script>window.hit=1</script>${window.hit=1}{{hit}}\u2028</title>"
SERIOUS = {"serious", "critical"}


def opened(page: Page, url: str, name: str, view: str) -> Page:
    """Turn to a view of a sandbox and wait until it is drawn."""
    page.goto(f"{url}/~{name}/_mocktill/console/#/{view}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    return page


def lived_in(sandboxes: Sandboxes, name: str) -> Client:
    """Return a client of Deem in a sandbox in which something of everything has happened."""
    box = sandboxes.make(name, Setup(now=NOW))
    client = Client(box, "deem")
    client("GET", f"/v1/purchases/34063ec2{KEY}")
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 2})
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 0, "colour": "red"})
    box.clock.advance(minutes=6)
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 1})
    box.faults.add_preset("sold-out", {"operation": "deem.claim_purchase"})
    box.snapshot("before")
    return client


def test_the_story_of_a_reservation(page: Page, url: str, sandboxes: Sandboxes, tmp_path: Path, watch: Watch) -> None:
    """From the page's own example to a test that is run: reserve, count down, expire, break, play, edit, save, copy."""
    box = sandboxes.make("story", Setup(now=NOW))
    console = f"{url}/~story/_mocktill/console/#"
    row = page.get_by_role("row").filter(has_text=DEAL)

    page.goto(f"{console}/apis/deem/reserve_purchase")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Body of the answer")).to_contain_text('"fulfillment_state": "reserved"')

    page.goto(f"{console}/state/deem/reservations")
    expect(page.get_by_role("row").filter(has_text=DEAL).locator(".countdown")).to_have_text("5 min 00 s")
    page.goto(f"{console}/state/deem/deals")
    expect(row).to_contain_text("2 held")

    page.goto(f"{console}/time")
    page.get_by_role("button", name="To the next expiry").click()
    expect(page.locator(".fired")).to_contain_text("2 of")
    page.goto(f"{console}/state/deem/deals")
    expect(row).to_contain_text("0 held")

    page.goto(f"{console}/faults")
    page.get_by_role("switch", name="Unavailable").click()
    expect(page.get_by_role("link", name="1 fault on")).to_be_visible()
    page.goto(f"{console}/apis/deem/reserve_purchase")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("503").first).to_be_visible()
    assert "503" in watch.errors.pop()  # the browser's own word on it
    page.goto(f"{console}/faults")
    page.get_by_role("switch", name="Unavailable").click()
    expect(page.get_by_role("link", name="1 fault on")).to_have_count(0)

    page.goto(f"{console}/scenarios/deem/reserve-release")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("steps came as expected")).to_be_visible()

    page.goto(f"{console}/snapshots")
    page.get_by_label("Name of the snapshot").fill("before-the-edit")
    page.get_by_role("button", name="Save as it is now").click()
    expect(page.get_by_role("row").filter(has_text="before-the-edit")).to_be_visible()
    free = box.view("deem").deal(DEAL).stock.free
    page.goto(f"{console}/state/deem/deals")
    row.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("Free").fill("1")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(row).to_contain_text("1 free")
    page.goto(f"{console}/snapshots")
    page.get_by_role("row").filter(has_text="before-the-edit").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored: before-the-edit.")).to_be_visible()
    page.goto(f"{console}/state/deem/deals")
    expect(row).to_contain_text(f"{free:,} free")

    Client(box, "deem")("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 0})
    page.goto(f"{console}/traffic")
    page.locator("a.entry").first.click()
    expect(page.locator('[data-pointer="/num_bought"] + .violation')).to_contain_text("expected 1 or more, got 0")
    page.get_by_role("button", name="Copy as pytest").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    copied = tmp_path / "test_copied.py"
    copied.write_text(page.evaluate("navigator.clipboard.readText()"), encoding="utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(copied)]
    ran = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_whoever_changes_something(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """What a test or the command line changes appears without a click: rows, clock, faults, snapshots, sandboxes."""
    box = sandboxes.make("watched", Setup(now=NOW))
    opened(page, url, "watched", "state/deem/deals")
    row = page.get_by_role("row").filter(has_text=DEAL)
    box.change("deem.stock", DEAL, {"free": 7})
    expect(row).to_contain_text("7 free")
    box.clock.advance(hours=1)
    expect(page.locator("header time")).to_have_text("2026-03-02 13:00:00")
    box.faults.add_preset("slow")
    expect(page.get_by_role("link", name="1 fault on")).to_be_visible()
    opened(page, url, "watched", "snapshots")
    box.snapshot("by-a-test")
    expect(page.get_by_role("row").filter(has_text="by-a-test")).to_be_visible()
    sandboxes.make("watched-too")
    expect(page.get_by_label("Sandbox").first).to_contain_text("watched-too")
    box.reset()
    expect(page.get_by_role("link", name="1 fault on")).to_have_count(0)


def test_anybody_can_use_it(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """No view has what keeps people with a screen reader, a keyboard or weak eyes out, in light and in dark."""
    lived_in(sandboxes, "able")
    found: list[tuple[str, ...]] = []
    for view in (view for view in VIEWS if view not in ALIKE):
        page.emulate_media(color_scheme="light")
        opened(page, url, "able", view)
        found += [(view, *one) for one in out_of_reach(page)]
        page.emulate_media(color_scheme="dark")  # all but the colours is the same in it
        found += [(view, "dark", *one) for one in out_of_reach(page, runOnly=["color-contrast"])]
    assert found == []


def out_of_reach(page: Page, **options: object) -> list[tuple[str, str]]:
    """Return what keeps somebody from using the page as it is now."""
    violations = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in SERIOUS]


def test_nothing_is_cut_on_a_phone(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """On a narrow screen the page itself never scrolls sideways, and of the way to the views this one's is in sight."""
    lived_in(sandboxes, "phone")
    width, height = NARROW
    page.set_viewport_size({"width": width, "height": height})
    for view in VIEWS:
        opened(page, url, "phone", view)
        expect(page.locator(".views [aria-current=page]")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_the_keyboard_reaches_everything(page: Page, url: str) -> None:
    """The first key leads past the navigation; a view that is turned to has the focus at its heading."""
    opened(page, url, "keys", "overview")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Time").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Time")).to_be_focused()
    assert page.title() == "Time · keys · Mocktill"


def test_a_dialog_gives_the_focus_back(page: Page, url: str) -> None:
    """Whoever thinks better of it goes on with the keyboard where they were, by a button as by Escape."""
    opened(page, url, "dialogs", "overview")
    page.get_by_role("button", name="Make it now").click()
    page.goto(f"{url}/~dialogs/_mocktill/console/#/snapshots")
    reset = page.get_by_role("button", name="Reset the sandbox")
    for leave in ("Leave it", "Close"):
        reset.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=leave).press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(reset).to_be_focused()


def test_hostile_strings_are_text(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """Whatever stands in a row, a path, a query, a header, a body or a rule is shown, and nothing of it runs."""
    box = sandboxes.make("hostile", Setup(now=NOW))
    deem, drip = Client(box, "deem"), Client(box, "drip", {"Authorization": "Basic WU9VUl9BUElfS0VZOg=="})
    for table, key, field in (
        ("deem.deals", DEAL, "title"), ("deem.coupons", "a21c5452d8", "redemption_code"),
        ("supertab.offerings", next(iter(dict(box.table("supertab.offerings").items()))), "summary"),
        ("kajabi.customers", next(iter(dict(box.table("kajabi.customers").items()))), "name"),
    ):  # fmt: skip
        box.change(table, key, {field: HOSTILE})
    order = {
        "provider": HOSTILE,
        "amount": 1,
        "items": [{"name": HOSTILE, "amount": 1}],
        "properties": {HOSTILE: HOSTILE},
    }
    assert (
        drip("POST", "/v2/9999999/subscribers/john@acme.com/purchases", json={"purchases": [order]}).status_code < 300
    )
    ascii_only = HOSTILE.encode("ascii", "replace").decode()
    deem("GET", f"/v1/purchases/34063ec2{KEY}")
    deem("GET", f"/v1/{HOSTILE}", query_string={HOSTILE: HOSTILE}, headers={"X-Title": ascii_only})
    deem("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": HOSTILE, HOSTILE: HOSTILE})
    deem("POST", f"/v1/purchases/reserve{KEY}", data=HOSTILE.encode(), content_type="application/json")
    answer = {"status": 500, "body": HOSTILE, "headers": {"X-Hostile": ascii_only}}
    box.faults.add({"when": {"operation": "deem.get_deal"}, "what": answer})
    deem("GET", f"/v1/deals/{DEAL}{KEY}")
    entries = [entry.id for entry in box.journal.entries()]
    shown = 0
    for view in (*VIEWS, *[f"traffic/{number}" for number in entries]):
        opened(page, url, "hostile", view)
        expect(page.locator("main")).to_contain_text(re.compile(r"\S(?s:.){60}"))
        shown += page.locator("main").inner_text().count("onerror=")
        assert page.evaluate(
            "window.hit === undefined && !document.querySelector('main img[src=\"x\"], main script')"
        ), view
    assert shown >= len(entries)
    page.goto(f"{url}/~hostile/deem/coupons/a21c5452d8/print")
    assert page.evaluate("window.hit === undefined && !document.querySelector('img[src=\"x\"]')")
    expect(page.locator("body")).to_contain_text("onerror=")


def test_what_is_large(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """With 10,000 purchases and as many requests little stands in the document, and what is new comes by itself."""
    box = sandboxes.make("large", Setup(now=NOW, populate=MANY, populate_api="deem"))
    deem = Client(box, "deem")
    deem("GET", f"/v1/purchases/34063ec2{KEY}")
    opened(page, url, "large", "traffic")
    for _ in range(MANY - 1):  # as if it were asked again and again
        box.journal.add(replace(deem.entry, id=box.journal.next_id()))
    expect(page.locator(f'a.entry[data-id="{MANY}"]')).to_be_visible()
    assert page.locator("a.entry").count() < 100
    opened(page, url, "large", "state/deem/purchases")
    expect(page.get_by_text(re.compile(r"of 10,0\d\d")).first).to_be_visible()
    first = page.locator("tbody tr").first
    first.evaluate("row => { row.marked = true; }")
    assert page.locator("tbody tr").count() <= 50
    box.change("deem.stock", DEAL, {"free": 7})
    deem("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 1})
    expect(page.locator("tbody tr").first).to_contain_text("reserved")
    assert page.evaluate(
        "[...document.querySelectorAll('tbody tr')].some(row => row.marked)"
    )  # the others are the same
    page.reload()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_a_token_is_taken_from_the_address(page: Page, url: str) -> None:
    """The fragment's token goes into the session and out of the address; the page asks with it from then on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.headers.get("authorization", "")))
    page.goto(f"{url}/_mocktill/console/#token=a%20secret%2Bone")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    assert "token" not in page.url
    assert "Bearer a secret+one" in asked


def test_looking_makes_no_sandbox(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """The console of a sandbox that is not there says so, whatever view is turned to, and makes it when it is told."""
    for view in VIEWS:
        if "reserve_purchase" not in view:  # whose request is to be sent at once
            opened(page, url, "nobody", view)
            expect(page.get_by_text("There is no sandbox nobody now")).to_be_visible()
    assert sandboxes.find("nobody") is None
    page.get_by_role("button", name="Make it now").click()
    expect(page.get_by_text("There is no sandbox")).to_have_count(0)
    assert sandboxes.find("nobody") is not None
