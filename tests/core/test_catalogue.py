"""The catalogue: everything that sandboxes share, and a user's own fixtures laid over it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import DOCUMENTED, Catalogue, nearest, unmatched
from mocktill.core.sandbox import Sandbox
from mocktill.core.seeds import BrokenSeed
from tests.core.toy import toy

OVERLAY = """\
version: 1
tables:
  deals:
    last-one: {title: Ours, price: 100, stock: 7}
    two-each: null
    our-own: {title: New, price: 200, stock: 3, magic: Of our own.}
"""


def lay(folder: Path, content: str) -> Catalogue:
    """Load the catalogue with a seed file of the user's own for Deem."""
    (folder / "deem").mkdir()
    (folder / "deem" / "seed.yaml").write_text(content)
    return Catalogue(BUILTIN, fixtures=folder)


def test_it_has_every_api_in_order(catalogue: Catalogue) -> None:
    """The APIs are listed as given, and their factory rows are under their names."""
    assert catalogue.apis == BUILTIN
    assert set(catalogue.shelves) == {api.name for api in BUILTIN}
    assert all(table.partition(".")[0] in catalogue.shelves for table in catalogue.factory)


def test_factory_rows_are_made_from_the_seed(catalogue: Catalogue) -> None:
    """An API turns its seed's tables into rows: a deal's stock becomes a stock row."""
    assert catalogue.factory["deem.stock"]["last-one"] == {"free": 1, "held": 0, "sold": 0}
    assert "stock" not in catalogue.factory["deem.deals"]["last-one"]


def test_own_fixtures_replace_remove_and_add(tmp_path: Path) -> None:
    """A user's row replaces ours, null takes ours away, a new one is added, and the rest stays."""
    laid = lay(tmp_path, OVERLAY)
    stock = Sandbox(laid).table("deem.stock")
    assert (stock.get("last-one"), stock.get("our-own")) == (
        {"free": 7, "held": 0, "sold": 0}, {"free": 3, "held": 0, "sold": 0},
    )  # fmt: skip
    assert "two-each" not in stock
    assert "sold-out" in stock
    assert "1234567" in Sandbox(laid).table("deem.credentials")


def test_own_fixtures_change_the_magic(tmp_path: Path, catalogue: Catalogue) -> None:
    """The table of magic values has a new row's sentence, and none of a row that was taken away."""
    magic = {value.key: value.sentence for value in lay(tmp_path, OVERLAY).magic}
    assert magic["our-own"] == "Of our own."
    assert "two-each" not in magic
    assert {value.key for value in catalogue.magic} >= {"two-each", "last-one", "34063ec2"}


def test_own_fixtures_do_not_change_ours(tmp_path: Path) -> None:
    """Another catalogue without them is as before."""
    lay(tmp_path, OVERLAY)
    assert "two-each" in Catalogue(BUILTIN).factory["deem.stock"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "version: 1\ntables:\n  deals:\n    x: {title: T, price: free, stock: 1}\n",
            "4: /tables/deals/x/price: ",
        ),
        ("version: 1\ntables:\n  dealz: {}\n", "3: /tables/dealz: "),
        ("version: 1\ntables: [\n", "3: /: "),
        (
            "version: 1\ntables:\n  deals:\n    x: {title: T, price: 1, stock: 1, ends_at: '2026-02-30T00:00:00Z'}\n",
            "4: /tables/deals/x/ends_at: ",
        ),
        (
            "version: 1\ntables:\n  purchases:\n"
            "    x: {deal_id: d, quantity: 1, price: 1, state: fulfilled, created_at: 2026-02-30T00:00:00Z}\n",
            "4: /tables/purchases/x/created_at: ",
        ),
    ],
)
def test_a_mistake_in_own_fixtures_is_named(tmp_path: Path, content: str, said: str) -> None:
    """A mistake in a user's file stops the start with file, line and pointer."""
    with pytest.raises(BrokenSeed) as caught:
        lay(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path}/deem/seed.yaml:{said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "  purchases:\n    x: {deal_id: nosuchdeal, quantity: 1, price: 1, state: fulfilled, "
            "created_at: '2026-01-01T00:00:00Z'}\n",
            "4: /tables/purchases/x/deal_id: this refers to the deals row 'nosuchdeal', which there is not",
        ),
        (
            "  deals:\n    la-1024-wsc-hair-studio-01-2: null\n",
            "4: /tables/deals/la-1024-wsc-hair-studio-01-2: this row is taken away, and the purchases row '34063ec2' "
            "refers to it",
        ),
    ],
)
def test_a_dangling_reference_in_own_fixtures_is_named(tmp_path: Path, content: str, said: str) -> None:
    """A row that refers to none of theirs or ours, or a null for one that ours refer to, stops the start."""
    with pytest.raises(BrokenSeed) as caught:
        lay(tmp_path, f"version: 1\ntables:\n{content}")
    assert str(caught.value) == f"{tmp_path}/deem/seed.yaml:{said}"


