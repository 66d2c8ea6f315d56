"""The vendors. They never import each other, and nothing of a vendor is known outside its folder.

Another package adds its own by an entry point of the group `mocktill.apis`, which names an `Api`:

    [project.entry-points."mocktill.apis"]
    toll = "tollgate:API"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points

from mocktill.apis import deem, drip, kajabi, supertab
from mocktill.core.api import Api

BUILTIN: tuple[Api, ...] = (deem.API, drip.API, supertab.API, kajabi.API)
"""The APIs that Mocktill brings, in the order of their listing. A fifth one is one more here."""
GROUP = "mocktill.apis"
"""The group of entry points by which other packages bring theirs."""
OURS = frozenset({"mocktill", "faults"})
"""Names that are no API's: the control API's among the documents and the tables, and a folder of the fixtures."""
OWN_HOST = "mocktill.test"
"""The host that is Mocktill itself where no server runs: a name that no network has (RFC 6761)."""
_NAME = re.compile("[a-z][a-z0-9_]{0,63}")
_HOST = re.compile(r"(?:[a-z0-9_][a-z0-9_-]{0,62}\.){1,20}[a-z][a-z0-9-]{0,62}")


class BrokenApi(ValueError):
    """An API of another package that cannot be served: says which package and entry point, and what is wrong."""


def installed() -> tuple[Api, ...]:
    """Return the APIs that there are: the built-in ones, then those of other packages by name.

    Raises `BrokenApi`, in one line, for one that cannot be served: none is left out silently.
    """
    apis, brought = list(BUILTIN), dict.fromkeys((api.name for api in BUILTIN), "Mocktill itself")
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, _package(point))):
        apis.append(_load(point, apis, brought))
        brought[point.name] = _package(point)
    return tuple(apis)


def _load(point: EntryPoint, others: Sequence[Api], brought: Mapping[str, str]) -> Api:
    try:
        api = point.load()
        wrong = next(_mistakes(point.name, api, others, brought), None)
    except (Exception, SystemExit) as error:  # somebody else's code may raise anything
        raise _broken(point, f"{type(error).__name__}: {error}") from error
    if wrong is not None:
        raise _broken(point, wrong)
    assert isinstance(api, Api)
    return api


def _broken(point: EntryPoint, wrong: str) -> BrokenApi:
    where = f"{_package(point)}, entry point {point.name} = {point.value} of {GROUP}"
    return BrokenApi(f"{where}: {' '.join(wrong.split())}")


def _package(point: EntryPoint) -> str:
    return "a package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _mistakes(name: str, api: object, others: Sequence[Api], brought: Mapping[str, str]) -> Iterator[str]:
    """Yield why what an entry point of this name loads cannot be served beside the others, the plainest first."""
    if not isinstance(api, Api):
        yield f"this is no mocktill.core.api.Api: it is of the type {type(api).__name__}"
        return
    if name in brought:
        yield f"there is an API {name} already, of {brought[name]}"
    if name in OURS or not _NAME.fullmatch(name):
        yield f"no API can be called {name!r}: a name is 1 to 64 of a-z 0-9 _, begins with a letter, and is not ours"
    if api.name != name:
        yield f"its API is called {api.name!r}: the entry point has to be called so as well"
    yield from _wrong_hosts(api, others)
    for choice in api.choices:
        if not choice.name.startswith(f"{name}."):
            yield f"the choice {choice.name} has to be called {name}.{choice.name.rpartition('.')[2]}"
    yield from _missing_files(api)


def _wrong_hosts(api: Api, others: Sequence[Api]) -> Iterator[str]:
    owners = {host: f"{other.name}'s" for other in others for host in other.hosts} | {OWN_HOST: "Mocktill's own"}
    for host in api.hosts:
        if not _HOST.fullmatch(host):
            yield f"{host!r} is no host of a vendor: write it as in api.example.com, in lower case, without a port"
        if host in owners:
            yield f"the host {host} is {owners[host]} already"


def _missing_files(api: Api) -> Iterator[str]:
    """Yield which schemas and fixtures are not there, as where a package was built without its data."""
    hint = "is it in the package's data?"
    if not api.schemas.is_dir():
        yield f"there is no folder of schemas {api.schemas}: {hint}"
        return
    named = {"seed", *(api.dialect.error_schema(row) for row in api.dialect.rows)}
    for operation in api.operations:
        named |= {name for name in (operation.response, operation.body, operation.query) if name is not None}
    found = {file.name.removesuffix(".json") for file in api.schemas.iterdir()}
    if missing := sorted(named - found):
        yield f"there is no schema {missing[0]}.json in {api.schemas}: {hint}"
    if not (api.fixtures / "seed.yaml").is_file():
        yield f"there is no seed.yaml in {api.fixtures}: {hint}"
