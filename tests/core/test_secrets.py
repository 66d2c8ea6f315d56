"""Masking: what is secret never gets into the journal, and what is not secret stays readable."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mocktill.core.api import Request
from mocktill.core.catalogue import Catalogue
from mocktill.core.engine import answer_at_once
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.secrets import (
    CACHED,
    LONGEST,
    MASK,
    SHOWN,
    _known,
    masked,
    masked_body,
    masked_headers,
    masked_query,
    masked_text,
    secret,
    suspicious,
)
from tests.conftest import NOW

CARDS = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "36227206271667",
    "6304000000000000",
    "6759649826438453",
)
KEY = "sk-hush9Zq"
NAMES = (
    "api_key",
    "apiKey",
    "API-KEY",
    "access_token",
    "Authorization",
    "client_secret",
    "password",
    "Cookie",
    "cvc",
)
SEPARATORS = st.sampled_from(["", " ", "-"])
TEXT = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8)


def spelled(number: str, separator: str) -> str:
    """Write a card number in groups of four."""
    return separator.join(number[start : start + 4] for start in range(0, len(number), 4))


@st.composite
def cards(draw: st.DrawFn) -> tuple[str, str]:
    """Return a card number as somebody may write it, and a text that holds it.

    A longer row of digits is no card; nor are groups of digits in a row of other groups, as a UUID has them.
    """
    separator = draw(SEPARATORS)
    card = spelled(draw(st.sampled_from(CARDS)), separator)
    joined = "-?[0-9A-Za-z]" if separator else "[0-9]"
    before = draw(TEXT.filter(lambda text: not re.match(joined, text[::-1])))
    after = draw(TEXT.filter(lambda text: not re.match(joined, text)))
    return card, before + card + after


def planted(text: st.SearchStrategy[Any], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return JSON values with something planted somewhere in them."""
    return st.recursive(
        text,
        lambda inner: st.one_of(
            st.tuples(TEXT, inner, st.none()).map(list),
            st.builds(lambda key, value, other: {other: 1, key: value}, keys, inner, TEXT),
        ),
        max_leaves=2,
    )


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("separator", ["", " ", "-"])
def test_a_card_number_keeps_its_last_four_digits(card: str, separator: str) -> None:
    """A number in a card's range and with its check digit is masked, however it is grouped."""
    assert masked_text(f"Paid by {spelled(card, separator)}, thanks") == (
        f"Paid by {'*' * (len(card) - 4)}{card[-4:]}, thanks"
    )


@pytest.mark.parametrize("card", CARDS)
def test_a_wrong_check_digit_is_no_card(card: str) -> None:
    """A number that differs in its last digit is left alone."""
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert masked_text(wrong) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "34063ec2",
        "a21c5452d8",
        "apaosidnqw4tdsdpqi45jf091835ukdfq3-40695.kfmdg-q09i6m'ldfi8nqk6",
        "la-1024-wsc-hair-studio-01-2",
        "Fri Dec 16 19:11:15 UTC 2011",
        "2011-12-16T19:11:15Z",
        "2026-03-02T12:00:00.123456Z",
        "2026-03-02 12:00:00.123456",
        "20260302120000",
        "20111216191115000000",
        "0000000000000000",
        "1767225600000",
        "1772452800000000",
        "1772452800000000000",
        "http://127.0.0.1:8080/coupon/qr_code/a21c5452d8",
        "41111111111111111111111",
    ],
)
def test_dates_and_ids_are_no_cards(text: str) -> None:
    """Timestamps in every precision, ids, links and too long numbers stay as they are."""
    assert masked_text(text) == text
    assert masked({"at": text}) == {"at": text}
    assert masked_query(f"at={text}") == f"at={text}"


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000_000_000, 2_200_000_000), st.sampled_from([1, 1000, 10**6, 10**9]))
def test_no_timestamp_is_a_card(second: int, precision: int) -> None:
    """No point in time of our century is taken for a card number, whatever its precision."""
    assert masked(second * precision) == second * precision


