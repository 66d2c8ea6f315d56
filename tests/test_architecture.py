"""The house holds: layers, order within the core, independence of the vendors, and who may ask clock and dice."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "mocktill"
LAYERS = ("doors", "control", "apis", "core")
CORE = (
    "repeats",
    "story",
    "plots",
    "copies",
    "literals",
    "replay",
    "app",
    "passing",
    "repair",
    "engine",
    "damage",
    "refusals",
    "record",
    "turn",
    "answers",
    "scenario",
    "sandboxes",
    "sandbox",
    "setup",
    "expiry",
    "webhooks",
    "deliveries",
    "replies",
    "snapshots",
    "state",
    "rows",
    "flows",
    "catalogue",
    "generate",
    "rules",
    "seeds",
    "faults",
    "strike",
    "journal",
    "har",
    "filters",
    "entry",
    "sample",
    "bodies",
    "contract",
    "explain",
    "secrets",
    "acts",
    "names",
    "api",
    "panels",
    "pages",
    "world",
    "backend",
    "holds",
    "fake",
    "clock",
    "choices",
    "errors",
    "store",
)
"""The modules of the core from the top to the ground: each may import those below it."""
VENDORS = ("deem", "drip", "kajabi", "supertab")
VENDOR_FILES = {"__init__.py", "choices.py", "dialect.py", "factory.py", "handlers.py", "view.py"}
TOP = {
    "pyproject.toml", "README.md", "Makefile", "Dockerfile", "CHANGELOG.md", "LICENSE", ".gitignore",
    ".ci", ".dockerignore", "requirements.lock", "requirements.build.lock", "schemas", "fixtures", "src", "tests",
}  # fmt: skip
LONGEST = 350
BROUGHT = {"click", "werkzeug", "referencing"}
"""Packages that Flask and jsonschema are made of: they come with them."""
OPTIONAL = {
    "control.metrics": {"prometheus_client"},
    "doors.serving.tls": {"trustme"},
    "doors.interception.urllib3_door": {"urllib3"},
    "doors.interception.httpx_door": {"httpx", "httpcore", "anyio", "h11"},
    "doors.interception.aiohttp_door": {"aiohttp"},
    "doors.plugin": {"pytest"},
    "doors.testing.case": {"pytest"},
    "doors.testing.collector": {"pytest"},
    "doors.testing.options": {"pytest"},
}
"""What is imported only where it is installed, by the module that is there for it."""


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name below `mocktill`, and its tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The folder that it is in; empty for what stands above all layers."""
        return self.name.partition(".")[0] if "." in self.name else ""

    def imports(self, *, at_run_time: bool = False) -> set[str]:
        """Return the full names of what is imported; `at_run_time` leaves out what only type checkers see."""
        return set(_imports(self.tree, at_run_time))

    def __str__(self) -> str:
        return self.name


