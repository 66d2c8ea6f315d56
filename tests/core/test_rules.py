"""What a fault rule may say: everything else is refused when it is added, with the pointer and in words."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.rules import check_rule
from mocktill.core.sandbox import Sandbox
from mocktill.core.seeds import BrokenSeed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def wrong(rule: Any) -> list[str]:
    """Return the pointers at which a rule is refused."""
    with pytest.raises(Unacceptable) as caught:
        check_rule(BUILTIN, rule)
    assert all(violation.expected and violation.source for violation in caught.value.violations)
    return [violation.pointer for violation in caught.value.violations]


@pytest.mark.parametrize(
    "what",
    [
        {"status": 200},
        {"status": 599, "body": None},
        {"error": "sold_out"},
        {"error": "invalid", "type": "range_error"},
        {"delay": 0},
        {"delay": "250ms", "connection": "drop"},
        {"delay": {"least": 0, "most": "PT1M30S"}, "status": 503},
        {"connection": "never", "headers": {"X-A": ""}},
        {"garbled": True, "content_type": "text/plain; charset=utf-8"},
        {"headers": {"Retry-After": "120", "Set-Cookie": "a=b; Path=/"}},
        {"headers": {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}},
        {"rate_limit": {"limit": 0, "window": "1h"}},
    ],
)
def test_what_may_happen(what: Any) -> None:
    """Each kind, and what goes together, is accepted."""
    check_rule(BUILTIN, {"title": "A rule", "what": what, "moment": "after"})


@pytest.mark.parametrize(
    ("what", "pointer"),
    [
        ({}, "/what"),
        ({"status": 199}, "/what/status"),
        ({"status": 600}, "/what/status"),
        ({"status": 503.5}, "/what/status"),
        ({"status": "503"}, "/what/status"),
        ({"status": True}, "/what/status"),
        ({"error": "nothing"}, "/what/error"),
        ({"error": "SoldOut"}, "/what/error"),
        ({"error": "invalid", "type": "nothing"}, "/what/type"),
        ({"delay": "-5s"}, "/what/delay"),
        ({"delay": "2h"}, "/what/delay"),
        ({"delay": -1}, "/what/delay"),
        ({"delay": {"least": "2s", "most": "1s"}}, "/what/delay/least"),
        ({"delay": {"least": "2s", "most": "3h"}}, "/what/delay/most"),
        ({"delay": "P"}, "/what/delay"),
        ({"delay": "PTT"}, "/what/delay"),
        ({"connection": "explode"}, "/what/connection"),
        ({"garbled": False}, "/what/garbled"),
        ({"content_type": "text/html\r\nX: y"}, "/what/content_type"),
        ({"content_type": "html"}, "/what/content_type"),
        ({"headers": {"Retry-After": "soon"}}, "/what/headers/Retry-After"),
        ({"headers": {"Retry-After": "-1"}}, "/what/headers/Retry-After"),
        ({"headers": {"Retry-After": "1.5"}}, "/what/headers/Retry-After"),
        ({"headers": {"X-A": "b\r\nSet-Cookie: c"}}, "/what/headers/X-A"),
        ({"headers": {"X-A": "b\n"}}, "/what/headers/X-A"),
        ({"headers": {"X-A": "b\x00"}}, "/what/headers/X-A"),
        ({"headers": {"X-A": "ä"}}, "/what/headers/X-A"),
        ({"headers": {"X A": "b"}}, "/what/headers"),
        ({"headers": {"": "b"}}, "/what/headers"),
        ({"headers": {"Content-Length": "5"}}, "/what/headers/Content-Length"),
        ({"headers": {"transfer-encoding": "chunked"}}, "/what/headers/transfer-encoding"),
        ({"headers": {"Connection": "close"}}, "/what/headers/Connection"),
        ({"headers": {"Mocktill-Entry": "5"}}, "/what/headers/Mocktill-Entry"),
        ({"headers": {"X-A": 5}}, "/what/headers/X-A"),
        ({"rate_limit": {"limit": -1, "window": "1m"}}, "/what/rate_limit/limit"),
        ({"rate_limit": {"limit": 1, "window": 0}}, "/what/rate_limit/window"),
        ({"rate_limit": {"limit": 1}}, "/what/rate_limit/window"),
        ({"status": 503, "error": "sold_out"}, "/what"),
        ({"type": "x", "delay": "1s"}, "/what"),
        ({"body": {}}, "/what"),
        ({"connection": "drop", "garbled": True}, "/what"),
        ({"explosion": True}, "/what/explosion"),
    ],
)
def test_what_may_not(what: Any, pointer: str) -> None:
    """What could not happen, or would harm the server, is refused at its place."""
    assert wrong({"what": what}) == [pointer]


@pytest.mark.parametrize(
    ("when", "pointer"),
    [
        ({"api": "paypal"}, "/when/api"),
        ({"operation": "fly"}, "/when/operation"),
        ({"operation": "drip.claim_purchase"}, "/when/operation"),
        ({"api": "drip", "operation": "claim_purchase"}, "/when/operation"),
        ({"method": "get"}, "/when/method"),
        ({"path": "purchases"}, "/when/path"),
        ({"body": {}}, "/when/body"),
        ({"body": {"deal_id": 1}}, "/when/body"),
        ({"nth": 0}, "/when/nth"),
        ({"every": "2"}, "/when/every"),
        ({"next": 0}, "/when/next"),
        ({"probability": 1.1}, "/when/probability"),
        ({"until": "tomorrow"}, "/when/until"),
        ({"until": "2026-02-30T00:00:00Z"}, "/when/until"),
        ({"until": "2026-02-03T00:00:00"}, "/when/until"),
        ({"whatever": 1}, "/when/whatever"),
    ],
)
def test_when_may_not(when: Any, pointer: str) -> None:
    """A condition that no request could meet, or none could be asked for, is refused at its place."""
    assert wrong({"when": when, "what": {"status": 503}}) == [pointer]


def test_what_is_no_rule() -> None:
    """Something else altogether is refused as well."""
    assert wrong([]) == [""]
    assert wrong({}) == ["/what"]
    assert wrong({"what": {"status": 503}, "moment": "never"}) == ["/moment"]


def test_an_error_that_another_vendor_has() -> None:
    """A rule for one vendor names an error of that vendor; a rule for all, one of any."""
    check_rule(BUILTIN, {"what": {"error": "sold_out"}})
    assert wrong({"when": {"api": "kajabi"}, "what": {"error": "sold_out"}}) == ["/what/error"]


@given(JSON)
def test_whatever_comes_is_a_rule_or_refused(value: Any) -> None:
    """No value is a crash, at the top or within."""
    for rule in (value, {"what": value}, {"when": value, "what": {"status": 503}}, {"what": {"delay": value}}):
        with suppress(Unacceptable):
            check_rule(BUILTIN, rule)


def test_presets_are_rules(catalogue: Catalogue, box: Sandbox) -> None:
    """Each preset can be added, says what it is for, and is found by its name."""
    names = {preset.name for preset in box.faults.presets()}
    assert {"unavailable", "slow", "timeout", "dropped", "lost-answer", "cut-off", "garbled", "rate-limited"} <= names
    for preset in box.faults.presets():
        assert preset.title
        assert preset.about.endswith(".")
        assert box.faults.add_preset(preset.name).rule == preset.rule


def test_a_preset_can_be_narrowed(box: Sandbox) -> None:
    """What `when` says is laid over the preset's own; it is checked like any rule."""
    fault = box.faults.add_preset("flaky", {"api": "drip"})
    assert fault.rule["when"] == {"every": 3, "api": "drip"}
    narrower: tuple[Any, ...] = ({"api": "paypal"}, [], 5, "drip")
    for when in narrower:
        with pytest.raises(Unacceptable):
            box.faults.add_preset("flaky", when)
    with pytest.raises(KeyError, match="there is no preset 'nothing'; there are cut-off"):
        box.faults.add_preset("nothing")


