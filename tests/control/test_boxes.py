"""The sandboxes of a server over the control API: who is there, one more, one less."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from mocktill.control.app import create_root
from mocktill.core.app import CONTROL
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from tests.conftest import NOW
from tests.control.control import Control

NOON = "2026-03-02T12:00:00.000000Z"
NAMES = ["deem", "drip", "supertab", "kajabi"]


def names(control: Control) -> dict[str, bool]:
    """Return which sandboxes there are, and whether each stays."""
    return {box["name"]: box["kept"] for box in control.get("/sandboxes")["sandboxes"]}


def test_the_list(control: Control) -> None:
    """Each sandbox says its name, its time and how much is in it."""
    rows = sum(len(table) for table in control.sandboxes.default.store.tables.values())
    default = {"name": "default", "kept": True, "now": NOON, "entries": 0, "rows": rows}
    assert control.get("/sandboxes") == {"sandboxes": [default], "limit": 5}


def test_make_and_delete(control: Control) -> None:
    """A sandbox is made with its name, says where it is, and is deleted again."""
    made = control.ok("POST", "/sandboxes", {"name": "b"})
    assert made == {"name": "b", "base_urls": {api: f"http://localhost/~b/{api}" for api in NAMES}}
    assert names(control) == {"b": True, "default": True}
    assert control("DELETE", "/sandboxes/b").status_code == 204
    assert names(control) == {"default": True}
    assert control.refused(404, "DELETE", "/sandboxes/b")["detail"] == "there is no such sandbox"


def test_a_name_is_made_up(control: Control) -> None:
    """Without a name the next free one is taken."""
    control.ok("POST", "/sandboxes", {"name": "sandbox-2"})
    assert [control.ok("POST", "/sandboxes", {})["name"] for _ in range(2)] == ["sandbox-1", "sandbox-3"]
    assert control.ok("POST", "/sandboxes")["name"] == "sandbox-4"


def test_made_up_names_are_never_given_twice(catalogue: Catalogue) -> None:
    """However many ask at once, each gets a sandbox of its own."""
    sandboxes = Sandboxes(catalogue)
    app = create_root(sandboxes)

    def make(_: int) -> str:
        return str(app.test_client().post(f"{CONTROL}/sandboxes", json={}).get_json()["name"])

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(40)))
    assert len(set(made)) == 40
    assert len(sandboxes.all()) == 41


def test_everything_of_a_setup(control: Control) -> None:
    """A sandbox begins with what was said of it, and goes back to that."""
    setup = {
        "name": "b",
        "seed": 7,
        "answers": "canned",
        "choices": {"deem.claim_twice": "same_answer"},
        "now": "2027-01-01T00:00:00Z",
        "populate": 2,
        "populate_api": "deem",
    }
    control.ok("POST", "/sandboxes", setup)
    box = control.sandboxes.get("b")
    for _ in range(2):
        assert box.answers == "canned"
        assert box.choices["deem.claim_twice"] == "same_answer"
        assert control.of("b").get("/clock")["now"] == "2027-01-01T00:00:00.000000Z"
        assert box.table("mocktill.settings").get("settings")["seed"] == 7  # type: ignore[index]
        assert len(box.table("deem.purchases")) == len(control.sandboxes.default.table("deem.purchases")) + 2
        control.of("b").ok("POST", "/reset")


def test_with_a_state(control: Control, purchase: str) -> None:
    """A state is loaded into the new sandbox."""
    control.ok("POST", "/sandboxes", {"name": "b", "state": control.get("/state")})
    assert control.of("b").get("/state") == control.get("/state")
    assert control.sandboxes.get("b").table("deem.purchases").get(purchase) is not None


def test_what_a_call_says_counts_more_than_its_state(control: Control) -> None:
    """Seed, answers, choices and instant that a call names, over those of its state; the others are the state's."""
    control.ok("POST", "/sandboxes", {"name": "a", "seed": 3, "choices": {"deem.sold_out": "validation_failed"}})
    state = control.of("a").get("/state")
    said = {"seed": -7, "choices": {"deem.claim_twice": "same_answer"}, "now": "2027-01-01T00:00:00Z"}
    for name, more in (("b", said), ("c", {"answers": "canned"}), ("d", {})):
        control.ok("POST", "/sandboxes", {"name": name, "state": state, **more})
    made = {name: control.of(name).get("/state") for name in "bcd"}
    assert [one["tables"]["mocktill.settings"]["settings"]["seed"] for one in made.values()] == [-7, 3, 3]
    assert control.sandboxes.get("c").answers == "canned"
    assert made["b"]["clock"] == {"mode": "frozen", "at": "2027-01-01T00:00:00.000000Z"}
    assert made["d"] == state
    box = control.sandboxes.get("b")
    assert (box.choices["deem.claim_twice"], box.choices["deem.sold_out"]) == ("same_answer", "validation_failed")


