"""Seed files: plain data in YAML, and a line for whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.apis import BUILTIN
from mocktill.core.api import Api
from mocktill.core.contract import Contract
from mocktill.core.seeds import LARGEST, BrokenSeed, Magic, Seed, load_seed, read_yaml, references

THING = {
    "anyOf": [
        {
            "type": "object",
            "required": ["n"],
            "additionalProperties": False,
            "properties": {"n": {"type": "integer"}, "magic": {"type": "string"}},
        },
        {"type": "null"},
    ]
}
TABLE = {"type": "object", "additionalProperties": THING}
CONTRACT = Contract(
    {
        "seed": {
            "type": "object",
            "required": ["version"],
            "additionalProperties": False,
            "properties": {
                "version": {"const": 1},
                "tables": {"type": "object", "properties": {"things": TABLE}, "additionalProperties": False},
            },
        }
    }
)


def load(folder: Path, content: str | bytes) -> Seed:
    """Load a seed file with this content."""
    file = folder / "seed.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_seed(file, "toy", CONTRACT)


REFERRING = Contract(
    {
        "seed": {
            "properties": {
                "tables": {
                    "properties": {
                        "owners": {"additionalProperties": {"type": ["object", "null"]}},
                        "things": {
                            "additionalProperties": {
                                "anyOf": [
                                    {
                                        "properties": {
                                            "owner": {"$ref": "other.json#/key"},
                                            "parts": {"type": "array", "x-table": "things"},
                                        }
                                    },
                                    {"type": "null"},
                                ]
                            }
                        },
                    }
                }
            },
        },
        "other": {"key": {"x-table": "owners", "type": ["string", "null"]}},
    }
)
OURS = Seed(
    {"owners": {"o": {}, "p": {}, "free": {}}, "things": {"t": {"owner": "o", "parts": []}, "u": {"parts": ["t"]}}}, ()
)


def dangling(folder: Path, tables: str, base: Seed | None = OURS) -> list[str]:
    """Return what is said of references in a seed file with these tables, which begin on line 3."""
    file = folder / "seed.yaml"
    file.write_text(f"version: 1\ntables:\n{tables}")
    try:
        load_seed(file, "toy", REFERRING, base)
    except BrokenSeed as error:
        return str(error).replace(f"{folder}/", "").splitlines()
    return []


def complaint(folder: Path, content: str | bytes) -> str:
    """Return what is said of a broken seed file, without its folder; it is one line."""
    with pytest.raises(BrokenSeed) as caught:
        load(folder, content)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_seed_has_rows_and_magic(tmp_path: Path) -> None:
    """A row's `magic` is its sentence and not part of the row; a null takes a row away."""
    seed = load(
        tmp_path,
        'version: 1\ntables:\n  things:\n    a: {n: 1, magic: "It is."}\n    b: {n: 2}\n    c: null\n',
    )
    assert seed.tables == {"things": {"a": {"n": 1}, "b": {"n": 2}, "c": None}}
    assert seed.rows() == {"things": {"a": {"n": 1}, "b": {"n": 2}}}
    assert seed.magic == (Magic("toy", "things", "a", "It is."),)


def test_a_seed_without_tables_is_empty(tmp_path: Path) -> None:
    """Only the version must be there."""
    assert load(tmp_path, "version: 1").rows() == {}