@settings(max_examples=100, deadline=None)
@given(st.uuids(), st.sampled_from(["", "purchase.", "/v3/purchases/", "-"]))
@example(UUID("a1b2c3d4-e5f6-4111-8111-411111111111"), "purchase.")
@example(UUID("4111111a-1111-4111-8111-411111111111"), "")
def test_no_uuid_is_a_card(uuid: UUID, before: str) -> None:
    """The groups of a UUID are no card, whatever digits they begin with."""
    assert masked_text(f"{before}{uuid}") == f"{before}{uuid}"


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111 12/27 123",
        "Visa4111111111111111x",
        "4111111111111111 12 27",
        "20 4111111111111111",
        "order 7-4111111111111111",
        "4111111111111111-5",
        "4111111111111111 5555555555554444",
        "A0 4111 1111 1111 1111",
        "Apt7 4111-1111-1111-1111",
        "No5 4111 1111 1111 1111",
        "4111 1111 1111 1111a",
    ],
)
def test_a_card_beside_other_digits_is_masked(text: str) -> None:
    """An expiry date, an amount or another card beside it does not hide a card number."""
    shown = masked_text(text).replace(" ", "").replace("-", "")
    assert "4111111111111111" not in shown
    assert "5555555555554444" not in shown


@settings(max_examples=150, deadline=None)
@given(planted(cards(), TEXT))
def test_no_card_survives_in_a_text_or_value(value: Any) -> None:
    """A card number is masked wherever it stands in a JSON value, as a text within any text."""
    found: list[str] = []

    def plain(part: Any) -> Any:
        if isinstance(part, tuple):
            found.append(part[0])
            return part[1]
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        return [plain(item) for item in part] if isinstance(part, list) else part

    body = orjson.dumps(plain(value))
    shown = masked_body(body).decode()
    assert suspicious(body)
    assert not any(card in shown for card in found)


@pytest.mark.parametrize("name", [*NAMES, "x-api-key", "Set-Cookie", "card number", "user_token_id", "PASSWD"])
def test_telling_names_are_secret(name: str) -> None:
    """What stands under a telling name is secret, whatever its spelling; None stays None."""
    assert secret(name)
    assert masked({name: KEY, "n": [{name: {"deep": KEY}}]}) == {name: MASK, "n": [{name: MASK}]}
    assert masked({name: None}) == {name: None}
    assert masked_headers({name: KEY}) == {name: MASK}


@pytest.mark.parametrize(
    "name", ["user_id", "deal_id", "key", "purchase_id", "state", "idempotency-key", "credit_card_id"]
)
def test_plain_names_are_not_secret(name: str) -> None:
    """What is no secret stays readable, and a body without secrets is not touched."""
    assert not secret(name)
    body = orjson.dumps({name: "ABC123"})
    assert masked_body(body) is body
    assert not suspicious(body)


def test_a_card_as_a_number_is_masked() -> None:
    """A card number is masked as a JSON number as well, of either sign, and other numbers stay numbers."""
    assert masked([4111111111111111, 1767225600000, 12, True]) == [
        "************1111",
        1767225600000,
        12,
        True,
    ]
    assert b"4111111111111111" not in masked_body(b'{"n": -4111111111111111}')
    assert b"4111111111111111" not in masked_body(b'{"n": 4111111111111111.0}')


def test_pairs_of_a_name_and_a_value_are_masked() -> None:
    """A value is secret where a name beside it says so, and is left alone where it does not."""
    fields = [{"name": "password", "value": "hunter2"}, {"name": "colour", "value": "red"}]
    assert masked(fields) == [{"name": "password", "value": "***"}, {"name": "colour", "value": "red"}]


def test_a_card_as_a_name_is_masked() -> None:
    """A card number is masked where it is the name of a property."""
    assert b"4111111111111111" not in masked_body(b'{"4111111111111111": 1}')


@settings(max_examples=150, deadline=None)
@given(planted(st.just(KEY), st.one_of(TEXT, st.sampled_from([*NAMES, "pass_word", "card__number", "auth-to-ken"]))))
@example({"pass_word": KEY})
@example({"card__number": KEY})
def test_what_is_not_suspicious_has_no_secret(value: Any) -> None:
    """`suspicious` may be wrong when it says yes, and never when it says no."""
    body = orjson.dumps(value)
    assert suspicious(body) or masked(value) == value