def test_what_the_server_says_gives_way_to_a_state(catalogue: Catalogue) -> None:
    """Only the call's own words count more: what every sandbox of the server begins with does not."""
    sandboxes = Sandboxes(catalogue, Setup(seed=7, now=NOW, choices={"deem.claim_twice": "same_answer"}))
    state = Sandboxes(catalogue, Setup(seed=3, now=NOW + timedelta(days=1))).default.state()
    client = create_root(sandboxes).test_client()
    assert client.post(f"{CONTROL}/sandboxes", json={"name": "a", "state": state}).status_code == 201
    assert sandboxes.get("a").state() == state


def test_one_of_the_same_name_is_replaced(control: Control) -> None:
    """What was in it is gone; a wrong request replaces nothing."""
    control.ok("POST", "/sandboxes", {"name": "b"})
    control.of("b").ok("PUT", "/snapshots/a")
    wrong = {"name": "b", "state": {"version": 1, "tables": {"deem.nothing": {}}}}
    assert control.refused(422, "POST", "/sandboxes", wrong)
    assert len(control.of("b").get("/snapshots")["snapshots"]) == 1
    control.ok("POST", "/sandboxes", {"name": "b"})
    assert control.of("b").get("/snapshots") == {"snapshots": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": ".."}, "/name"),
        ({"name": "a/b"}, "/name"),
        ({"name": "x" * 65}, "/name"),
        ({"name": None}, "/name"),
        ({"seed": -(2**53)}, "/seed"),
        ({"seed": 2**53}, "/seed"),
        ({"seed": "1"}, "/seed"),
        ({"seed": 2**60}, "/seed"),
        ({"answers": "wrong"}, "/answers"),
        ({"choices": {"deem.nothing": "x"}}, "/choices/deem.nothing"),
        ({"choices": {"deem.claim_twice": "x"}}, "/choices/deem.claim_twice"),
        ({"choices": []}, "/choices"),
        ({"now": "now"}, "/now"),
        ({"now": "2026-02-30T00:00:00Z"}, "/now"),
        ({"now": "1960-01-01T00:00:00Z"}, "/now"),
        ({"populate": -1}, "/populate"),
        ({"populate": 1001}, "/populate"),
        ({"populate_api": "ebay"}, "/populate_api"),
        ({"populate": 1, "populate_api": "ebay"}, "/populate_api"),
        ({"state": {}}, "/state/version"),
        ({"state": {"version": 1, "tables": {"deem.nothing": {}}}}, "/state/tables/deem.nothing"),
        ({"more": 1}, "/more"),
        ([], ""),
    ],
)
def test_none_is_made(control: Control, body: Any, pointer: str) -> None:
    """A wrong setup is a 422 with the pointer, and there is no new sandbox."""
    problem = control.refused(422, "POST", "/sandboxes", body)
    assert pointer in [found["pointer"] for found in problem["violations"]]
    assert names(control) == {"default": True}


def test_the_default_one_stays(control: Control) -> None:
    """It cannot be deleted, and the refusal says what to do instead."""
    assert "reset" in control.refused(422, "DELETE", "/sandboxes/default")["detail"]
    assert control.refused(422, "DELETE", "/sandboxes/a%20b")["violations"][0]["at"] == "path"


