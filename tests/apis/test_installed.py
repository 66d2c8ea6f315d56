"""APIs of other packages: found by their entry points, served like the built-in ones, or refused in a line."""

from __future__ import annotations

import ast
import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from werkzeug.test import Client

from mocktill.apis import BUILTIN, BrokenApi, installed
from mocktill.doors.app import create_app
from mocktill.doors.remote.server import Remote
from tests import toyvendor
from tests.doors.typed import assert_one_line, run
from tests.doors.wire import PATIENCE, Served, environment, serving

EXAMPLE = Path(__file__).parents[1] / "examples" / "tollgate"
SCENARIO = EXAMPLE / "src" / "tollgate" / "fixtures" / "scenarios" / "runs-out.yaml"
ASK = "GET {path} HTTP/1.1\nHost: {host}\nX-Toll-Key: toll-key\n\n"
TOY = "from dataclasses import replace\nfrom pathlib import Path\nfrom tests.toyvendor import API as TOY\n"


class Site:
    """A folder of installed packages, each a module and what an installer notes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bring(self, entry: str, code: str = "API = TOY", package: str = "brought") -> None:
        """Install a package with a module of its name, and with an entry point."""
        (self.folder / f"{package}.py").write_text(TOY + code)
        noted = self.folder / f"{package}-1.5.dist-info"
        noted.mkdir(exist_ok=True)
        (noted / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.5\n")
        (noted / "entry_points.txt").write_text(f"[mocktill.apis]\n{entry}\n")
        importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A folder of packages that this process finds, and forgets afterwards."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield Site(tmp_path)
    for name in set(sys.modules) - known:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == tmp_path:
            del sys.modules[name]


# what is found


def test_the_builtin_ones_come_first(site: Site) -> None:
    """The APIs of other packages follow the built-in ones, by name, whichever package was found first."""
    before = installed()
    assert before[: len(BUILTIN)] == BUILTIN
    site.bring("kiosk = brought:API")
    site.bring("booth = abrought:API", "API = replace(TOY, name='booth', hosts=(), choices=())", "abrought")
    site.bring("alpha = zbrought:API", "API = replace(TOY, name='alpha', hosts=(), choices=())", "zbrought")
    found = [api.name for api in installed()]
    assert [name for name in found if name in {"alpha", "booth", "kiosk"}] == ["alpha", "booth", "kiosk"]
    assert found[: len(BUILTIN)] == [api.name for api in BUILTIN]
    assert toyvendor.API in installed()


def test_an_app_has_what_is_installed(site: Site) -> None:
    """`create_app` serves what is installed, if it is not told which."""
    site.bring("kiosk = brought:API")
    path, headers = "/kiosk/api/tickets/K-0001", {"X-Kiosk-Key": "key-open"}
    assert Client(create_app()).get(path, headers=headers).status_code == 200
    assert Client(create_app(apis=BUILTIN)).get(path, headers=headers).status_code == 404


MISTAKES = [
    ("kiosk = nowhere:API", "", "ModuleNotFoundError: No module named 'nowhere'"),
    ("kiosk = brought:APY", "", "AttributeError: module 'brought' has no attribute 'APY'"),
    ("kiosk = brought:API", "raise RuntimeError('one\\ntwo')", "RuntimeError: one two"),
    ("kiosk = brought:API", "raise SystemExit(0)", "SystemExit: 0"),
    ("kiosk = brought:API", "API = 7", "this is no mocktill.core.api.Api: it is of the type int"),
    ("deem = brought:API", "API = replace(TOY, name='deem')", "there is an API deem already, of Mocktill itself"),
    *[
        (f"{name} = brought:API", f"API = replace(TOY, name={name!r})", f"no API can be called {name!r}")
        for name in ("Toll", "to.ll", "to-ll", "~toll", "_mocktill", "7toll", "to/ll", "a" * 65, "mocktill", "faults")
    ],
    ("toll = brought:API", "API = TOY", "its API is called 'kiosk': the entry point has to be called so as well"),
    (
        "kiosk = brought:API",
        "API = replace(TOY, hosts=('a.example', 'api.getdrip.com'))",
        "the host api.getdrip.com is drip's already",
    ),
    (
        "kiosk = brought:API",
        "API = replace(TOY, hosts=('mocktill.test',))",
        "the host mocktill.test is Mocktill's own already",
    ),
    *[
        ("kiosk = brought:API", f"API = replace(TOY, hosts=({host!r},))", f"{host!r} is no host of a vendor")
        for host in ("localhost", "127.0.0.1", "[::1]", "Api.example.com", "a.example:80", "http://a.example", "")
    ],
    (
        "booth = brought:API",
        "API = replace(TOY, name='booth')",
        "the choice kiosk.unknown_credentials has to be called booth.unknown_credentials",
    ),
    (
        "kiosk = brought:API",
        "API = replace(TOY, schemas=Path('/none'))",
        "there is no folder of schemas /none: is it in",
    ),
    (
        "kiosk = brought:API",
        "API = replace(TOY, schemas=TOY.fixtures)",
        "there is no schema buy_ticket.request.json in",
    ),
    ("kiosk = brought:API", "API = replace(TOY, fixtures=Path('/none'))", "there is no seed.yaml in /none: is it in"),
    ("kiosk = brought:API", "API = replace(TOY, schemas=None)", "AttributeError: 'NoneType'"),
]


@pytest.mark.parametrize(("entry", "code", "wrong"), MISTAKES, ids=[wrong[:60] for *_, wrong in MISTAKES])
def test_what_cannot_be_served(site: Site, entry: str, code: str, wrong: str) -> None:
    """An entry point that cannot be served is refused in a line, with package, entry point and what is wrong."""
    site.bring(entry, code)
    with pytest.raises(BrokenApi) as caught:
        installed()
    said = str(caught.value)
    assert said.startswith(f"brought 1.5, entry point {entry} of mocktill.apis: {wrong}")
    assert "\n" not in said


def test_two_packages_with_one_name(site: Site) -> None:
    """Of two packages that bring the same API neither is preferred: it is said which they are."""
    site.bring("kiosk = brought:API")
    site.bring("kiosk = other:API", package="other")
    with pytest.raises(BrokenApi, match=r"^other 1\.5, .* there is an API kiosk already, of brought 1\.5$"):
        installed()


@pytest.mark.parametrize(
    "arguments", [("serve", "--port", "0"), ("play", str(SCENARIO)), ("check-fixtures", ".")], ids=lambda of: str(of[0])
)
def test_a_broken_one_ends_in_a_line(site: Site, arguments: tuple[str, ...]) -> None:
    """Whatever needs the APIs ends with one line that says which package is broken, and not with 0."""
    site.bring("kiosk = nowhere:API")
    assert_one_line(run(*arguments), "Error: brought 1.5, entry point kiosk = nowhere:API", "No module named 'nowhere'")


def test_a_seed_that_is_broken(site: Site, tmp_path: Path) -> None:
    """A mistake within an API's own files is told like one in a user's, in a line with the file's name."""
    shutil.copytree(toyvendor.HERE / "fixtures", tmp_path / "own")
    (tmp_path / "own" / "seed.yaml").write_text("version: 1\ntables: {shoes: {}}\n")
    site.bring("kiosk = brought:API", f"API = replace(TOY, fixtures=Path({str(tmp_path / 'own')!r}))")
    said = f"{tmp_path}/own/seed.yaml:2: /tables/shoes"
    assert_one_line(run("serve", "--port", "0"), said)
    (tmp_path / "mine" / "kiosk").mkdir(parents=True)
    (tmp_path / "mine" / "kiosk" / "seed.yaml").write_text("version: 1\ntables: {}\n")
    result = run("check-fixtures", str(tmp_path / "mine"))
    assert (result.exit_code, result.output.startswith(said)) == (1, True)