MALFORMED = (
    '{"api_key": "@", }',
    '{"api_key": "@',
    '{"API-Key" : "@" "x"}',
    "{'api_key': '@'}",
    '{"a": {"access_token":"@"',
    '{"password": "a\\"@", }',
    '{"password": "a b @", }',
    '{"tokens": ["x", "@"], }',
    '{"secret": {"x": "@"}, }',
    '{"card number": "@", }',
    "api_key: @",
    "Authorization: Bearer @",
    "password='a b @'",
    "x=1&api_key=a,@",
    "<login><password>@</password></login>",
    '<ns:accessToken type="x">@</ns:accessToken>',
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n@\r\n--b--\r\n',
    "--b\nContent-Disposition: form-data; name=api_key; x=y\nContent-Type: text/plain\n\n@\n--b--",
)


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_body_is_masked(body: str) -> None:
    """A body that is neither JSON nor a form is masked by pattern: no secret gets through."""
    assert KEY not in masked_body(body.replace("@", KEY).encode()).decode()


def test_a_malformed_body_stays_readable() -> None:
    """What is no secret in a malformed body is still there, with bytes that are no UTF-8 replaced."""
    assert masked_body(b'{"user": "ann\xff", "token": "x", }') == '{"user": "ann\ufffd", "token": "***", }'.encode()


FORMS = (
    {"api_key": KEY},
    {"x": "1", "api_key": KEY, "y": "2"},
    {"api_key": f"a,b {KEY}"},
    {"password": f"a&b{KEY}"},
    {"password": f"a}}{KEY}"},
    {"password": f"a]{KEY}"},
    {"user[password]": KEY},
)


@pytest.mark.parametrize("fields", FORMS)
def test_forms_and_queries_are_masked(fields: dict[str, str]) -> None:
    """A secret field is masked in forms and queries, and the others are not."""
    form = urlencode(fields)
    assert KEY not in masked_query(form)
    assert KEY not in masked_body(form.encode()).decode()
    assert KEY not in masked_body(form.replace("_", "%5F").encode()).decode()
    assert KEY not in masked_query(form.replace("_", "%5F"))


@pytest.mark.parametrize("encoded", ["4111+1111+1111+1111", "4111%201111%201111%201111", "%34111111111111111"])
def test_encoded_cards_are_masked(encoded: str) -> None:
    """A card number is found in a form and in a query however it is encoded."""
    assert encoded not in masked_query(f"note={encoded}")
    assert encoded not in masked_body(f"note={encoded}&x=1".encode()).decode()


def test_a_query_without_secrets_is_not_touched() -> None:
    """A raw query stays as it came, as long as there is nothing to mask."""
    for query in ("", "a=1&b=%20", "fields%5Bpurchases%5D=amount,extra", "a&b=", "page=2&x=%zz"):
        assert masked_query(query) == query


def test_headers_are_masked_by_name_and_by_value() -> None:
    """Secret headers are masked, and so are cards and keys inside the others."""
    shown = masked_headers(
        {
            "authorization": "Basic abc",
            "cookie": "a=b",
            "proxy-authorization": "x",
            "x-note": "4111 1111 1111 1111",
            "user-agent": "curl/8",
        }
    )
    assert shown == {
        "authorization": MASK,
        "cookie": MASK,
        "proxy-authorization": MASK,
        "x-note": "************1111",
        "user-agent": "curl/8",
    }
    assert KEY not in masked_headers({"referer": f"http://shop/?api_key={KEY}&x=1"})["referer"]


