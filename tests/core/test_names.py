"""Names that users give, and what is said of one that nothing has."""

from __future__ import annotations

import pytest

from mocktill.core.names import COMPARED, absent, look_up
from mocktill.core.store import Store


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("last-on", ["first", "last-one"], "there is no deal 'last-on': did you mean 'last-one'?"),
        (123, ["123", "9"], "there is no deal 123: did you mean '123'?"),
        ("x", ["a", "b"], "there is no deal 'x': there are 'a', 'b'"),
        ("x", list("abcdef"), "there is no deal 'x': there are 'a', 'b', 'c', 'd', 'e', …"),
        ("x", [], "there is no deal 'x': there are none"),
    ],
)
def test_what_is_absent_is_said_in_words(name: object, known: list[str], said: str) -> None:
    """A name that nothing has is told with the nearest one, or with some that there are."""
    assert absent("deal", name, known).args == (said,)


def test_it_is_said_where() -> None:
    """Where it was looked for is said where that matters."""
    assert absent("table", "x", [], "at home").args == ("there is no table 'x' at home: there are none",)


def test_a_long_name_is_cut() -> None:
    """A name of any length makes no long sentence, and is not compared for long."""
    assert len(absent("deal", "x" * 10_000, ["y" * 10]).args[0]) < 200


def test_not_all_of_many_are_compared() -> None:
    """No more names are looked at than somebody would wait for."""
    known = iter([*["a"] * COMPARED, "last-one"])
    assert absent("deal", "last-on", known).args[0].endswith("there are 'a', 'a', 'a', 'a', 'a', …")
    assert list(known) == ["last-one"]


def test_a_row_is_looked_up() -> None:
    """A row that there is is returned; one that there is not is a KeyError in words."""
    store = Store()
    table = store.declare("deem.deals")
    with store.transaction():
        table.put("last-one", {"price": 2000})
    assert look_up(table, "last-one", "deal") == {"price": 2000}
    with pytest.raises(KeyError, match="there is no deal 'lats-one': did you mean 'last-one'"):
        look_up(table, "lats-one", "deal")