@pytest.mark.parametrize(
    ("content", "start"),
    [
        ("", "seed.yaml:1: /version: expected a value, got nothing (required)"),
        ("[]", "seed.yaml:1: /: expected object"),
        (
            "version: 1\ntables:\n  things:\n    a:\n      n: one\n",
            "seed.yaml:5: /tables/things/a/n: expected integer",
        ),
        ("version: 1\ntables:\n  things:\n    a: {}\n", "seed.yaml:4: /tables/things/a/n: expected a value"),
        (
            "version: 1\ntables:\n  thinks:\n    a: {n: 1}\n",
            "seed.yaml:3: /tables/thinks: expected no such property",
        ),
        ("version: 2\n", "seed.yaml:1: /version: expected 1, got 2"),
        ("# a word\n\nversion: 1\nextra: 1\n", "seed.yaml:4: /extra: expected no such property"),
        (
            'version: 1\ntables: {things: {"a/b~": {n: x}}}',
            "seed.yaml:2: /tables/things/a~1b~0/n: expected integer",
        ),
        (
            "version: 1\ntables:\n  things:\n    a: {n: 1.5}",
            "seed.yaml:4: /tables/things/a/n: expected integer",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, content: str, start: str) -> None:
    """What the schema refuses is named with file, line, pointer, and what was expected."""
    assert complaint(tmp_path, content).startswith(start)


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("version: 1\ntables: {things\n", 3, "expected"),
        ("version: 1\n\ttables: 1\n", 2, "cannot start any token"),
        ("version: 1\ntables:\n  things:\n    a: {n: 1}\n    a: {n: 2}\n", 5, "the key a is there twice"),
        ("version: 1\nversion: 1\n", 2, "the key version is there twice"),
        ("version: 1\ntables:\n  things:\n    on: {n: 1}\n", 4, "the key on is no text"),
        ("version: 1\ntables:\n  things:\n    12: {n: 1}\n", 4, "the key 12 is no text"),
        ("version: 1\n? [a]\n: 1\n", 2, "is no text"),
        ("a: &a [x]\nb: *a\n", 2, "aliases are not allowed"),
        ("a: &a {n: 1}\nb:\n  <<: *a\n", 3, "aliases are not allowed"),
        ("version: 1\n<<: {n: 1}\n", 2, "is no text"),
        ("version: 1\n---\nversion: 1\n", 2, "another document"),
        ("version: 1\ntables: !!python/object:os.system {}\n", 2, "python/object"),
        ("version: 1\ntables: !!python/object/apply:os.system ['true']\n", 2, "python/object"),
        ("version: 1\ntables: !mine {}\n", 2, "!mine"),
        ("version: 1\ntables: !!set {a, b}\n", 2, "set"),
        ("version: 1\ntables: !!omap [a: 1]\n", 2, "omap"),
        ("version: 1\ntables: !!pairs [a: 1]\n", 2, "pairs"),
        ("version: 1\ntables: !!binary aGk=\n", 2, "binary"),
        ("version: 1\ntables: !!timestamp 2001-01-01\n", 2, "timestamp"),
        ("version: 1\ntables: !!int soon\n", 2, ""),
        ("version: 1\ntables: !!float soon\n", 2, ""),
        ("version: 1\ntables: .nan\n", 2, ""),
        ("version: 1\ntables: -.inf\n", 2, ""),
        ("version: 1\ntables: =\n", 2, ""),
        ("version: 1\ntables:\n  a\x00b: 1\n", 3, "unacceptable character"),
        (b"version: 1\ntables: \xff\n", 1, "the file is not UTF-8"),
        ("a: " + "[" * 3000 + "]" * 3000, 1, "nested too deeply"),
        (b"#" * LARGEST + b"\n", 1, "the file is over"),
    ],
)
def test_what_is_no_plain_data_is_named_with_its_line(tmp_path: Path, content: Any, line: int, word: str) -> None:
    """Broken YAML, and what JSON cannot say, stops the loading with file, line and a word on it."""
    said = complaint(tmp_path, content)
    assert said.startswith(f"seed.yaml:{line}: /")
    assert word in said


def test_an_alias_bomb_does_not_go_off(tmp_path: Path) -> None:
    """A file of nested aliases is refused at its first one."""
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert complaint(tmp_path, bomb).startswith("seed.yaml:2: /: aliases are not allowed")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(BrokenSeed, match=r"nowhere\.yaml: No such file"):
        read_yaml(tmp_path / "nowhere.yaml")


def test_yaml_is_read_as_json(tmp_path: Path) -> None:
    """Dates stay text; numbers, booleans and nulls are what JSON calls so."""
    file = tmp_path / "a.yaml"
    file.write_text("at: 2026-03-02\nwhen: 2026-03-02T12:00:00Z\nn: 12\nx: 1.5\nt: true\nnone: null\nlist: [a]\n")
    value, _ = read_yaml(file)
    assert value == {
        "at": "2026-03-02", "when": "2026-03-02T12:00:00Z", "n": 12, "x": 1.5, "t": True,
        "none": None, "list": ["a"],
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("ab/~", min_size=1, max_size=3), st.lists(st.integers(), max_size=3), max_size=4))
def test_every_pointer_has_its_line(tmp_path_factory: pytest.TempPathFactory, value: dict[str, list[int]]) -> None:
    """Each value of a document is found at the line on which it stands."""
    lines, expected = ["# begin", "top:"], {"/top": 2}
    for key, numbers in value.items():
        lines.append(f'  "{key}":')
        pointer = "/top/" + key.replace("~", "~0").replace("/", "~1")
        expected[pointer] = len(lines)
        for place, number in enumerate(numbers):
            lines.append(f"    - {number}")
            expected[f"{pointer}/{place}"] = len(lines)
    file = tmp_path_factory.getbasetemp() / "lines.yaml"
    file.write_text("\n".join(lines))
    assert read_yaml(file)[1].items() >= expected.items()