def asked(catalogue: Catalogue, path: str = "/v1/purchases/reserve", **parts: Any) -> Entry:
    """Ask Deem something, and return what the journal has of it."""
    operations = {"/v1/purchases/reserve": "reserve_purchase", "/v1/purchases/x/claim": "claim_purchase"}
    api = catalogue.shelves["deem"].api
    values: dict[str, Any] = {
        "method": "POST", "path": path, "query": "api_key=1", "headers": {}, "body": b"{}", "base_url": "http://x",
        "operation": api.operation(operations[path]) if path in operations else api.operation("get_purchase"),
        "args": {"purchase_id": path.rpartition("/")[2]}, **parts,
    }  # fmt: skip
    return answer_at_once(Sandbox(catalogue, setup=Setup(now=NOW)), catalogue.shelves["deem"], Request(**values)).entry


@settings(max_examples=60, deadline=None)
@given(value=planted(st.just("@"), st.sampled_from(["deal_id", "user_id", "num_bought", "x"])), card=cards())
def test_no_card_in_a_body_gets_into_the_journal(catalogue: Catalogue, value: Any, card: tuple[str, str]) -> None:
    """Wherever a card number stands in a JSON body, no part of the entry has it."""
    body = orjson.dumps(value).replace(b'"@"', orjson.dumps(card[1]))
    assert card[0] not in repr(asked(catalogue, body=body))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(["json", "form", "query", "header", "malformed"]), TEXT)
def test_no_key_gets_into_the_journal(catalogue: Catalogue, name: str, where: str, text: str) -> None:
    """A secret under a telling name never survives into an entry, in whatever part of the request it is."""
    value, form = text + KEY, {"content-type": "application/x-www-form-urlencoded"}
    pair = urlencode({name: value}, quote_via=quote)
    entry = {
        "json": lambda: asked(catalogue, body=orjson.dumps({"deal_id": "last-one", name: value})),
        "form": lambda: asked(catalogue, headers=form, body=f"deal_id=last-one&{pair}".encode()),
        "query": lambda: asked(catalogue, query=f"x=1&{pair}"),
        "header": lambda: asked(catalogue, headers={name.lower(): value}),
        "malformed": lambda: asked(catalogue, body=orjson.dumps({"a": 1, name: value}) + b"}"),
    }[where]()
    assert KEY not in repr(entry)


@pytest.mark.parametrize(
    "parts",
    [
        {"path": "/v1/purchases/4111111111111111"},
        {"query": "api_key=1&note=4111111111111111"},
        {"query": "api_key=1&4111111111111111=x"},
        {"headers": {"x-note": "card 4111111111111111"}},
        {"headers": {"x-note": "x" * (LONGEST - 12) + "4111111111111111"}},
        {"headers": {"prefer": "4111111111111111"}},
        {"headers": {"prefer": "example=4111111111111111"}},
        {"body": b'{"deal_id": "4111111111111111", "num_bought": 1}'},
        {"body": b'{"4111111111111111": 1}'},
        {"body": b'{"deal_id": {"a": "' + b"x" * 170 + b'4111111111111111"}}'},
        {"body": b"{4111111111111111"},
    ],
)
def test_no_card_gets_into_the_journal(catalogue: Catalogue, parts: dict[str, Any]) -> None:
    """A card number in the path, the query, a header or a body that is refused is in no part of the entry."""
    assert "411111111111" not in repr(asked(catalogue, **parts))


def test_a_card_that_is_cut_is_masked_first(catalogue: Catalogue) -> None:
    """A value is masked before it is cut for a violation, so that no beginning of a card number is left."""
    for length in range(SHOWN - 20, SHOWN):
        body = orjson.dumps({"deal_id": ["x" * length + " 4111111111111111"], "num_bought": 1})
        assert "41111111111" not in repr(asked(catalogue, body=body).violations)


def test_long_names_are_not_remembered() -> None:
    """A name that a client made long is judged, and not kept."""
    kept = _known.cache_info().currsize
    assert secret("x" * CACHED + "token")
    assert _known.cache_info().currsize == kept


@pytest.mark.parametrize("header", ["referer", "host", "origin"])
def test_the_password_of_a_link_gets_nowhere(catalogue: Catalogue, header: str) -> None:
    """User and password of a URL, or of a host, are in no part of the entry."""
    place = f"user:{KEY}@shop.example" if header == "host" else f"https://user:{KEY}@shop.example/"
    assert KEY not in repr(asked(catalogue, headers={header: place}))
