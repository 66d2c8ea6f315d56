"""Other ways of answering: `Prefer`, its precedence, and that none of them changes anything."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.answers import QUIET, parse
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from tests.client import Client
from tests.conftest import NOW

BODY = {"deal_id": "last-one", "num_bought": 1}
GET = "/v1/purchases/{}?api_key=1"


def reserve(box: Sandbox, prefer: str = "", deal: str = "last-one") -> tuple[int, str | None, dict[str, object]]:
    """Reserve with a preference; return the status, what was applied, and the body."""
    headers = {"Prefer": prefer} if prefer else {}
    answer = Client(box, "deem")(
        "POST", "/v1/purchases/reserve?api_key=1", json={**BODY, "deal_id": deal}, headers=headers
    )
    return answer.status_code, answer.headers.get("Preference-Applied"), answer.get_json()


def made(catalogue: Catalogue, answers: str, seed: int = 1) -> Sandbox:
    """Make a sandbox that answers in a way of its own."""
    return Sandbox(catalogue, setup=Setup(answers=answers, now=NOW, seed=seed))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", {}),
        ("code=404", {"code": "404"}),
        ('Example="a b" , DYNAMIC = true', {"example": "a b", "dynamic": "true"}),
        ("code=404; example=x", {"code": "404", "example": "x"}),
        ("code=404, code=500", {"code": "404"}),
        ("respond-async,,;wait=10", {"respond-async": "", "wait": "10"}),
    ],
)
def test_preferences_are_parsed(header: str, found: dict[str, str]) -> None:
    """Names are read in any case, values with or without quotes, and of a repeated one the first counts."""
    assert parse(header) == found


@pytest.mark.parametrize("header", ['x="a,b"', 'x="a;b"', 'x="a, dynamic=true"'])
def test_a_quoted_value_is_one_value(header: str) -> None:
    """What stands in quotes is a value as a whole, with its commas and semicolons."""
    assert parse(header) == {"x": header[3:-1]}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_header_is_parsed(header: str) -> None:
    """No header is an error."""
    assert all(name == name.strip().lower() != "" for name in parse(header))


def test_the_documented_example_is_literal(catalogue: Catalogue, box: Sandbox) -> None:
    """`example=documented` answers with the example as it is, and no state changes."""
    before = box.store.rows()
    status, applied, body = reserve(box, "example=documented")
    assert (status, applied) == (200, "example=documented")
    assert body == catalogue.shelves["deem"].examples["reserve_purchase"]["documented"]
    assert box.store.rows() == before
    assert (box.journal.entries()[-1].notes, box.journal.entries()[-1].changes) == ((QUIET,), ())


@pytest.mark.parametrize(
    ("prefer", "status", "applied", "error"),
    [
        ("code=422", 422, "code=422", "validation_failed"),
        ("code=422, example=cannot_fufill", 422, "code=422, example=cannot_fufill", "cannot_fufill"),
        ("code=404", 404, "code=404", "find_failed"),
        ("code=401, dynamic=true", 401, "code=401", "auth_failed"),
        ("example=documented, code=404", 200, None, None),
        ("code=200", 200, "code=200", None),
        ("code=200, example=documented", 200, "example=documented", None),
        ("code=200, dynamic=true", 200, "dynamic=true", None),
        ("example=documented, dynamic=true", 200, "example=documented", None),
        ("dynamic=true", 200, "dynamic=true", None),
        ("dynamic=TRUE", 200, "dynamic=true", None),
        ("dynamic=false", 200, None, None),
        ("code=402", 200, None, None),
        ("code=999", 200, None, None),
        ("example=nothing", 200, None, None),
        ("respond-async", 200, None, None),
    ],
)
def test_code_goes_before_example_before_dynamic(
    box: Sandbox, prefer: str, status: int, applied: str | None, error: str | None
) -> None:
    """A preference that the operation can follow is applied, and said; of several one counts."""
    found, said, body = reserve(box, prefer)
    assert (found, said, body.get("error_type")) == (status, applied, error)


@pytest.mark.parametrize(
    ("prefer", "note"),
    [
        ("respond-async", "the preference 'respond-async' is not known"),
        ("example=nothing", "reserve_purchase has no example 'nothing': the preference is not applied"),
        ("code=402", "reserve_purchase has no code=402: the preference is not applied"),
        ("code=422, example=no", "reserve_purchase has no example=no of 422: the preference is not applied"),
    ],
)
def test_what_is_not_applied_is_journalled(box: Sandbox, prefer: str, note: str) -> None:
    """A preference that is unknown or cannot be followed is ignored, and the journal says so once."""
    status, applied, _ = reserve(box, prefer)
    assert (status, applied) == (200, None)
    assert box.journal.entries()[-1].notes == (note,)
    assert box.view("deem").stock("last-one").held == 1


def test_an_unknown_preference_beside_a_known_one(box: Sandbox) -> None:
    """An unknown preference does not keep a known one from being applied."""
    assert reserve(box, "wait=5, dynamic=true")[1] == "dynamic=true"
    assert box.journal.entries()[-1].notes == ("the preference 'wait' is not known", QUIET)


@pytest.mark.parametrize("prefer", ["example=documented", "dynamic=true", "code=404"])
def test_credentials_and_contract_come_first(box: Sandbox, prefer: str) -> None:
    """A preference does not get around a refused key or a body that breaks the contract."""
    client = Client(box, "deem", {"Prefer": prefer})
    assert client("POST", "/v1/purchases/reserve?api_key=key-refused", json=BODY).status_code == 401
    assert client("POST", "/v1/purchases/reserve?api_key=1", json={"num_bought": 1}).status_code == 422


def test_other_answers_can_be_the_sandboxes_own(catalogue: Catalogue) -> None:
    """Canned and generated answers need no header, and then none is answered; a preference goes before."""
    canned, generated = made(catalogue, "canned"), made(catalogue, "generated")
    example = catalogue.shelves["deem"].examples["reserve_purchase"]["documented"]
    assert reserve(canned) == (200, None, example)
    assert reserve(generated, "example=documented") == (200, "example=documented", example)
    assert reserve(generated)[2] != example
    assert reserve(canned, "code=422")[0] == 422
    assert reserve(generated, "unknown")[1] is None
    for box in (canned, generated):
        assert box.view("deem").stock("last-one").held == 0
        assert QUIET in box.journal.entries()[-1].notes


def test_dynamic_answers_obey_the_schema(catalogue: Catalogue, box: Sandbox) -> None:
    """A generated answer is valid, assumed, and about the id that was asked for."""
    answer = Client(box, "deem")("GET", GET.format("asked-for"), headers={"Prefer": "dynamic=true"})
    assert catalogue.shelves["deem"].contract.explain("get_purchase.response", answer.get_json()) == ()
    assert answer.get_json()["purchase"]["id"] == "asked-for"
    assert answer.headers["Mocktill-Basis"] == "assumed"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "34063ec2"]), min_size=1, max_size=6), st.integers(0, 3))
def test_dynamic_answers_depend_on_seed_and_id_only(catalogue: Catalogue, order: list[str], seed: int) -> None:
    """The same id gets the same answer for the same seed, in whatever order it is asked for."""
    box = made(catalogue, "generated", seed)
    client = Client(box, "deem")
    for key in order:
        fresh = Client(made(catalogue, "generated", seed), "deem")
        assert client("GET", GET.format(key)).data == fresh("GET", GET.format(key)).data


def test_another_seed_or_id_gives_another_answer(catalogue: Catalogue) -> None:
    """Generated answers differ by seed and by id."""
    answers = {
        orjson.dumps(Client(made(catalogue, "generated", seed), "deem")("GET", GET.format(key)).get_json())
        for seed in (1, 2)
        for key in ("a", "b")
    }
    assert len(answers) == 4


@pytest.mark.parametrize(
    ("prefer", "basis"), [("", "documented"), ("example=documented", "documented"), ("code=422", "published")]
)
def test_the_basis_is_that_of_what_is_answered(box: Sandbox, prefer: str, basis: str) -> None:
    """The example is as well known as its operation, an error as its row."""
    headers = {"Prefer": prefer} if prefer else {}
    answer = Client(box, "deem")("POST", "/v1/purchases/reserve?api_key=1", json=BODY, headers=headers)
    assert answer.headers["Mocktill-Basis"] == basis
