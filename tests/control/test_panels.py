"""What a person sees, over the control API: lists, pages, one object, and refusals in words."""

from __future__ import annotations

import pytest

from mocktill.control.app import create_root
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.cells import cells_of
from tests.client import Client
from tests.control.control import Control

DEAL = "la-1024-wsc-hair-studio-01-2"
CARD = "4111 1111 1111 1111"


def test_panels_are_listed(control: Control, box: Sandbox, catalogue: Catalogue) -> None:
    """Each panel of each API is told with its table and how many objects there are, in the API's own order."""
    listed = control.get("/panels")["panels"]
    told = [(one["api"], one["name"], one["title"], one["table"]) for one in listed]
    known = [(api.name, one.name, one.title, f"{api.name}.{one.table}") for api in catalogue.apis for one in api.panels]
    assert told == known
    assert {one["table"]: one["total"] for one in listed} == {name: len(box.table(name)) for *_, name in known}


def test_it_counts_what_there_is_now(control: Control, purchase: str) -> None:
    """A reservation is listed until it is due: then the list says so, and the panel shows none."""
    totals = {one["name"]: one["total"] for one in control.get("/panels")["panels"] if one["api"] == "deem"}
    assert totals["reservations"] == 1
    control.ok("POST", "/clock", {"travel_to": "2026-03-02T12:05:00Z"})
    panel = control.get("/panels/deem/reservations")
    assert (panel["total"], panel["objects"], panel["nothing"]) == (0, [], "Nothing is reserved.")


@pytest.mark.parametrize(("panel", "backwards"), [("deem/purchases", True), ("deem/deals", False)])
def test_pages_are_slices_of_one_order(control: Control, box: Sandbox, panel: str, backwards: bool) -> None:
    """Page by page every object comes once: the newest first where there is an order of time, else by key."""
    made = box.populate(150, "deem")["deem"]
    whole = control.get(f"/panels/{panel}?limit=200")
    keys = [one["key"] for one in whole["objects"]]
    assert len(keys) == len(set(keys)) == whole["total"]
    assert keys[: len(made)] == made[::-1] if backwards else keys == sorted(keys)
    pages = [control.get(f"/panels/{panel}?offset={offset}&limit=60") for offset in (0, 60, 120)]
    assert [one["key"] for page in pages for one in page["objects"]] == keys
    assert len(control.get(f"/panels/{panel}")["objects"]) == 50
    beyond = control.get(f"/panels/{panel}?offset=1000")
    assert (beyond["objects"], beyond["offset"], beyond["total"]) == ([], 1000, whole["total"])


def test_reservations_run_out_in_their_order(control: Control, deem: Client) -> None:
    """What runs out next is the first."""
    for quantity in (1, 2, 3):
        deem("POST", "/v1/purchases/reserve?api_key=1", json={"deal_id": DEAL, "num_bought": quantity})
        control.ok("POST", "/clock", {"advance": "1m"})
    shown = cells_of(control.get("/panels/deem/reservations")).values()
    assert [cells["quantity"] for cells in shown] == [1, 2, 3]


def test_one_object(control: Control) -> None:
    """With a key there is that object and no other, and where none has it a 404 in words."""
    panel = control.get(f"/panels/deem/deals?key={DEAL}&offset=3&limit=1")
    assert ([one["key"] for one in panel["objects"]], panel["total"], panel["offset"]) == ([DEAL], 1, 0)
    assert control.refused(404, "GET", "/panels/deem/deals?key=x")["detail"] == "deem.deals has no row x"


def test_links_lead_to_the_sandbox(control: Control) -> None:
    """What links lead to is in the sandbox, also where a header named it."""
    assert control.get("/panels/deem/deals")["base_url"] == "http://localhost/deem"
    assert control.of("b").get("/panels/deem/deals")["base_url"] == "http://localhost/~b/deem"


def test_what_there_is_not(control: Control) -> None:
    """A panel and an API that there are not are told with what may be meant."""
    said = control.refused(404, "GET", "/panels/deem/deal")["detail"]
    assert said == "there is no panel 'deal' of deem: did you mean 'deals'?"
    assert control.refused(404, "GET", "/panels/deems/deals")["detail"].endswith("did you mean 'deem'?")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "offset=-1", "key=", "more=1", "limit=1&limit=2"])
def test_what_is_no_page(control: Control, query: str) -> None:
    """What cannot be a page is refused with its place in the query."""
    assert control.refused(422, "GET", f"/panels/deem/deals?{query}")["violations"][0]["at"] == "query"


def test_secrets_are_masked(control: Control, box: Sandbox) -> None:
    """A card number that somebody put into a name is masked wherever it is shown."""
    box.change("deem.users", "ABC123", {"firstname": CARD})
    box.change("deem.deals", DEAL, {"title": f"token=abcdefgh {CARD}"})
    text = str(control.get("/panels/deem/users")) + str(control.get("/panels/deem/deals"))
    assert "1111" in text
    assert CARD not in text
    assert "abcdefgh" not in text


def test_looking_decides_nothing(control: Control, deem: Client, purchase: str) -> None:
    """Whoever looks writes nothing, and has no part in what an answer says of its choices."""
    control.ok("POST", "/clock", {"advance": "5m"})
    deem("GET", f"/v1/purchases/{purchase}?api_key=1")
    backend = deem.box.backend("deem")
    used, rows = [*backend.used], deem.box.store.rows()
    assert "deem.expired_reservation" in [name for name, *_ in used]
    control.get("/panels/deem/purchases")
    assert (backend.used, deem.box.store.rows()) == (used, rows)


def test_where_an_api_is_alone(sandboxes: Sandboxes) -> None:
    """Where one API is served, the others have no panels, and links are below the root."""
    alone = Control(create_root(sandboxes, "drip"), sandboxes)
    assert {one["api"] for one in alone.get("/panels")["panels"]} == {"drip"}
    assert alone.get("/panels/drip/subscribers")["base_url"] == "http://localhost"
    assert alone.refused(404, "GET", "/panels/deem/deals")["detail"].startswith("there is no API 'deem'")
