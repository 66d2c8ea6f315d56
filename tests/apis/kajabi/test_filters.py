"""The filters of the list of purchases: each suffix, each type, and what is no filter."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from mocktill.apis.kajabi.filters import COMPARISONS, FILTERED, KNOWN, SORTABLE, SUFFIXES
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.client import Client

EVERYTHING = {"123", "201", "202", "203", "204", "205", "206", "207", "208"}
LISTED = (
    "multipay_payments_made, opt_in, currency, effective_start_at, cardholder_name, billing_address_zip, "
    "deactivated_at, deactivation_reason, coupon_code, source, referrer, quantity, created_at, updated_at"
)
"""The attributes as the page lists them."""


def find(ask: Client, *filters: str) -> Any:
    """Return the answer to a list with these filters, written `name=value`."""
    pairs = [one.partition("=") for one in filters]
    query = "&".join(f"filter[{name}]={quote(value)}" for name, _, value in pairs)
    return ask("GET", f"/v1/purchases?sort=created_at&page[size]=20&{query}")


def ids(answer: Any) -> set[str]:
    """Return the ids of a page."""
    assert answer.status_code == 200, answer.get_json()
    return {one["id"] for one in answer.get_json()["data"]}


def basis(answer: Any) -> str:
    """Return how well an answer is known."""
    return str(answer.headers["Mocktill-Basis"])


def test_the_attributes_are_those_of_the_page() -> None:
    """One sorts by the attributes that are listed, and filters by them and by the one of the examples."""
    assert ", ".join(SORTABLE) == LISTED
    assert set(FILTERED) == {*SORTABLE, "amount_in_cents"}
    assert len(COMPARISONS) == len(FILTERED) * len(SUFFIXES)


def test_the_schema_knows_each_filter(catalogue: Catalogue) -> None:
    """A filter that is known is no unknown parameter to the schema of the query, and another one is."""
    contract = catalogue.shelves["kajabi"].contract
    assert contract.accepts("list_purchases.query", dict.fromkeys(KNOWN, "x"))
    assert not contract.accepts("list_purchases.query", {"filter[colour_eq]": "x"})


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["active=true"], EVERYTHING - {"205"}),
        (["active=false"], {"205"}),
        (["deactivated=true"], {"205"}),
        (["deactivated=0"], EVERYTHING - {"205"}),
        (["customer_id=4001"], {"123", "201", "204", "208"}),
        (["customer_id=4001", "active=true", "quantity_gt=1"], {"208"}),
        (["customer_id=nobody"], set()),
        (["site_id=1002"], {"206"}),
        (["site_id=1001"], EVERYTHING - {"206"}),
        (["site_id=7"], set()),
        (["amount_in_cents_eq=19900"], {"123", "203"}),
        (["amount_in_cents_not_eq=19900", "amount_in_cents_gt=2400"], {"202", "204", "205"}),
        (["amount_in_cents_gte=2400", "amount_in_cents_lt=2900"], {"208"}),
        (["amount_in_cents_lte=0"], {"206"}),
        (["amount_in_cents_cont=99"], {"123", "203"}),
        (["quantity_eq=3"], {"208"}),
        (["multipay_payments_made_gte=1"], {"123", "203"}),
        (["opt_in_eq=true"], {"206"}),
        (["opt_in_not_eq=TRUE"], EVERYTHING - {"206"}),
        (["opt_in_start=t"], {"206"}),
        (["currency_eq=USD"], EVERYTHING),
        (["currency_not_eq=USD"], set()),
        (["cardholder_name_cont=ery Ex"], {"123", "208"}),
        (["coupon_code_start=BRUSH"], {"208"}),
        (["coupon_code_end=20"], {"208"}),
        (["referrer_cont=/brushes"], {"208"}),
        (["source_eq="], set()),
        (["created_at_start=2025-08"], {"204", "207", "208"}),
        (["created_at_eq=2025-07-31T16:59:27.580Z"], {"123", "201"}),
        (["created_at_eq=2025-07-31T18:59:27.580+02:00"], {"123", "201"}),
        (["created_at_gt=2025-07-31T16:59:27.580Z"], {"204", "207", "208"}),
        (["created_at_gte=2025-07-31T16:59:27.580Z"], {"123", "201", "204", "207", "208"}),
        (["created_at_lt=2025-03-01"], {"203"}),
        (["deactivated_at_lte=2030-01-01"], {"205"}),
    ],
)
def test_filters(ask: Client, filters: list[str], wanted: set[str]) -> None:
    """What fits is listed, and nothing else; several filters have to fit together."""
    answer = find(ask, *filters)
    assert ids(answer) == wanted
    assert answer.get_json()["meta"]["total_count"] == len(wanted)
    assert ask.entry.violations == ()


def test_what_was_seen_last_is_not_later_than_itself(ask: Client, box: Sandbox) -> None:
    """An instant with more digits than the wire has is compared as the wire has it: who asks on gets nothing twice."""
    with box.changing():
        row = dict(box.table("kajabi.purchases").get("201") or {})
        box.table("kajabi.purchases").put("201", {**row, "updated_at": "2026-01-01T00:00:00.123456Z"})
    assert ids(find(ask, "updated_at_gt=2026-01-01T00:00:00.122Z")) == {"201"}
    assert ids(find(ask, "updated_at_gt=2026-01-01T00:00:00.123Z")) == set()
    assert ids(find(ask, "updated_at_eq=2026-01-01T00:00:00.123Z")) == {"201"}


def test_a_plus_that_came_as_a_space(ask: Client) -> None:
    """An offset whose plus was not encoded is read all the same."""
    answer = ask("GET", "/v1/purchases?filter[created_at_eq]=2025-07-31T18:59:27.580+02:00")
    assert ids(answer) == {"123", "201"}


@pytest.mark.parametrize("suffix", ["cont", "start", "end", "not_cont"])
def test_filter_case(ask: Client, box: Sandbox, suffix: str) -> None:
    """Text is compared as it is written, or by choice whatever its case; where there is none it decides nothing."""
    sensitive = find(ask, f"coupon_code_{suffix}=brush20")
    assert ids(sensitive) == (EVERYTHING if suffix == "not_cont" else set())
    assert basis(sensitive) == "assumed"
    box.choices["kajabi.filter_case"] = "insensitive"
    wanted = EVERYTHING - {"208"} if suffix == "not_cont" else {"208"}
    assert ids(find(ask, f"coupon_code_{suffix}=brush20")) == wanted
    assert basis(find(ask, "created_at_start=2025")) == "published"


@pytest.mark.parametrize("suffix", ["not_eq", "not_cont"])
def test_filter_nulls(ask: Client, box: Sandbox, suffix: str) -> None:
    """Null passes a negative filter, or by choice not, as in SQL; it passes no other."""
    assert ids(find(ask, f"billing_address_zip_{suffix}=92614")) == EVERYTHING - {"123", "208"}
    box.choices["kajabi.filter_nulls"] = "leave_out"
    answer = find(ask, f"billing_address_zip_{suffix}=92614")
    assert ids(answer) == {"202"}
    assert basis(answer) == "assumed"
    assert basis(find(ask, f"currency_{suffix}=1")) == "published"


@pytest.mark.parametrize(
    "name",
    [
        "colour_eq", "created_at_near", "created_at", "referrer", "status_eq", "trial_eq", "id_eq", "", "eq",
        "amount_in_cents_eq_eq", "x" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_filter(ask: Client, box: Sandbox, name: str) -> None:
    """An attribute or a suffix that is not listed gets 400, or by choice 422: no silence, and no list of everything."""
    answer = ask("GET", f"/v1/purchases?filter[{name}]=1")
    assert answer.status_code == 400
    detail = answer.get_json()["errors"][0]["detail"]
    assert "no such filter" in detail
    assert len(detail) < 250
    box.choices["kajabi.wrong_parameter"] = "422"
    assert ask("GET", f"/v1/purchases?filter[{name}]=1").status_code == 422


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("amount_in_cents_eq=19.90", "a whole number is meant"),
        ("quantity_gt=many", "a whole number is meant"),
        ("quantity_gt=" + "9" * 30, "a whole number is meant"),
        ("opt_in_eq=perhaps", "true or false is meant"),
        ("active=", "true or false is meant"),
        ("deactivated=perhaps", "true or false is meant"),
        ("created_at_gt=yesterday", "a date or an instant"),
        ("created_at_gt=2025-02-30", "a date or an instant"),
        ("created_at_gt=2025-07-31T16:59:27", "a date or an instant"),
        ("updated_at_lt=0001-01-01T00:00:00+23:00", "a date or an instant"),
        ("created_at_eq=%00", "a date or an instant"),
    ],
)
def test_values_of_another_type(ask: Client, name: str, said: str) -> None:
    """A value that the attribute cannot have gets 400, and the detail says what is meant."""
    answer = find(ask, name)
    assert answer.status_code == 400
    assert said in answer.get_json()["errors"][0]["detail"]
    assert basis(answer) == "assumed"


def test_an_offer_that_is_gone_is_of_no_site(ask: Client, box: Sandbox) -> None:
    """A purchase whose offer has gone is listed, and on no site."""
    with box.changing():
        box.table("kajabi.offers").delete("2004")
    assert "206" in ids(find(ask))
    assert "206" not in ids(find(ask, "site_id=1001")) | ids(find(ask, "site_id=1002"))