def test_a_seed_lies_over_another() -> None:
    """Rows of the upper seed replace, add and remove; other rows and tables stay."""
    lower = Seed({"a": {"x": {"n": 1}, "y": {"n": 2}}, "b": {"z": {}}}, ())
    upper = Seed({"a": {"x": {"n": 3}, "y": None, "w": {}}, "c": {"v": {}}}, ())
    assert upper.over(lower).rows() == {"a": {"x": {"n": 3}, "w": {}}, "b": {"z": {}}, "c": {"v": {}}}
    assert lower.rows() == {"a": {"x": {"n": 1}, "y": {"n": 2}}, "b": {"z": {}}}


def test_magic_goes_with_its_row() -> None:
    """A sentence is replaced with its row, and goes when the row goes or no longer has one."""
    lower = Seed({"a": {key: {} for key in "wxyz"}}, tuple(Magic("toy", "a", key, f"old {key}") for key in "wxyz"))
    upper = Seed({"a": {"x": {"n": 1}, "y": None, "z": {"n": 2}}}, (Magic("toy", "a", "x", "new x"),))
    assert {magic.key: magic.sentence for magic in upper.over(lower).magic} == {"w": "old w", "x": "new x"}


def test_all_mistakes_are_told(tmp_path: Path) -> None:
    """Each violation has its line, and an unknown property comes first: it explains the one that is missing."""
    with pytest.raises(BrokenSeed) as caught:
        load(tmp_path, "version: 2\ntables:\n  things:\n    a: {m: 1}\n    b: {n: x}\n")
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "seed.yaml:4: /tables/things/a/m: expected no such property, got 1 (additionalProperties)",
        "seed.yaml:4: /tables/things/a/n: expected a value, got nothing (required)",
        'seed.yaml:5: /tables/things/b/n: expected integer, got "x" (type)',
        "seed.yaml:1: /version: expected 1, got 2 (const)",
    ]


@pytest.mark.parametrize(("mistakes", "lines"), [(10, 10), (11, 11), (500, 11)])
def test_ten_mistakes_are_enough(tmp_path: Path, mistakes: int, lines: int) -> None:
    """No more than ten violations are told, and that there are more."""
    rows = "".join(f"    a{number}: {{n: x}}\n" for number in range(mistakes))
    with pytest.raises(BrokenSeed) as caught:
        load(tmp_path, f"version: 1\ntables:\n  things:\n{rows}")
    said = str(caught.value).splitlines()
    assert len(said) == lines
    assert sum(": expected integer" in line for line in said) == 10
    assert (said[-1] == f"{tmp_path}/seed.yaml: and more of the kind") == (mistakes > 10)


def test_the_schema_says_what_refers_to_what() -> None:
    """`x-table` is found behind alternatives and in other documents."""
    assert references(REFERRING) == {"things": {"owner": "owners", "parts": "things"}}
    assert references(CONTRACT) == {}


