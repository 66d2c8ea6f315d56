"""The tables of a vendor: total, consistent, and each row with a basis and a source."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from mocktill.core import errors as e
from mocktill.core.choices import Basis
from mocktill.core.errors import EVERYWHERE
from mocktill.core.names import NAME
from mocktill.core.sandbox import Sandbox, Setup
from tests.conformance.world import CATALOGUE, Vendor
from tests.conftest import NOW

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "")


def test_every_vendor_says_how_it_is_asked(vendor: Vendor) -> None:
    """Each operation has a sample that fills its path, and a body where it reads one; a credential can be shown."""
    assert vendor.shelf.factory["credentials"][vendor.api.credential]["state"] == "active"
    assert vendor.api.dialect.security
    for operation in vendor.api.operations:
        sample = operation.sample
        assert {*sample.args, *sample.taken} == set(re.findall(r"{(\w+)}", operation.path))
        assert bool(sample.taken) == bool(sample.after)
        assert (sample.body is None) == (operation.body is None)
        assert not operation.form or all(isinstance(value, (str, int)) for value in sample.body.values())


def test_names_are_unique(vendor: Vendor) -> None:
    """Neither two operations have a name, nor two have a method and a path, nor two tables or choices."""
    api = vendor.api
    for names in (
        [operation.name for operation in api.operations],
        [(op.method, prefix + op.path) for op in api.operations for prefix in api.prefixes_of(op)],
        [act.name for act in api.acts],
        [] if api.webhook is None else list(api.webhook.events),
        [spec.name for spec in api.tables],
        [choice.name for choice in api.choices],
        list(api.prefixes),
        list(api.hosts),
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []
    assert NAME.fullmatch(api.name)
    assert api.title


def test_errors_that_happen_everywhere(vendor: Vendor) -> None:
    """There is a row for each meaning that any request can meet, whatever the method."""
    for meaning in (*EVERYWHERE, *vendor.api.dialect.errors):
        for method in METHODS:
            assert vendor.api.dialect.row_for(meaning, method).meaning is meaning


@pytest.mark.parametrize(
    ("meaning", "statuses"),
    [
        (e.NotAuthenticated, {401, 403}),
        (e.NoRoute, {404}),
        (e.WrongMethod, {404, 405}),
        (e.Malformed, {400, 422}),
        (e.Invalid, {400, 422}),
        (e.TooLarge, {413}),
        (e.NotFound, {404}),
        (e.RateLimited, {429}),
    ],
)
def test_statuses_are_those_of_http(vendor: Vendor, meaning: type[e.Meaning], statuses: set[int]) -> None:
    """Vendors differ in few statuses, and in none that HTTP leaves no choice about."""
    assert {row.status for row in vendor.api.dialect.rows if row.meaning is meaning} <= statuses


def test_errors_of_each_operation(vendor: Vendor) -> None:
    """There is a row for each meaning that an operation answers with."""
    for operation in vendor.api.operations:
        for meaning in operation.errors:
            assert vendor.api.dialect.row_for(meaning, operation.method, operation.name).meaning is meaning
        if operation.method == "GET":
            assert all(vendor.api.dialect.row_for(meaning, "HEAD", operation.name) for meaning in operation.errors)


def test_every_row_is_met(vendor: Vendor) -> None:
    """No row is for a meaning that nothing answers with."""
    met = {*EVERYWHERE, *vendor.api.dialect.errors}
    met |= {meaning for operation in vendor.api.operations for meaning in operation.errors}
    assert {row.meaning for row in vendor.api.dialect.rows} <= met


def test_rows_are_for_operations_that_there_are(vendor: Vendor) -> None:
    """A row for some operations names them, each meets its meaning, and it comes before the row for all."""
    for row in vendor.api.dialect.rows:
        for name in row.operations:
            operation = vendor.api.operation(name)
            assert row.meaning in {*EVERYWHERE, *vendor.api.dialect.errors, *operation.errors}
            method = row.methods[0] if row.methods else operation.method
            assert vendor.api.dialect.row_for(row.meaning, method, name).operations


def test_rows_are_errors(vendor: Vendor) -> None:
    """A row has a status of an error, a type, a text, a basis and a source; only the sandbox's own failure is a 5xx."""
    for row in vendor.api.dialect.rows:
        assert 400 <= row.status < 600
        assert (row.status >= 500) == (row.meaning.__name__ == "Broken")
        assert row.type
        assert row.text
        assert row.source
        assert row.basis in set(Basis)


