"""The peers are asked for the same purchase as Mocktill, and one that cannot be had is said and left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.benchmarks.contest import check_answers
from tests.benchmarks.field import FIELD, PEERS, Peer, all_served, install_all
from tests.benchmarks.ours import EMPTY, EMPTY_PURCHASE
from tests.benchmarks.served import serving

ROOT = Path(__file__).parents[2]
STUBS = PEERS / "wiremock" / "mappings"
ENDS = Peer("ends", "ends@1", (), lambda modules, port: [sys.executable, "-c", "raise SystemExit(4)"], False, "as is")


def read(file: Path) -> Any:
    """Return what a JSON file says."""
    return orjson.loads(file.read_bytes())


def answers_of_prism(name: str) -> Any:
    """Return what Prism answers an operation with."""
    operations = [each for path in read(PEERS / "prism.openapi.json")["paths"].values() for each in path.values()]
    found = next(each for each in operations if each["operationId"] == name)
    return found["responses"]["200"]["content"]["application/json"]["example"]


def answers_of_mockoon(name: str) -> Any:
    """Return what Mockoon answers an operation with."""
    method = name.partition("_")[0].replace("reserve", "post")
    found = next(each for each in read(PEERS / "mockoon.json")["routes"] if each["method"] == method)
    return orjson.loads(found["responses"][0]["body"])


def answers_of_wiremock(name: str) -> Any:
    """Return what WireMock answers an operation with."""
    return read(STUBS / f"{name}.json")["response"]["jsonBody"]


@pytest.mark.parametrize("name", ["get_purchase", "reserve_purchase"])
@pytest.mark.parametrize("answers_of", [answers_of_prism, answers_of_mockoon, answers_of_wiremock])
def test_each_peer_answers_with_the_documented_purchase(answers_of: Any, name: str) -> None:
    """What a peer answers is the example of the vendor's documentation, so that all send as much."""
    assert answers_of(name) == read(ROOT / "fixtures" / "deem" / "examples" / f"{name}.json")


def test_peers_check_the_schema_that_mocktill_checks() -> None:
    """The two that can check a body check the schema of a reservation, without our annotations."""
    prism = read(PEERS / "prism.openapi.json")["paths"]["/deem/v1/purchases/reserve"]["post"]["requestBody"]
    stub = read(STUBS / "reserve_purchase.json")["request"]["bodyPatterns"][0]["matchesJsonSchema"]
    own = read(ROOT / "schemas" / "deem" / "reserve_purchase.request.json")
    keywords = {name: own[name] for name in ("type", "required", "additionalProperties")}
    plain = {
        name: {keyword: value for keyword, value in schema.items() if not keyword.startswith("x-")}
        for name, schema in own["properties"].items()
    }
    assert prism["content"]["application/json"]["schema"] == stub == {**keywords, "properties": plain}


def test_a_peer_without_its_program_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no npm, or no Java, the peers that need it are said and left out."""
    program(tmp_path, "npm", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [peer.name for peer in install_all(tmp_path)] == []
    (tmp_path / "npm").unlink()
    assert install_all(tmp_path) == {}
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in said] == [
        *("there is no node", "there is no node", "there is no java"),
        *["there is no npm"] * len(FIELD),
    ]


def test_a_peer_that_is_not_installed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What npm says of a package that it cannot install is passed on."""
    program(tmp_path, "npm", "echo 'npm error network: no registry' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install_all(tmp_path, (ENDS,)) == {}
    assert (
        capsys.readouterr().out == "ends 1 is not compared: npm cannot install ends@1: npm error network: no registry\n"
    )


def test_a_peer_that_does_not_start_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A peer that ends at once is left out, and the others are measured."""
    with all_served({ENDS: tmp_path / "node_modules"}) as served:
        assert served == {}
    assert "ends 1 is not compared: " in capsys.readouterr().out


def test_a_wrong_answer_is_not_measured() -> None:
    """A server that does not answer with the purchase ends the comparison."""
    with serving(EMPTY, EMPTY_PURCHASE) as served, pytest.raises(SystemExit, match="not what is compared"):
        check_answers("empty", served, refuses=True)


def program(folder: Path, name: str, text: str) -> None:
    """Put a shell script into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