def test_only_knows_the_names(site: Site) -> None:
    """`--only` knows what is installed by its name, and loads nothing to say what there is."""
    site.bring("kiosk = nowhere:API")
    assert_one_line(run("serve", "--only", "ebay"), "'ebay' is none of deem, drip, supertab, kajabi", "kiosk")


# the example package, really installed


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example into a folder, from a copy: the checkout stays as it is."""
    home = tmp_path_factory.mktemp("tollgate")
    shutil.copytree(EXAMPLE, home / "source", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-compile"]
    done = subprocess.run(
        [*pip, "--target", str(home / "target"), str(home / "source")],
        capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "target"


@pytest.fixture(scope="session", params=["folder", "zip"])
def found(request: pytest.FixtureRequest, target: Path) -> Path:
    """Where Python finds the example: a folder of packages, or an archive, whose files are no files of the system."""
    if request.param == "folder":
        return target
    return Path(shutil.make_archive(str(target.parent / "packed"), "zip", target))


@pytest.fixture(scope="session")
def toll(found: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`mocktill serve` where the example is installed."""
    with serving(tmp_path_factory.mktemp("serving"), env={"PYTHONPATH": str(found)}) as served:
        yield served


def mocktill(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where the packages of a place are found."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "mocktill", *arguments],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment({"PYTHONPATH": str(place)}),
    )  # fmt: skip