def test_too_many(control: Control) -> None:
    """Over the bound one more that would stay is a 409, made or steered; looking at one is still possible."""
    for number in range(4):
        control.ok("POST", "/sandboxes", {"name": f"b{number}"})
    assert "5 sandboxes" in control.refused(409, "POST", "/sandboxes", {"name": "more"})["detail"]
    assert control.refused(409, "POST", "/sandboxes")
    for method, path, body in STEERING:
        assert "5 sandboxes" in control.of("more").refused(409, method, path, body)["detail"]
    control.of("more").get("/clock")
    control.ok("POST", "/sandboxes", {"name": "b1"})


STEERING: list[tuple[str, str, Any]] = [
    ("POST", "/reset", None),
    ("POST", "/clock", {"run": True}),
    ("POST", "/faults", {"what": {"status": 503}}),
    ("POST", "/faults/presets/slow", None),
    ("DELETE", "/faults", None),
    ("DELETE", "/journal", None),
    ("PUT", "/snapshots/a", None),
    ("PATCH", "/choices", {}),
    ("POST", "/populate", {"count": 1}),
    ("POST", "/flows/check", {"steps": [{"operation": "deem.claim_purchase", "times": 0}]}),
    ("POST", "/scenarios/deem/reserve-claim/play", None),
]


@pytest.mark.parametrize(("method", "path", "body"), STEERING)
def test_who_is_steered_stays(control: Control, method: str, path: str, body: Any) -> None:
    """A sandbox that somebody steers stays from then on."""
    control.of("b").ok(method, path, body)
    assert names(control)["b"] is True


@pytest.mark.parametrize("path", ["/state", "/clock", "/snapshots", "/faults", "/journal", "/choices", "/flows/leaks"])
def test_who_is_looked_at_may_go(control: Control, path: str) -> None:
    """Looking makes no sandbox stay: no page can fill the server by asking for a thousand names."""
    for number in range(20):
        control.of(f"b{number}").get(path)
    assert control.of("head")("HEAD", path).status_code == 200
    listed = names(control)
    assert [name for name, kept in listed.items() if kept] == ["default"]
    assert len(listed) <= 5


def test_a_refused_call_makes_none_stay(control: Control) -> None:
    """What is refused for its body steers nothing, and the sandbox does not come to stay."""
    control.of("b").refused(422, "POST", "/clock", {})
    assert names(control) == {"default": True}


def test_where_it_is(app: Flask, sandboxes: Sandboxes) -> None:
    """The base URLs are those of the new sandbox, whichever the call came through; the default one has no prefix."""
    client = app.test_client()
    for name, place in (("b", "/~b"), ("default", "")):
        answer = client.post(f"{CONTROL}/sandboxes", json={"name": name}, base_url="http://localhost/mount/~other/")
        assert answer.get_json()["base_urls"]["deem"] == f"http://localhost/mount{place}/deem"
    alone = create_root(sandboxes, "drip").test_client()
    answer = alone.post(f"{CONTROL}/sandboxes", json={"name": "b", "now": NOW.isoformat()})
    assert answer.get_json()["base_urls"] == {"drip": "http://localhost/~b"}


def test_a_sandbox_begins_as_the_server_says(catalogue: Catalogue) -> None:
    """What a call does not say is as the server was started; what it says counts more."""
    setup = Setup(seed=7, answers="canned", choices={"deem.claim_twice": "same_answer"}, now=NOW, populate=2)
    sandboxes = Sandboxes(catalogue, setup)
    client = create_root(sandboxes).test_client()
    assert client.post(f"{CONTROL}/sandboxes", json={"name": "a"}).status_code == 201
    assert sandboxes.get("a").state() == sandboxes.default.state()
    body = {"name": "b", "answers": "stateful", "choices": {"deem.sold_out": "validation_failed"}, "populate": 0}
    assert client.post(f"{CONTROL}/sandboxes", json=body).status_code == 201
    other = sandboxes.get("b")
    assert (other.answers, other.choices["deem.claim_twice"], other.choices["deem.sold_out"]) == (
        "stateful", "same_answer", "validation_failed",
    )  # fmt: skip
    assert len(other.table("drip.purchases")) < len(sandboxes.get("a").table("drip.purchases"))
