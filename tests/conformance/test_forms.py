"""Bodies that are forms: they go as such, and what is wrong with one is refused in the vendor's shape."""

from __future__ import annotations

from urllib.parse import urlencode

import orjson
import pytest

from mocktill.core.api import FIELDS, JSON
from mocktill.core.bodies import FORM
from mocktill.core.errors import Malformed
from mocktill.core.sample import request
from tests.conformance.test_bodies import refusals
from tests.conformance.world import Case

BROKEN = {
    "no UTF-8": b"\xff\xfe=\xff",
    "UTF-16": "a=b".encode("utf-16"),
    "too many fields": b"&".join(b"a%d=1" % number for number in range(FIELDS + 1)),
}
ODD = {
    "nothing": b"",
    "only ampersands": b"&&&&",
    "only equals": b"=&==&=",
    "a name alone": b"a",
    "half a percent": b"a=%&%=b&c=%z",
    "no UTF-8, encoded": b"a=%ff%fe&%ff=b",
    "a NUL": b"a=%00",
    "a surrogate": b"a=%ed%a0%80",
    "brackets": b"a[]=1&a[b][c]=2",
    "words that are taken": b"__proto__=1&constructor=2&self=3",
    "a long value": b"a=" + b"x" * 500_000,
    "a long name": b"x" * 500_000,
    "JSON": b'{"a": 1}',
    "a file": b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
}
KINDS = {
    "JSON": "application/json",
    "a JSON of the vendor's": "application/vnd.api+json",
    "a form with its charset": f"{FORM}; charset=utf-8",
    "a form in capitals": FORM.upper(),
    "a multipart form": "multipart/form-data; boundary=x",
    "text": "text/plain",
    "nothing": "",
}


def fields(case: Case) -> dict[str, JSON]:
    """Return the fields of the good form."""
    return dict(case.sample.body)


def test_the_sample_is_a_form(form_case: Case) -> None:
    """What is shown to people is a form, and says so."""
    made = request(form_case.api, form_case.operation, form_case.sample, "")
    assert made.headers["content-type"] == FORM
    assert made.body == urlencode(form_case.sample.body).encode()


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_form_is_refused(form_case: Case, broken: str) -> None:
    """Bytes that are no form, or one with more fields than anybody has, are refused."""
    answer = form_case.ask(form_case.sent()(body=BROKEN[broken]))
    assert answer.status in {form_case.means(Malformed), *refusals(form_case)}


@pytest.mark.parametrize("odd", ODD)
def test_odd_forms(form_case: Case, odd: str) -> None:
    """What is odd and may be a form is held against the schema like any other."""
    answer = form_case.ask(form_case.sent()(body=ODD[odd]))
    if not form_case.contract.accepts(form_case.operation.body or "", {}):
        assert not form_case.succeeded(answer)
    form_case.ask(form_case.sent()(body=form_case.sent().body + b"&" + ODD[odd]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_that_is_said_to_be_something_else(form_case: Case, kind: str) -> None:
    """Whatever a form, or JSON in its place, is said to be, it is accepted or refused in the vendor's shape."""
    sent = form_case.sent()(headers={"Content-Type": KINDS[kind]})
    form_case.ask(sent)
    form_case.ask(sent(body=orjson.dumps(form_case.sample.body)))
    form_case.ask(sent(body=b"{"))
    form_case.ask(sent(body=b"[1]"))


def test_the_fields_of_a_form(form_case: Case) -> None:
    """A field that the schema needs is missed, the others are not; one that nobody knows is in the journal."""
    good, name = fields(form_case), form_case.operation.body or ""
    for field in good:
        form_case.world.box.reset()
        lacking = {key: value for key, value in good.items() if key != field}
        answer = form_case.ask(form_case.sent()(body=form_case.written(lacking)))
        fits = form_case.contract.accepts(name, lacking)
        assert form_case.succeeded(answer) == fits, (field, answer.body)
    form_case.world.box.reset()
    more = form_case.ask(form_case.sent()(body=form_case.written({**good, "nobody_knows_this": "1"})))
    assert any("nobody_knows_this" in violation.pointer for violation in more.entry.violations)


def test_a_number_that_is_none(form_case: Case) -> None:
    """Where the schema has an integer a text is refused, and the digits of one are not."""
    properties = form_case.contract.properties(form_case.operation.body or "")
    for name in [name for name, schema in properties.items() if schema.get("type") == "integer"]:
        for odd in ("many", "1.5", "", "0x10", "9" * 5_000, "\u0661"):
            answer = form_case.ask(form_case.sent()(body=form_case.written({**fields(form_case), name: odd})))
            assert answer.status in refusals(form_case), odd


def test_the_same_field_twice(form_case: Case) -> None:
    """Of a field that is there twice one counts."""
    sent = form_case.sent()
    assert form_case.ask(sent(body=sent.body + b"&" + sent.body)).status == form_case.operation.status


def test_a_chunked_form_is_read(form_case: Case) -> None:
    """A form whose length was not said is read to its end."""
    assert form_case.ask(form_case.sent()(chunked=True)).status == form_case.operation.status


def test_no_password_gets_into_the_journal(form_case: Case) -> None:
    """What a form has under the name of a secret is nowhere in the entry."""
    secret = {name: "a-secret-of-mine-5678" for name in ("password", "client_secret") if name in fields(form_case)}
    answer = form_case.ask(form_case.sent()(body=form_case.written({**fields(form_case), **secret})))
    assert "a-secret-of-mine-5678" not in str(answer.entry)