def _imports(tree: ast.AST, at_run_time: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if at_run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield from _imports(node, at_run_time)


def _read() -> list[Module]:
    modules = []
    for path in sorted(SOURCE.rglob("*.py")):
        dotted = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        name = f"{dotted}.__init__" if path.name == "__init__.py" and dotted in LAYERS else dotted
        modules.append(Module(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return modules


MODULES = _read()
DISTRIBUTIONS = packages_distributions()
BELOW_DOORS = [module for module in MODULES if module.layer not in {"doors", ""}]
STATELESS = [module for module in MODULES if module.layer in {"core", "apis"}]
every_module = pytest.mark.parametrize("module", MODULES, ids=str)
below_doors = pytest.mark.parametrize("module", BELOW_DOORS, ids=str)
stateless = pytest.mark.parametrize("module", STATELESS, ids=str)


def layers_of(module: Module) -> set[str]:
    """Return the layers that a module imports from."""
    parts = [name.split(".") for name in module.imports() if name.startswith("mocktill.")]
    return {part[1] for part in parts if part[1] in LAYERS}


def core_of(module: Module) -> set[str]:
    """Return the modules of the core that a module imports."""
    parts = [name.split(".") for name in module.imports() if name.startswith("mocktill.core.")]
    return {part[2] for part in parts}


def named(module: Module, *dotted: str) -> list[str]:
    """Return where a module writes one of these dotted names, as `clock:12 time.sleep`."""
    return [
        f"{module}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in dotted
    ]


def importing(module: Module, *packages: str) -> set[str]:
    """Return which of these packages a module imports at run time."""
    return {name.partition(".")[0] for name in module.imports(at_run_time=True)} & set(packages)


@every_module
def test_dependencies_run_one_way(module: Module) -> None:
    """doors -> control -> apis -> core: a layer imports itself and those below it."""
    if module.layer:
        assert layers_of(module) <= set(LAYERS[LAYERS.index(module.layer) :])


def test_every_module_has_its_place() -> None:
    """The list of the core's modules is whole, and nothing but `__main__` stands above the layers."""
    assert {module.name.removeprefix("core.") for module in MODULES if module.layer == "core"} == {*CORE, "__init__"}
    assert {module.name for module in MODULES if not module.layer} == {"__init__", "__main__"}
    assert {folder.name for folder in SOURCE.iterdir() if folder.is_dir() and folder.name != "__pycache__"} == {*LAYERS}


@pytest.mark.parametrize("place", range(len(CORE)), ids=CORE)
def test_the_core_has_an_order(place: int) -> None:
    """A module of the core imports only those below it."""
    module = next(module for module in MODULES if module.name == f"core.{CORE[place]}")
    assert core_of(module) <= set(CORE[place + 1 :])


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_do_not_know_each_other(vendor: str) -> None:
    """A vendor imports its own files and the core, and never another vendor."""
    for module in MODULES:
        if module.name == f"apis.{vendor}" or module.name.startswith(f"apis.{vendor}."):
            others = {name.split(".")[2] for name in module.imports() if name.startswith("mocktill.apis.")} - {vendor}
            assert not others, f"{module} imports {others}"


@pytest.mark.parametrize("layer", ["core", "control", "doors"])
def test_nobody_else_knows_a_vendor(layer: str) -> None:
    """What is known of a vendor is known in its folder: the others see `apis` as a whole."""
    for module in MODULES:
        if module.layer == layer:
            assert not {
                name for name in module.imports() if name.startswith(tuple(f"mocktill.apis.{v}" for v in VENDORS))
            }


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_are_built_alike(vendor: str) -> None:
    """Each vendor has the same files, and more where its behaviour is long; its schemas, its seed and its scenarios."""
    assert {path.name for path in (SOURCE / "apis" / vendor).glob("*.py")} >= VENDOR_FILES
    assert list((ROOT / "schemas" / vendor).glob("*.response.json"))
    assert (ROOT / "schemas" / vendor / "seed.json").is_file()
    assert (ROOT / "fixtures" / vendor / "seed.yaml").is_file()
    assert list((ROOT / "fixtures" / vendor / "scenarios").glob("*.yaml"))


def test_the_vendors_are_these() -> None:
    """No folder of a vendor goes unlisted."""
    for folder, more in ((SOURCE / "apis", set()), (ROOT / "fixtures", {"faults"})):
        found = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
        assert found == {*VENDORS, *more}


@every_module
def test_only_the_clock_asks_for_the_time(module: Module) -> None:
    """Nothing but `core.clock` asks the machine for the time."""
    if module.name not in {"core.clock", "doors.plain"}:
        assert not importing(module, "time")
    if module.name == "doors.plain":
        assert {name for name in module.imports() if name.startswith("time")} == {"time", "time.sleep"}
        assert not [
            name
            for call in ("now", "utcnow", "today")
            for name in named(module, f"datetime.{call}", f"date.{call}", f"datetime.datetime.{call}")
        ]


@every_module
def test_only_fake_has_dice(module: Module) -> None:
    """Nothing but `core.fake` is random; Faker is imported there alone, and only when a value is asked for."""
    allowed = {"core.fake": {"faker"}, "doors.commands.serve": {"secrets"}}.get(
        module.name, set()
    )  # the latter for a token
    assert importing(module, "random", "secrets", "faker", "numpy") <= allowed
    if module.name != "core.fake":
        assert not importing(module, "uuid")
    assert not named(module, "uuid.uuid1", "uuid.uuid4", "os.urandom")
    assert not {name for name in module.imports() if name in {"uuid.uuid1", "uuid.uuid4", "os.urandom"}}


@below_doors
def test_only_doors_wait(module: Module) -> None:
    """Below the doors nothing sleeps, starts a thread or a process, opens a socket or catches a signal."""
    assert not importing(
        module, "asyncio", "concurrent", "multiprocessing", "sched", "signal", "socket", "subprocess", "time"
    ) - ({"time"} if module.name == "core.clock" else set())
    used = {
        node.attr
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "threading"
    }
    # whoever asks these to wait does so in his own thread
    waiting = {"Event"} if module.name in {"core.journal", "core.webhooks"} else set()
    assert used <= {"Lock", "RLock", "local"} | waiting, f"{module} uses threading.{used}"
    assert not {name for name in module.imports() if name.startswith("threading.")}


@stateless
def test_modules_hold_no_state(module: Module) -> None:
    """All mutable state is in a sandbox: no list, dict or set is made to be changed at the top of a module."""
    made = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    makers = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"}
    for node in module.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        calls = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).rpartition(".")[2] in makers
        for target in targets:
            constant = not isinstance(target, ast.Name) or target.id.lstrip("_").isupper()
            assert constant or not (calls or isinstance(node.value, made)), (
                f"{module}:{node.lineno} {ast.unparse(target)}"
            )
    assert not [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.Global)]


@stateless
def test_constants_are_not_changed(module: Module) -> None:
    """A table at the top of a module stays as it was written: no function of the module puts anything into it."""
    changing = {"append", "add", "update", "pop", "clear", "setdefault", "extend", "insert", "remove", "discard"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changing:
            owner = node.func.value
            assert not (isinstance(owner, ast.Name) and owner.id.isupper()), (
                f"{module}:{node.lineno} {ast.unparse(node)}"
            )
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            for target in targets:
                changed = isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
                assert not (changed and ast.unparse(target).partition("[")[0].isupper()), f"{module}:{node.lineno}"


@every_module
def test_imports_are_absolute(module: Module) -> None:
    """No relative import: a name says where it lives."""
    assert not [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and node.level]


@every_module
def test_asserts_only_narrow(module: Module) -> None:
    """An assert tells the type checker what it cannot see, and decides nothing: `x is not None`, `isinstance(…)`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assert):
            said = ast.unparse(node.test)
            assert said.endswith(" is not None") or said.startswith("isinstance("), f"{module}:{node.lineno} {said}"


@below_doors
def test_flask_stays_at_the_edge(module: Module) -> None:
    """Below the doors only `core.app` and the control API know Flask; a vendor never does."""
    if module.name != "core.app" and module.layer != "control":
        assert not importing(module, "flask", "werkzeug", "click", "granian")
    assert not importing(module, "click", "granian")


@every_module
def test_what_is_imported_is_declared(module: Module) -> None:
    """A third-party package that is imported is a dependency of the project, or a part of one."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {line.partition(">")[0].strip().lower().replace("_", "-") for line in declared} | BROUGHT
    foreign = {name.partition(".")[0] for name in module.imports(at_run_time=True)}
    for package in foreign - set(sys.stdlib_module_names) - {"mocktill"} - OPTIONAL.get(module.name, set()):
        owners = {owner.lower().replace("_", "-") for owner in DISTRIBUTIONS[package]}
        assert owners & names, f"{module} imports {package}"


@every_module
def test_a_file_is_read_in_one_sitting(module: Module) -> None:
    """No source file is longer than 350 lines."""
    assert len(module.path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@every_module
def test_every_module_says_what_it_is(module: Module) -> None:
    """A module begins with a sentence."""
    assert (ast.get_docstring(module.tree) or "").partition("\n\n")[0].endswith((".", "?"))


def test_the_repository_has_these_folders_only() -> None:
    """Nothing else lies at the top of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert {name.partition("/")[0] for name in listed.stdout.splitlines()} <= TOP


TESTS = sorted(Path(__file__).parent.rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_every_test_says_its_rule(path: Path) -> None:
    """Each test has a docstring that says what holds."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node), f"{path.name}:{node.lineno} {node.name}"
