"""What is installed works: from the wheel, from the sdist and in place, each with its own schemas and fixtures."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import orjson
import pytest

from tests.doors.wire import environment, serving

ROOT = Path(__file__).parents[1]
PACKAGE = PurePosixPath("mocktill")
DATA = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (
        "schemas",
        "fixtures",
        *(f"src/mocktill/control/{part}" for part in ("console", "reference", "guide")),
    )
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix not in {".pyc", *((".py", ".png") if folder.startswith("src") else ())}
)
"""What is no module: of the pictures beside the guide only the README knows."""
SOURCES = ["src/mocktill/py.typed", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.py"))]
KINDS = ("wheel", "sdist", "editable")
GETS = {
    "deem": ("/deem/v1/purchases/34063ec2?api_key=1234567", ""),
    "drip": ("/drip/v2/9999999/subscribers/98asdh9f8asd88d/purchases", "Authorization: Basic WU9VUl9BUElfS0VZOg==\n"),
    "supertab": (
        "/supertab/v1/purchases/purchase.aaaaaaaa-0000-4000-8000-000000000001",
        "Authorization: Bearer token-test\n",
    ),
    "kajabi": ("/kajabi/v1/purchases/123", "Authorization: Bearer token-active\n"),
}


@dataclass(frozen=True)
class Built:
    """The project's files in a folder of their own, and what was built of them."""

    tree: Path
    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Installed:
    """An environment with nothing but Mocktill and what it needs."""

    kind: str
    folder: Path

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return str(self.folder / "bin" / "python")

    @property
    def command(self) -> tuple[str, ...]:
        """The environment's `mocktill`."""
        return (str(self.folder / "bin" / "mocktill"),)

    def say(self, code: str) -> str:
        """Run code in the environment, away from the checkout; return what it prints."""
        return done([self.python, "-c", code], self.folder)


