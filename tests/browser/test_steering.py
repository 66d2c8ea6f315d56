"""What people steer from the console: faults, choices, scenarios, snapshots, the way back, and sandboxes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import Watch
from tests.client import Client

PURCHASE = "/v1/purchases/34063ec2?api_key=1234567"
DEAL = "la-1024-wsc-hair-studio-01-2"
Open = Callable[[str, str], Sandbox]


@pytest.fixture
def opened(page: Page, url: str, sandboxes: Sandboxes) -> Open:
    """Open a view of a sandbox of its own: `opened("faults", "switches")`; returns the sandbox."""

    def open_view(view: str, name: str) -> Sandbox:
        box = sandboxes.keep(name)
        page.goto(f"{url}/~{name}/_mocktill/console/#/{view}")
        expect(page.get_by_text("live", exact=True)).to_be_visible()
        return box

    return open_view


def sure(page: Page, label: str) -> None:
    """Say in the dialog that it is meant."""
    page.get_by_role("dialog").get_by_role("button", name=label).click()


def field(page: Page, label: str) -> Locator:
    """Return a field of a form by its label."""
    return page.get_by_label(label, exact=True)


def rules(page: Page) -> Locator:
    """Return the table of the rules in force."""
    return page.get_by_role("table")


def test_a_switch_lets_the_next_request_fail(page: Page, opened: Open) -> None:
    """A preset is on from the next request, and its hits count live; it is off when somebody else removes its rule."""
    box = opened("faults", "switches")
    switch = page.get_by_role("switch", name="Unavailable")
    switch.check()
    expect(rules(page)).to_contain_text("All requests: status 503")
    assert Client(box, "deem")("GET", PURCHASE).status_code == 503
    expect(page.get_by_text("All requests: struck 1 of 1")).to_be_visible()
    box.faults.clear()
    expect(switch).not_to_be_checked()
    expect(page.get_by_text("Nothing: each request is answered")).to_be_visible()
    box.faults.add_preset("flaky", {"operation": "deem.get_purchase"})
    expect(page.get_by_role("switch", name="Flaky")).to_be_checked()
    page.get_by_role("switch", name="Flaky").uncheck()
    expect(page.get_by_text("Off: Flaky.")).to_be_visible()
    assert box.faults.all() == []


def test_a_switch_is_for_one_operation(page: Page, opened: Open, watch: Watch) -> None:
    """A preset may be for one operation alone; what an API could not answer is refused for it, and stays off."""
    box = opened("faults", "scopes")
    field(page, "For").select_option("deem.claim_purchase")
    page.get_by_role("switch", name="Lost answer").check()
    expect(page.get_by_text("Requests to deem.claim_purchase: none yet")).to_be_visible()
    assert box.faults.all()[0].rule["when"] == {"next": 1, "operation": "deem.claim_purchase"}
    field(page, "For").select_option("drip")
    page.get_by_role("switch", name="Sold out").click()
    expect(page.locator(".notices .bad")).to_contain_text("/what/error")
    expect(page.get_by_role("switch", name="Sold out")).not_to_be_checked()
    watch.errors.clear()  # the browser reports each refusal


def test_a_rule_says_all_that_one_can(page: Page, opened: Open) -> None:
    """A rule of the form is the one in force, with its sentence; what is less usual is under "more"."""
    box = opened("faults", "rules")
    field(page, "Which requests").select_option("deem")
    field(page, "How many of them").fill("2")
    field(page, "What they do to the sandbox").select_option("after")
    page.get_by_text("More about which requests").click()
    field(page, "Every n-th of them").fill("3")
    field(page, "With this in the body").fill('{"/num_bought": 1}')
    page.get_by_text("More about what they get").click()
    field(page, "Headers").fill("Retry-After: 5")
    field(page, "Late by").fill("1s")
    field(page, "Late by, at the most").fill("2")
    page.get_by_role("button", name="Add the rule").click()
    expect(rules(page)).to_contain_text("every 3rd, 2 times: status 503; with Retry-After: 5; 1 s to 2 s late")
    assert box.faults.all()[0].rule == {
        "when": {"api": "deem", "body": {"/num_bought": 1}, "every": 3, "next": 2},
        "what": {"status": 503, "headers": {"Retry-After": "5"}, "delay": {"least": "1s", "most": 2}},
        "moment": "after",
    }
    page.get_by_role("button", name=re.compile("^Remove: ")).click()
    expect(rules(page)).to_be_hidden()


def test_the_form_knows_every_part_of_a_rule() -> None:
    """Whatever the schema lets a rule say has a field: a part that is added there is missed here."""
    schema = json.loads((files("mocktill.schemas") / "mocktill" / "fault.json").read_text())
    form = (files("mocktill.control") / "console" / "views" / "faults" / "rule.js").read_text()
    parts = [f"/{part}/{name}" for part in ("when", "what") for name in schema["$defs"][part]["properties"]]
    assert [part for part in [*parts, "/title", "/moment"] if f'"{part}"' not in form] == []


def test_a_refusal_stands_at_its_field(page: Page, opened: Open, watch: Watch) -> None:
    """What is wrong with a rule is said at the field, which has the focus; nothing that was typed is lost meanwhile."""
    box = opened("faults", "refusals")
    field(page, "Status").fill("99")
    field(page, "What the rule is for").fill("a try")
    page.get_by_role("button", name="Add the rule").click()
    expect(field(page, "Status")).to_be_focused()
    expect(field(page, "Status")).to_have_accessible_description(re.compile("expected 200 or more, got 99"))
    box.faults.add_preset("slow")
    expect(page.get_by_role("switch", name="Slow")).to_be_checked()
    expect(field(page, "What the rule is for")).to_have_value("a try")
    assert len(watch.errors) == 1
    watch.errors.clear()  # the browser reports each refusal


def test_a_choice_is_found_and_made(page: Page, opened: Open) -> None:
    """A choice is found by a word, made with a radio button, and all go back to their defaults at once."""
    box = opened("choices", "choices")
    page.get_by_role("searchbox").fill("second claim")
    page.get_by_role("button", name="What does a second claim get?").click()
    page.get_by_role("radio", name=re.compile("same_answer")).check()
    expect(page.get_by_text("deem.claim_twice is same_answer.")).to_be_visible()
    assert box.choices.all()["deem.claim_twice"] == "same_answer"
    page.get_by_role("searchbox").fill("")
    box.choices.set({"drip.idempotency": "honour"})
    page.get_by_label("Only those changed (2)").check()
    expect(page.locator(".choices .line")).to_have_count(2)
    page.get_by_role("button", name="Back to defaults").click()
    sure(page, "Back to defaults")
    expect(page.get_by_label("Only those changed (0)")).to_be_visible()
    assert box.choices.all()["deem.claim_twice"] == "conflict"


def test_a_scenario_is_played_and_read(page: Page, opened: Open) -> None:
    """Each step tells what came of it and leads to its entry; one that comes otherwise says so in words."""
    box = opened("scenarios/deem/reserve-expire-claim-sold-out", "scenarios")
    expect(page.get_by_text("moves the sandbox's time")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("steps came as expected")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("expected status 200, got 422").first).to_be_visible()
    page.get_by_role("button", name="Reset, then play").click()
    sure(page, "Reset, then play")
    expect(page.get_by_text("steps came as expected")).to_be_visible()
    last = box.journal.last
    page.get_by_role("link", name=f"entry {last}").click()
    expect(page).to_have_url(re.compile(f"#/traffic/{last}$"))


def test_a_snapshot_brings_back_what_was(page: Page, opened: Open) -> None:
    """What changed after a snapshot is as it was when it is restored; the file that is downloaded can be uploaded."""
    box = opened("snapshots", "snapshots")
    field(page, "Name of the snapshot").fill("before")
    page.get_by_role("button", name="Save as it is now").click()
    row = page.get_by_role("row", name="before")
    expect(row).to_be_visible()
    stock = dict(box.table("deem.stock").get(DEAL) or {})
    box.change("deem.stock", DEAL, {"free": 1})
    row.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored: before.")).to_be_visible()
    assert box.table("deem.stock").get(DEAL) == stock
    with page.expect_download() as download:
        row.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "before.json"
    kept = Path(download.value.path())
    assert json.loads(kept.read_text()) == box.snapshots.get("before")
    file = {"name": "again.json", "mimeType": "application/json", "buffer": kept.read_bytes()}
    page.get_by_label("Upload a snapshot…").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("row", name="again")).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    sure(page, "Delete")
    expect(row).to_be_hidden()


def test_a_wrong_file_changes_nothing(page: Page, opened: Open, watch: Watch) -> None:
    """A file that is no state is refused in words, and a name that cannot be stands at its field."""
    box = opened("snapshots", "files")
    before = box.state()
    file = {"name": "no.json", "mimeType": "application/json", "buffer": b'{"version": 1, "tables": {"x": {}}}'}
    page.get_by_label("Load a state…").set_input_files(file)  # type: ignore[arg-type]
    sure(page, "Replace")
    expect(page.locator(".notices .bad")).to_contain_text("/tables/x")
    assert box.state()["tables"] == before["tables"]
    field(page, "Name of the snapshot").fill("a b")
    page.get_by_role("button", name="Save as it is now").click()
    expect(field(page, "Name of the snapshot")).to_have_accessible_description(re.compile('cannot be "a b"'))
    watch.errors.clear()  # the browser reports each refusal


def test_a_reset_is_meant(page: Page, opened: Open) -> None:
    """A reset is asked back, says what it covers, and the snapshots stay."""
    box = opened("snapshots", "resets")
    box.snapshot("kept")
    box.change("deem.stock", DEAL, {"free": 1})
    page.get_by_role("button", name="Reset the sandbox").click()
    expect(page.get_by_role("dialog")).to_contain_text("Snapshots stay")
    sure(page, "Reset")
    expect(page.get_by_text("The sandbox is as it was at the beginning.")).to_be_visible()
    expect(page.get_by_role("row", name="kept")).to_be_visible()
    assert (box.table("deem.stock").get(DEAL) or {})["free"] != 1


def test_a_sandbox_is_made_and_deleted(page: Page, opened: Open, sandboxes: Sandboxes) -> None:
    """One more begins as the form says, and is opened and deleted; the one that the page is about cannot be."""
    opened("sandboxes", "here")
    field(page, "Name").fill("made")
    field(page, "A clock that stands still at").fill("2026-03-02T12:00:00Z")
    page.get_by_text("More", exact=True).click()
    field(page, "Seed").fill("7")
    field(page, "Choices").fill("deem.claim_twice = same_answer")
    page.get_by_role("button", name="Make it").click()
    row = page.get_by_role("row", name="made")
    expect(row).to_contain_text("2026-03-02 12:00:00")
    box = sandboxes.find("made")
    assert box is not None
    assert box.choices.all()["deem.claim_twice"] == "same_answer"
    Client(box, "deem")("GET", PURCHASE)
    expect(row.locator('[data-label="Entries"]')).to_have_text("1")
    row.get_by_role("button", name="Delete").click()
    sure(page, "Delete")
    expect(row).to_be_hidden()
    assert "made" not in sandboxes
    expect(page.get_by_role("row", name="here").get_by_role("button")).to_have_count(0)
    page.get_by_role("link", name="Open default").click()
    expect(page.get_by_role("row", name="default")).to_contain_text("this page")