def own(folder: Path, text: str) -> Path:
    """Write a preset file of one's own; return the folder of fixtures."""
    (folder / "faults").mkdir()
    (folder / "faults" / "mine.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_preset_of_ones_own(tmp_path: Path) -> None:
    """A folder of fixtures may bring presets, which come beside ours."""
    rule = "{when: {api: deem}, what: {status: 418}}"
    catalogue = Catalogue(BUILTIN, own(tmp_path, f"version: 1\ntitle: Mine\nabout: It is mine.\nrule: {rule}\n"))
    assert catalogue.presets["mine"].rule == {"when": {"api": "deem"}, "what": {"status": 418}}
    assert "slow" in catalogue.presets


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\ntitle: Mine\nabout: x\nrule:\n  what: {status: 700}\n", "mine.yaml:5: /rule/what/status: "),
        (
            "version: 1\ntitle: Mine\nabout: x\nrule:\n  when: {api: paypal}\n  what: {status: 500}\n",
            "5: /rule/when/api: ",
        ),
        ("version: 2\ntitle: Mine\nabout: x\nrule: {what: {status: 500}}\n", "mine.yaml:1: /version: "),
        ("version: 1\nrule: {what: !!python/object:os.system {}}\n", "is not allowed"),
        ("a: &a [x]\nb: *a\n", "aliases are not allowed"),
    ],
)
def test_a_broken_preset_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    """A mistake is said with file, line and pointer."""
    with pytest.raises(BrokenSeed, match=r"mine\.yaml") as caught:
        Catalogue(BUILTIN, own(tmp_path, text))
    assert said in str(caught.value)