def test_own_rows_may_refer_to_ours(tmp_path: Path) -> None:
    """A purchase of the user's own of a deal of ours is fine, with a user and a card that nobody seeded."""
    row = "{deal_id: last-one, quantity: 1, price: 1, state: fulfilled, created_at: '2026-01-01T00:00:00Z'"
    laid = lay(tmp_path, f"version: 1\ntables:\n  purchases:\n    x: {row}, user_id: me, credit_card_id: mine}}\n")
    assert laid.factory["deem.purchases"]["x"]["deal_id"] == "last-one"


def own(folder: Path) -> str:
    """Return what is said of a user's folder of fixtures, in one line and without its name."""
    with pytest.raises(BrokenSeed) as caught:
        Catalogue(BUILTIN, fixtures=folder)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(folder), "DIR")


@pytest.mark.parametrize("inner", [[], ["examples"], ["deem"]])
def test_a_seed_file_one_level_too_high_is_said(tmp_path: Path, inner: list[str]) -> None:
    """A `seed.yaml` in the folder itself belongs to no API: where it has to be is said."""
    (tmp_path / "seed.yaml").write_text("version: 1\n")
    for name in inner:
        (tmp_path / name).mkdir()
    wanted = "DIR/<api>/seed.yaml, where <api> is deem or drip or supertab or kajabi"
    assert own(tmp_path) == f"DIR/seed.yaml: no file is read here, but {wanted}"


def test_a_file_where_a_folder_is_meant(tmp_path: Path) -> None:
    """A file in place of the fixtures' folder, or of an API's, is said."""
    (tmp_path / "deem").write_text("version: 1\n")
    assert own(tmp_path / "deem") == "DIR: this is no folder; a folder is meant that has <api>/seed.yaml in it"
    assert own(tmp_path) == "DIR/deem: this is no folder; a folder is meant that has seed.yaml in it"


def test_a_folder_where_a_file_is_meant(tmp_path: Path) -> None:
    """A folder called `seed.yaml` is said, and so is a link that leads nowhere."""
    (tmp_path / "a" / "deem" / "seed.yaml").mkdir(parents=True)
    (tmp_path / "b" / "deem").mkdir(parents=True)
    (tmp_path / "b" / "deem" / "seed.yaml").symlink_to(tmp_path / "nowhere")
    assert own(tmp_path / "a") == "DIR/deem/seed.yaml: Is a directory"
    assert own(tmp_path / "b") == "DIR/deem/seed.yaml: No such file or directory"