def test_the_example_is_served(toll: Served) -> None:
    """It answers below its name and at its host, and stands in the banner and the list beside the built-in ones."""
    for path, host in (
        ("/toll/v1/passes/pass-100000", "localhost"),
        ("/v1/passes/pass-100000", "api.tollgate.example"),
    ):
        answer = toll.ask(ASK.format(path=path, host=host))
        assert (answer.status, answer.json["plate"], answer.json["valid"]) == (200, "TOLL 1", False)
    assert f"Tollgate: {toll.url}/toll\n" in toll.out
    listed = Remote(toll.url).apis()
    assert [api["name"] for api in listed] == [*(api.name for api in BUILTIN), "toll"]
    assert [magic["key"] for magic in listed[-1]["magic"]] == ["toll-key", "lost-key", "pass-100000"]
    assert Remote(toll.url).ready()


def test_the_example_is_described(toll: Served) -> None:
    """`mocktill openapi toll` prints its contract, with its example."""
    result = run("openapi", "toll", MOCKTILL_URL=toll.url)
    assert result.exit_code == 0, result.output
    paths = orjson.loads(result.output)["paths"]
    assert set(paths) == {"/v1/passes", "/v1/passes/{pass_id}"}
    assert "AB 123" in str(paths["/v1/passes/{pass_id}"])


def test_the_examples_scenario_plays(toll: Served, found: Path) -> None:
    """Its scenario plays on the server, which has it by name, against the server from outside, and without one."""
    assert [step.problems for step in Remote(toll.url).make().play("toll", "runs-out")] == [()] * 3
    assert run("play", str(SCENARIO), "--against", toll.url).exit_code == 0
    done = mocktill(found, "play", str(SCENARIO))
    assert (done.returncode, done.stdout.count(" ok ")) == (0, 3), done.stderr
    assert "there is no API 'toll'" in run("play", str(SCENARIO)).output


def test_the_example_is_served_alone(target: Path, tmp_path: Path) -> None:
    """`--only toll` serves it at the root, and no other."""
    with serving(tmp_path, "--only", "toll", env={"PYTHONPATH": str(target)}) as served:
        assert served.ask(ASK.format(path="/v1/passes/pass-100000", host="localhost")).status == 200
        assert [api["name"] for api in Remote(served.url).apis()] == ["toll"]


def test_fixtures_for_the_example_are_checked(found: Path, tmp_path: Path) -> None:
    """`check-fixtures` and `serve` read a folder of its name like those of the built-in APIs."""
    seed = tmp_path / "toll" / "seed.yaml"
    seed.parent.mkdir()
    seed.write_text("version: 1\ntables: {credentials: {mine: {state: active}}}\n")
    done = mocktill(found, "check-fixtures", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"ok {seed}\n", "")
    seed.write_text("version: 1\ntables: {credentials: {mine: {}}}\n")
    done = mocktill(found, "check-fixtures", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"{seed}:2: /tables/credentials/mine")


def test_a_package_without_its_data(target: Path, tmp_path: Path) -> None:
    """What was built without its data, as happens easily, ends the start with a line that says so."""
    shutil.copytree(target, tmp_path / "site")
    shutil.rmtree(tmp_path / "site" / "tollgate" / "schemas")
    done = mocktill(tmp_path / "site", "serve", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: tollgate 1.0, entry point toll = tollgate:API of mocktill.apis: ")
    assert done.stderr.endswith("tollgate/schemas: is it in the package's data?\n")
    assert done.stderr.count("\n") == 1


def test_the_example_needs_nothing_but_the_core() -> None:
    """What another author imports of Mocktill is the core, and nothing else."""
    tree = ast.parse((EXAMPLE / "src" / "tollgate" / "__init__.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in imported if module.startswith("mocktill")}
    assert ours
    assert all(module.startswith("mocktill.core") for module in ours)
