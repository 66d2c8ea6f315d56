"""What happens without a request, brought about by hand: it happens, is told, and is refused in words with a place."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.control.app import create_root
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.control.control import Control

PAY = "/acts/kajabi.pay_instalment"


def plan(box: Sandbox) -> Any:
    """Return the row of the documented payment plan."""
    return box.table("kajabi.purchases").get("123")


def test_an_act_happens(control: Control, box: Sandbox) -> None:
    """The row changes, at the sandbox's time, and the sentence is the journal's."""
    made = plan(box)["multipay_payments_made"]
    told = control.ok("POST", PAY, {"key": "123"})
    assert plan(box)["multipay_payments_made"] == made + 1
    (remark,) = [remark for remark in box.journal.remarks() if remark.what == "act"]
    assert (remark.api, remark.key, remark.sentence) == ("kajabi", "123", told["sentence"])
    assert told["now"] == control.get("/clock")["now"]


def test_a_key_that_there_is_not(control: Control, box: Sandbox) -> None:
    """A key that no row has is a 404 that says where it stands."""
    before = box.state()
    problem = control.refused(404, "POST", PAY, {"key": "nobody"})
    assert "'nobody'" in problem["detail"]
    (found,) = problem["violations"]
    assert (found["at"], found["pointer"], found["expected"]) == ("body", "/key", problem["detail"])
    assert box.state() == before


def test_what_is_impossible(control: Control, box: Sandbox) -> None:
    """What cannot happen as things are is a 422 with the pointer, and changes nothing."""
    before = box.state()
    problem = control.refused(422, "POST", PAY, {"key": "201"})
    assert [found["pointer"] for found in problem["violations"]] == ["/key"]
    assert box.state() == before


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("kajabi.pay_instalments", "there is no act 'kajabi.pay_instalments': did you mean 'kajabi.pay_instalment'?"),
        ("deem.pay_instalment", "there is no act 'deem.pay_instalment': did you mean 'kajabi.pay_instalment'?"),
    ],
)
def test_an_act_that_there_is_not(control: Control, act: str, said: str) -> None:
    """An act that no API has is a 404 that names the nearest."""
    assert control.refused(404, "POST", f"/acts/{act}", {"key": "123"})["detail"] == said


@pytest.mark.parametrize(
    "act", ["pay_instalment", "kajabi.", ".pay", "kajabi.pay.more", "Kajabi.pay", "kajabi.pay%20it"]
)
def test_what_is_no_act_at_all(control: Control, act: str) -> None:
    """What cannot be the name of an act is refused with its place."""
    assert control.refused(422, "POST", f"/acts/{act}", {"key": "123"})["violations"][0]["at"] == "path"


@pytest.mark.parametrize("body", [{}, [], {"key": 123}, {"key": ""}, {"key": None}, {"key": "123", "more": 1}, "123"])
def test_what_is_no_key(control: Control, box: Sandbox, body: Any) -> None:
    """A body without a key, or with more, is refused, and nothing happens."""
    before = plan(box)
    assert control.refused(422, "POST", PAY, body)["violations"]
    assert plan(box) == before


def test_acts_are_listed(control: Control, catalogue: Catalogue) -> None:
    """Each API lists its acts by full name, with the table that they are about, and the events that it tells of."""
    listed = {api["name"]: api for api in control.get("/apis")["apis"]}
    for api in catalogue.apis:
        acts = [(act["name"], act["summary"], act["about"]) for act in listed[api.name]["acts"]]
        assert acts == [(f"{api.name}.{act.name}", act.summary, f"{api.name}.{act.about}") for act in api.acts]
        assert listed[api.name]["events"] == ([] if api.webhook is None else list(api.webhook.events))
    assert [act["name"] for act in listed["kajabi"]["acts"]][:1] == ["kajabi.pay_instalment"]


def test_where_an_api_is_alone(sandboxes: Sandboxes) -> None:
    """Of an API that is not served nothing happens, and no act is named."""
    alone = Control(create_root(sandboxes, "drip"), sandboxes)
    assert "kajabi." not in alone.refused(404, "POST", "/acts/drip.nothing", {"key": "123"})["detail"]
    assert alone.refused(404, "POST", PAY, {"key": "123"})["detail"] == (
        "there is no act 'kajabi.pay_instalment': there are none"
    )