@pytest.mark.parametrize(
    ("method", "place"), [("is_dir", ""), ("iterdir", ""), ("iterdir", "/deem"), ("read_bytes", "/deem/seed.yaml")]
)
def test_what_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, place: str) -> None:
    """A file or a folder that the server may not read is one line."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text("version: 1\n")
    forbidden, allowed = Path(f"{tmp_path}{place}"), getattr(Path, method)

    def refuse(path: Path, **more: Any) -> Any:
        if path == forbidden:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return allowed(path, **more)

    monkeypatch.setattr(Path, method, refuse)
    assert own(tmp_path) == f"DIR{place}: Permission denied"


@pytest.mark.parametrize("name", [".git", "__pycache__"])
def test_folders_of_tools_are_passed_over(tmp_path: Path, name: str) -> None:
    """A folder that some tool has left among the fixtures is no slip of the pen."""
    (tmp_path / name).mkdir()
    assert Catalogue(BUILTIN, fixtures=tmp_path).factory == Catalogue(BUILTIN).factory


def test_our_own_fixtures_can_be_laid_over_themselves() -> None:
    """The folder of the built-in fixtures is a good folder of fixtures, examples and scenarios and all."""
    ours = Path(__file__).parents[2] / "fixtures"
    assert Catalogue(BUILTIN, fixtures=ours).factory == Catalogue(BUILTIN).factory


def test_fixtures_must_be_a_folder(tmp_path: Path) -> None:
    """A folder that is not there is named; one without files for an API changes nothing."""
    with pytest.raises(BrokenSeed, match="nowhere: there is no such folder"):
        Catalogue(BUILTIN, fixtures=tmp_path / "nowhere")
    assert Catalogue(BUILTIN, fixtures=tmp_path).factory == Catalogue(BUILTIN).factory


def test_examples_are_by_operation_and_name(tmp_path: Path) -> None:
    """`tell.json` is the documented example of an operation, `tell.short.json` another one of it."""
    api = toy(tmp_path, examples={"tell.json": b'{"said": "a"}', "tell.short.json": b'{"said": "b"}', "x.txt": b""})
    assert Catalogue([api]).shelves["toy"].examples == {"tell": {DOCUMENTED: {"said": "a"}, "short": {"said": "b"}}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tell.json", b'{"a":\n1,,}', r"tell\.json:2: /: "),
        ("ask.json", b"{}", r"ask\.json:1: /: toy has no operation 'ask'"),
    ],
)
def test_a_broken_example_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """An example that is no JSON, or of no operation, stops the start with file and line."""
    with pytest.raises(BrokenSeed, match=said):
        Catalogue([toy(tmp_path, examples={name: content})])


def test_choices_of_all_apis_are_by_full_name(catalogue: Catalogue) -> None:
    """Each choice is found by its full name, and belongs to the API that it names."""
    assert {choice.name for api in BUILTIN for choice in api.choices} == set(catalogue.choices)
    assert all(name.partition(".")[0] in catalogue.shelves for name in catalogue.choices)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("PUT", "/v1/purchase/x/claim", "claim_purchase"),
        ("POST", "/v1/purchases/reserv", "reserve_purchase"),
        ("GET", "/purchases/x/y", "get_purchase"),
        ("POST", "/reserve", "reserve_purchase"),
        ("GET", "", "create_purchase"),
    ],
)
def test_the_nearest_operations_are_found(catalogue: Catalogue, method: str, path: str, name: str) -> None:
    """A path that no operation has leads to at most three that come near it."""
    near = [operation.name for operation in nearest(catalogue.shelves["deem"].api, method, path)]
    assert name in near
    assert len(near) == 3


@pytest.mark.parametrize(
    ("api", "method", "path", "said"),
    [
        ("deem", "GET", "/v1/purchase/x", "GET /v1/purchases/{purchase_id}: `purchase` is not `purchases`"),
        ("deem", "post", "/v1/purchases/x.json", "GET /v1/purchases/{purchase_id}: the method is POST, not GET"),
        ("deem", "GET", "/v2/purchases/x", "GET /v1/purchases/{purchase_id}: the prefix is /v2, not /v1"),
        ("deem", "GET", "/v1//purchases/x", "GET /v1/purchases/{purchase_id}: a part of the path is empty"),
        ("kajabi", "GET", "/purchases/1", "GET /v1/purchases/{id}: the prefix /v1 is missing"),
        (
            "deem", "PUT", "/v1/purchases/x/claim/y",
            "PUT /v1/purchases/{purchase_id}/claim: the path has 5 parts, not 4",
        ),
        ("deem", "GET", "/", "GET /v1/credit_cards: the path has 0 parts, not 1"),
        ("deem", "POST", "/purchase", "POST /v1/purchases: `purchase` is not `purchases`"),
        (
            "deem", "GET", "/v1/purchase",
            "POST /v1/purchases: the method is GET, not POST; `purchase` is not `purchases`",
        ),
        ("kajabi", "GET", "/v1/" + "x" * 99 + "/1", f"GET /v1/purchases/{{id}}: `{'x' * 39}…` is not `purchases`"),
        (
            "deem", "GET", "/v1/purchases/x",
            "GET /v1/purchases/{purchase_id}: method and path fit; something else of the request could not be read",
        ),
    ],
)  # fmt: skip
def test_it_is_said_why_an_operation_did_not_match(
    catalogue: Catalogue, api: str, method: str, path: str, said: str
) -> None:
    """Each of the nearest operations says what was asked, and what would have fitted."""
    near = unmatched(catalogue.shelves[api].api, method, path)
    assert said in [one.sentence for one in near]
    assert [one.operation for one in near] == nearest(catalogue.shelves[api].api, method, path)