def done(command: Iterable[str], cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its good end; return what it printed."""
    ran = subprocess.run([*command], cwd=cwd, capture_output=True, text=True, check=False, env=environment(env))
    assert ran.returncode == 0, f"{ran.args}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Copy the project's files, and build the sdist and from it the wheel: the checkout stays as it is."""
    tree, dist = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    listed = done(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)
    done([sys.executable, "-m", "build", "--outdir", str(dist), str(tree)], tree)
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    return Built(tree, wheel, sdist)


@pytest.fixture(scope="session")
def environments(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Installed]:
    """Install the wheel into an empty environment, and the other two into copies of it, in the wheel's place."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home / "wheel", symlinks=True)
    pip(home / "wheel", "install", str(built.wheel))
    for kind in KINDS[1:]:
        shutil.copytree(home / "wheel", home / kind, symlinks=True)
    replace = ("install", "--no-deps", "--force-reinstall")
    with ThreadPoolExecutor() as pool:
        waiting = [
            pool.submit(pip, home / "sdist", *replace, str(built.sdist)),
            pool.submit(pip, home / "editable", *replace, "--editable", str(built.tree)),
        ]
        for each in waiting:
            each.result()
    return {kind: Installed(kind, home / kind) for kind in KINDS}


def pip(folder: Path, command: str, *arguments: str) -> str:
    """Run pip for an environment that has none of its own."""
    quick = ["--no-compile"] if command == "install" else []
    start = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "--disable-pip-version-check"]
    return done([*start, command, *quick, *arguments], folder)


@pytest.fixture(params=KINDS)
def installed(request: pytest.FixtureRequest, environments: dict[str, Installed]) -> Installed:
    """Each of the three."""
    return environments[request.param]


def inside(name: str) -> str:
    """Return where a file of the checkout is in a wheel."""
    return str(PACKAGE / name.removeprefix("src/mocktill/"))


def test_the_wheel_is_whole(built: Built) -> None:
    """The wheel has every source, every schema, every fixture and py.typed, and no file beside them."""
    with zipfile.ZipFile(built.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {inside(name) for name in [*SOURCES, *DATA]}


def test_the_wheels_files_are_the_checkouts(built: Built) -> None:
    """What is in the wheel is byte for byte what it was built from."""
    with zipfile.ZipFile(built.wheel) as wheel:
        assert [
            name for name in [*SOURCES, *DATA] if wheel.read(inside(name)) != (built.tree / name).read_bytes()
        ] == []


def test_the_wheel_says_what_it_is(built: Built) -> None:
    """The wheel has the licence, the command, and runs on any platform."""
    with zipfile.ZipFile(built.wheel) as wheel:
        texts = {
            name.partition(".dist-info/")[2]: wheel.read(name).decode()
            for name in wheel.namelist()
            if ".dist-info/" in name
        }
    assert built.wheel.name.endswith("-py3-none-any.whl")
    assert texts["licenses/LICENSE"] == (ROOT / "LICENSE").read_text()
    assert "mocktill = mocktill.doors.cli:main" in texts["entry_points.txt"]
    assert "Description-Content-Type: text/markdown" in texts["METADATA"]


def test_the_sdist_is_whole(built: Built) -> None:
    """The sdist has the same, with what is needed to build from it."""
    with tarfile.open(built.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {*SOURCES, *DATA, "pyproject.toml", "README.md", "LICENSE"} <= names


def test_there_is_data() -> None:
    """The lists that these tests hold against are not empty."""
    for ending in (".request.json", ".response.json", "seed.yaml", "error.json"):
        assert [name for name in DATA if name.endswith(ending)]
    assert [name for name in DATA if "/scenarios/" in name]
    assert [name for name in DATA if "/examples/" in name]


def test_it_needs_nothing_else(installed: Installed) -> None:
    """Everything that is needed is installed, in versions that go together."""
    assert "No broken requirements" in pip(installed.folder, "check")


def test_it_serves_every_api(installed: Installed, tmp_path: Path) -> None:
    """`mocktill serve`, run from anywhere, answers a request of each API, and shows its pages."""
    with serving(tmp_path, command=installed.command) as served:
        for api, (path, headers) in GETS.items():
            reply = served.ask(f"GET {path} HTTP/1.1\nHost: localhost\n{headers}\n")
            assert (api, reply.status) == (api, 200)
        for page in (
            "console/",
            "console/main.js",
            "reference/",
            "reference/swagger/swagger-ui-bundle.js",
            "guide/flows",
        ):
            assert (page, served.ask(f"GET /_mocktill/{page} HTTP/1.1\nHost: localhost\n\n").status) == (page, 200)
        canned = served.ask(f"GET {GETS['deem'][0]} HTTP/1.1\nHost: localhost\nPrefer: example=documented\n\n")
        assert canned.json == orjson.loads((ROOT / "fixtures/deem/examples/get_purchase.json").read_bytes())


def test_it_plays_its_own_scenarios(installed: Installed) -> None:
    """A scenario file that came with the installation plays."""
    home = Path(installed.say("import mocktill.fixtures as f; print(*f.__path__)").strip())
    done([*installed.command, "play", str(home / "deem" / "scenarios" / "reserve-claim.yaml")], installed.folder)


def test_the_data_is_its_own(installed: Installed, built: Built) -> None:
    """An installed copy reads its schemas and fixtures from site-packages, one in place from the checkout."""
    for name in ("schemas", "fixtures"):
        (found,) = installed.say(f"import mocktill.{name} as m; print(*m.__path__, sep='\\n')").splitlines()
        site = Path(installed.say("import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        home = built.tree / name if installed.kind == "editable" else site / "mocktill" / name
        assert Path(found).resolve() == home.resolve()


def test_types_are_told(installed: Installed) -> None:
    """Type checkers find py.typed beside the package."""
    code = "import importlib.resources as r; print((r.files('mocktill') / 'py.typed').is_file())"
    assert installed.say(code).strip() == "True"


def test_an_edit_in_place_is_seen(environments: dict[str, Installed], built: Built, tmp_path: Path) -> None:
    """In an editable install, an edited fixture and an added one are served by the next start."""
    seed = built.tree / "fixtures" / "deem" / "seed.yaml"
    example = built.tree / "fixtures" / "deem" / "examples" / "get_purchase.json"
    before, shown = seed.read_text(encoding="utf-8"), example.read_bytes()
    get = "GET {path} HTTP/1.1\nHost: localhost\n{headers}\n"
    try:
        seed.write_text(before.replace('"1234567": {state: active', '"1234567": {state: refused', 1), encoding="utf-8")
        (example.parent / "get_purchase.mine.json").write_bytes(shown.replace(b"34063ec2", b"mine-own"))
        statuses, bodies = {}, {}
        for kind in KINDS:
            with serving(tmp_path / kind, command=environments[kind].command) as served:
                statuses[kind] = served.ask(get.format(path=GETS["deem"][0], headers="")).status
                path = GETS["deem"][0].replace("1234567", "other")
                bodies[kind] = served.ask(get.format(path=path, headers="Prefer: example=mine\n")).body
    finally:
        seed.write_text(before, encoding="utf-8")
        (example.parent / "get_purchase.mine.json").unlink(missing_ok=True)
    assert statuses == {"wheel": 200, "sdist": 200, "editable": 401}
    assert {kind: b"mine-own" in body for kind, body in bodies.items()} == {
        "wheel": False,
        "sdist": False,
        "editable": True,
    }


def test_an_edited_schema_is_seen(environments: dict[str, Installed], built: Built) -> None:
    """In an editable install a schema is read where it is edited; the installed copies keep their own."""
    schema = built.tree / "schemas" / "deem" / "purchase.json"
    before = schema.read_bytes()
    code = "import importlib.resources as r; print((r.files('mocktill.schemas') / 'deem/purchase.json').read_text())"
    try:
        schema.write_bytes(before + b"EDITED")
        said = {kind: "EDITED" in environments[kind].say(code) for kind in KINDS}
    finally:
        schema.write_bytes(before)
    assert said == {"wheel": False, "sdist": False, "editable": True}


def test_this_checkout_is_read_in_place() -> None:
    """The tests themselves read the schemas and fixtures of this checkout."""
    for name in ("schemas", "fixtures"):
        (path,) = importlib.import_module(f"mocktill.{name}").__path__
        assert Path(path).resolve() == ROOT / name


def test_the_checkout_stays_clean(built: Built) -> None:
    """Building leaves nothing in the checkout."""
    assert not [name for name in ("build", "dist") if (ROOT / name).exists()]