def test_operations_have_a_basis_and_a_source(vendor: Vendor) -> None:
    """An operation says in one line what it does, how well it is known and from where."""
    for operation in vendor.api.operations:
        assert operation.summary
        assert "\n" not in operation.summary
        assert operation.source
        assert operation.basis in set(Basis)
        assert 200 <= operation.status < 300
        assert (operation.response is None) >= (operation.status == 204)
        assert operation.status not in operation.also
        assert all(200 <= status < 500 and said.endswith(".") for status, said in operation.also.items())
        assert not operation.also or operation.response is not None
        assert all(prefix == "" or prefix.startswith("/") for prefix in operation.prefixes)
        assert not operation.form or operation.body is not None
        assert operation.method == operation.method.upper()
        assert operation.path.startswith("/")


def test_every_schema_is_there(vendor: Vendor) -> None:
    """The schemas that operations and errors name exist, and each names its source."""
    documents = vendor.contract.documents
    for operation in vendor.api.operations:
        assert {name for name in (operation.response, operation.body, operation.query) if name} <= set(documents)
    if vendor.api.webhook is not None:
        assert {f"webhook.{event}" for event in vendor.api.webhook.events} <= set(documents)
    assert {vendor.api.dialect.error_schema(row) for row in vendor.api.dialect.rows} <= set(documents)
    assert [name for name, document in documents.items() if not document.get("x-source")] == []


def test_choices(vendor: Vendor) -> None:
    """A choice belongs to its vendor, asks a question, and has two options at the least, of which the first holds."""
    assert f"{vendor.api.name}.unknown_credentials" in {choice.name for choice in vendor.api.choices}
    for choice in vendor.api.choices:
        values = [option.value for option in choice.options]
        assert choice.name.startswith(f"{vendor.api.name}.")
        assert choice.question.endswith((".", "?"))
        assert len(values) >= 2
        assert len(set(values)) == len(values)
        assert choice.default == values[0]
        assert vendor.world.box.choices[choice.name] == values[0]
        assert all(option.sentence for option in choice.options)
        assert {choice.weight(value)[0] for value in values} <= set(Basis)


def test_acts(vendor: Vendor) -> None:
    """An act says in one line what it does, is about a table of its vendor, and knows no key that is nobody's."""
    for act in vendor.api.acts:
        assert act.summary
        assert "\n" not in act.summary
        assert act.about in {spec.name for spec in vendor.api.tables}
        before = vendor.world.box.store.rows()
        with pytest.raises(KeyError, match="nobody-made-this"):
            vendor.world.box.act(f"{vendor.api.name}.{act.name}", "nobody-made-this")
        assert vendor.world.box.store.rows() == before


def test_webhooks(vendor: Vendor) -> None:
    """Whoever sends webhooks says what of and from where it is known, and leaves open when and how often."""
    webhook = vendor.api.webhook
    if webhook is not None:
        assert webhook.events
        assert webhook.source
        assert webhook.basis in set(Basis)
        assert {f"{vendor.api.name}.webhook_delivery", f"{vendor.api.name}.webhook_retries"} <= set(
            vendor.shelf.choices
        )
        for name, value in webhook.headers("msg_1", 1_700_000_000, b"{}", webhook.secret).items():
            assert (name + value).isprintable()


def test_magic_values(vendor: Vendor) -> None:
    """There is a credential that is accepted and one that is refused, and a sentence for each magic value."""
    magic = vendor.shelf.seed.magic
    assert vendor.key("active")
    assert vendor.key("refused", "expired", "revoked")
    assert all(one.sentence.endswith((".", "`")) or ":" in one.sentence for one in magic)
    assert {one.table for one in magic} >= {"credentials"}


@pytest.mark.parametrize("count", [1, 50])
def test_populate(vendor: Vendor, count: int) -> None:
    """Populating makes that many objects with keys of their own, the same for the same seed."""
    made = [Sandbox(CATALOGUE, setup=Setup(now=NOW)) for _ in range(2)]
    keys = [box.populate(count, vendor.api.name)[vendor.api.name] for box in made]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == count
    assert made[0].store.rows() == made[1].store.rows()


def test_the_view_is_there(vendor: Vendor) -> None:
    """A vendor has a view of its domain."""
    assert vendor.world.box.view(vendor.api.name) is not None


def test_curl(vendor: Vendor) -> None:
    """A vendor shows how it is asked in a line of curl that has the place for its address."""
    assert vendor.api.curl
    assert all(line.startswith("curl ") and "{base}" in line for line in vendor.api.curl)
