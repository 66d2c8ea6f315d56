"""Seed files: plain data in YAML, and a line for whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.contract import Contract
from mocktill.core.seeds import LARGEST, BrokenSeed, Magic, Seed, load_seed, read_yaml

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