@pytest.mark.parametrize(
    "tables",
    [
        "  things:\n    x: {owner: o, parts: [t, u, x]}\n",
        "  things:\n    x: {owner: null, parts: []}\n",
        "  things:\n    x: {owner: new}\n  owners: {new: {}}\n",
        "  owners:\n    free: null\n",
        "  owners:\n    o: {name: Another}\n",
        "  owners:\n    o: null\n  things:\n    t: {owner: p}\n",
        "  owners:\n    o: null\n  things:\n    t: null\n    u: null\n",
        "  things:\n    u: null\n    t: null\n",
        "  owners:\n    nobody: null\n",
    ],
)
def test_references_that_lead_somewhere(tmp_path: Path, tables: str) -> None:
    """A row may refer to rows of its file and of the base; one may be taken away that no row refers to any more."""
    assert dangling(tmp_path, tables) == []


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            "  things:\n    x:\n      owner: nobody\n",
            ["5: /tables/things/x/owner: this refers to the owners row 'nobody', which there is not"],
        ),
        (
            "  things:\n    x:\n      parts:\n        - t\n        - gone\n",
            ["7: /tables/things/x/parts/1: this refers to the things row 'gone', which there is not"],
        ),
        (
            '  things:\n    "a/b~": {owner: nobody}\n',
            ["4: /tables/things/a~1b~0/owner: this refers to the owners row 'nobody', which there is not"],
        ),
        (
            "  things:\n    x: {owner: o}\n  owners:\n    o: null\n",
            [
                "6: /tables/owners/o: this row is taken away, and the things row 't' refers to it",
                "4: /tables/things/x/owner: this refers to the owners row 'o', which there is not",
            ],
        ),
        (
            "  things:\n    t: null\n",
            ["4: /tables/things/t: this row is taken away, and the things row 'u' refers to it"],
        ),
    ],
)
def test_references_that_lead_nowhere(tmp_path: Path, tables: str, said: list[str]) -> None:
    """A row that refers to none is named with its line; so is a null that takes away what the base refers to."""
    assert dangling(tmp_path, tables) == [f"seed.yaml:{line}" for line in said]


def test_the_bases_own_rows_are_its_own_matter(tmp_path: Path) -> None:
    """What the base refers to in vain is not told of a file that has nothing to do with it."""
    base = Seed({"things": {"t": {"owner": "never there"}}}, ())
    assert dangling(tmp_path, "  owners: {o: {}}\n", base) == []


def test_without_a_base_a_file_stands_alone(tmp_path: Path) -> None:
    """The factory's own file has to have every row that it refers to."""
    assert len(dangling(tmp_path, "  things:\n    x: {owner: o}\n", None)) == 1


def test_ten_dangling_references_are_enough(tmp_path: Path) -> None:
    """No more than ten are told, and that there are more."""
    said = dangling(tmp_path, "  things:\n" + "".join(f"    x{number}: {{owner: no}}\n" for number in range(30)))
    assert (len(said), said[-1]) == (11, "seed.yaml: and more of the kind")


@pytest.mark.parametrize("api", BUILTIN, ids=lambda api: api.name)
def test_every_vendor_says_what_refers_to_what(api: Api) -> None:
    """Each vendor's seed schema annotates references, to tables that a seed file can have."""
    contract = Contract.load(api.schemas)
    links = references(contract)
    assert links
    tables = contract.properties("seed")["tables"]["properties"]
    assert {target for fields in links.values() for target in fields.values()} <= set(tables)


def test_an_impossible_date_in_a_row_of_an_odd_name(tmp_path: Path) -> None:
    """The line of a date that there is not is found whatever its row is called."""
    file = tmp_path / "seed.yaml"
    file.write_text('version: 1\ntables:\n  things:\n    "a/b~":\n      made_at: "2026-02-30T00:00:00Z"\n')
    with pytest.raises(BrokenSeed, match=r"seed\.yaml:5: /tables/things/a~1b~0/made_at: "):
        load_seed(file, "toy", REFERRING)


@pytest.mark.parametrize("row", ['{state: active, note: "\\uD800"}', "{state: active, note: 36893488147419103232}"])
def test_what_no_answer_could_hold_is_refused(tmp_path: Path, row: str) -> None:
    """A lone surrogate and an integer over 64 bits pass a schema, and are named with their line."""
    file = tmp_path / "seed.yaml"
    file.write_text(f"version: 1\ntables:\n  credentials:\n    k: {row}\n")
    contract = Contract({"seed": {"type": "object"}})
    with pytest.raises(BrokenSeed, match=r"seed\.yaml:4: /tables/credentials/k: "):
        load_seed(file, "toy", contract)


def test_a_whole_number_is_an_integer(tmp_path: Path) -> None:
    """JSON's 2.0 is an integer, and is one in the row."""
    file = tmp_path / "seed.yaml"
    file.write_text("version: 1\ntables:\n  things:\n    k: {a: 2.0, b: 2.5}\n")
    rows = load_seed(file, "toy", Contract({"seed": {"type": "object"}})).rows()
    assert [repr(value) for value in rows["things"]["k"].values()] == ["2", "2.5"]
