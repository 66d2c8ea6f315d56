"""A running server from Python: its sandboxes, with the methods that a `Sandbox` in this process has.

    box = Remote("http://127.0.0.1:8080").sandbox("checkout-test")
    box.clock.advance(minutes=5)

What is steered this way stays on the server until it is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from mocktill.core.api import JSON, Leak
from mocktill.core.clock import instant
from mocktill.core.flows import Verdict
from mocktill.core.names import check_name
from mocktill.core.passing import Explained
from mocktill.core.repeats import Copies, Replayed
from mocktill.core.sandbox import DEFAULT
from mocktill.core.scenario import Step
from mocktill.core.store import Row
from mocktill.doors.remote.client import ControlClient, place_of
from mocktill.doors.remote.journal import RemoteJournal
from mocktill.doors.remote.parts import RemoteChoices, RemoteClock, RemoteFaults, RemoteSnapshots, at_text
from mocktill.doors.remote.scene import RemoteScene, known_api
from mocktill.doors.remote.webhooks import RemoteWebhooks

ROWS = 50
"""How many rows or objects a page has where nobody says."""


@dataclass(frozen=True)
class Listed:
    """A sandbox of a server: `kept` unless it came by first use, its instant, how many entries and rows it has."""

    name: str
    kept: bool
    now: datetime
    entries: int
    rows: int


class Remote:
    """A running server at `url`; `token` is the one of its control API, where it wants one.

    Every method raises ConnectionError, in words, where no Mocktill server answers, and PermissionError where it
    wants another token.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.client = ControlClient(url, token=token)
        self.url = self.client.url

    def health(self) -> bool:
        """Whether it is alive: True, or ConnectionError."""
        return bool(self.client.get("health")["status"] == "ok")

    def ready(self) -> bool:
        """Whether fixtures are loaded and every API answers."""
        try:
            return bool(self.client.get("ready")["status"] == "ready")
        except RuntimeError:
            return False

    def apis(self) -> list[JSON]:
        """Return each API that is served, as a document: base URL, hosts, operations, choices, magic values."""
        return list(self.client.get("apis")["apis"])

    def metrics(self) -> str:
        """Return what the server counts, in the text format of Prometheus; RuntimeError where it cannot, with why."""
        return self.client.text("metrics")

    def openapi(self, api: str) -> JSON:
        """Return the OpenAPI 3.1 document of an API, or of the control API: `mocktill`; KeyError for no such API."""
        return self.client.get("openapi", f"{api}.json")

    def schema(self, api: str, name: str) -> JSON:
        """Return a JSON Schema of an API, by the name of its file without `.json`; KeyError for no such schema."""
        return self.client.get("schemas", api, f"{name}.json")

    def scenarios(self) -> list[JSON]:
        """Return api, name, title and a sentence of each scenario that the server can play."""
        return list(self.client.get("scenarios")["scenarios"])

    def sandboxes(self) -> list[Listed]:
        """Return the sandboxes that there are."""
        found = self.client.get("sandboxes")["sandboxes"]
        return [Listed(**{**listed, "now": instant(listed["now"])}) for listed in found]

    def sandbox(self, name: str = DEFAULT) -> RemoteSandbox:
        """Return the sandbox with this name, which comes to be on first use; ValueError for a name that is none."""
        return RemoteSandbox(self.url, name, self.client.token)

    def make(self, name: str | None = None, **setup: Any) -> RemoteSandbox:
        """Make a sandbox that stays until it is deleted; one with this name is replaced, without one it gets one.

        `setup` is `seed`, `answers`, `choices`, `now` (an instant at which its clock stands still), `populate`,
        `populate_api`, `webhooks` (URLs by API) and `state`. Raises ValueError for a wrong one, `Full` where the server
        has no room.
        """
        given = {"name": name, **setup}
        if isinstance(setup.get("now"), datetime):
            given["now"] = at_text(setup["now"])
        made = self.client.call("POST", "sandboxes", body={key: it for key, it in given.items() if it is not None})
        return self.sandbox(made["name"])

    def delete(self, name: str) -> None:
        """Delete a sandbox; KeyError where there is none of this name, ValueError for the default one."""
        self.client.call("DELETE", "sandboxes", name)


class RemoteSandbox:
    """One sandbox of a running server, with the names, values and exceptions of `Sandbox`.

    Beside those, every method raises ConnectionError where no Mocktill server answers and PermissionError where it
    wants another token.
    """

    def __init__(self, url: str, name: str = DEFAULT, token: str | None = None) -> None:
        self.client = ControlClient(url, name, token)
        self.name = name
        self.clock = RemoteClock(self.client)
        self.journal = RemoteJournal(self.client)
        self.faults = RemoteFaults(self.client)
        self.choices = RemoteChoices(self.client)
        self.snapshots = RemoteSnapshots(self.client)
        self.webhooks = RemoteWebhooks(self.client)

    def url(self, api: str) -> str:
        """Return the base URL of an API in this sandbox, for a client of that API; KeyError for no such API."""
        served = {listed["name"]: listed["base_url"] for listed in self.client.get("apis")["apis"]}
        if api not in served:
            raise KeyError(f"there is no API {api!r}; there are {', '.join(served)}")
        alone = not urlsplit(served[api]).path.rstrip("/").endswith(f"/{api}")
        return self.client.url + place_of(self.name) + ("" if alone else f"/{quote(api)}")

    def pulse(self) -> JSON:
        """Return its instant, and numbers that tell whether anything changed since the last answer, as a document.

        It is the one question that makes no sandbox: of one that is not there `exists` is false.
        """
        return self.client.get("pulse")

    def operation(self, api: str, name: str) -> JSON:
        """Return an operation as a document: a request that succeeds here, its copies, and all answers that there are.

        Raises KeyError in words for an API or an operation that there is not.
        """
        return self.client.get("apis", api, "operations", name)

    def reset(self) -> None:
        """Go back to the beginning: factory rows, clock, choices and seed as at creation, no faults, no journal."""
        self.client.call("POST", "reset")

    def populate(self, count: int, api: str | None = None) -> dict[str, list[str]]:
        """Make that many living objects of one API or of each; return their keys by API.

        Raises ValueError for a count below 0 or over 1,000, or an API that there is not.
        """
        asked: dict[str, JSON] = {"count": count} if api is None else {"count": count, "api": api}
        made: dict[str, list[str]] = self.client.call("POST", "populate", body=asked)["made"]
        return made

    def act(self, name: str, key: str) -> str:
        """Let something happen that no request brings about, as in `kajabi.pay_instalment`; return a sentence on it.

        Raises KeyError in words for an act or a key that there is not, ValueError for what is impossible as things are.
        """
        return str(self.client.call("POST", "acts", name, body={"key": key})["sentence"])

    def change(self, table: str, key: str, fields: Mapping[str, JSON]) -> Row:
        """Change some fields of one row and return the row.

        Raises KeyError in words for a table or row that there is not, `Unacceptable` for a row that breaks its schema.
        """
        row: Row = self.client.call("PATCH", "state", table, key, body=dict(fields))
        return row

    def tables(self) -> list[JSON]:
        """Return name, API and number of rows of each table, as documents."""
        return list(self.client.get("tables")["tables"])

    def rows(self, table: str, offset: int = 0, limit: int = ROWS, key: str | None = None) -> JSON:
        """Return a page of the rows of a table by key, or the one row with `key`, as a document; secrets are masked.

        `total` in it is how many there are. Raises KeyError in words for a table or row that there is not, ValueError
        for an offset below 0 or a limit that is none of 1 to 500.
        """
        return self.client.get("state", table, offset=offset, limit=limit, key=key)

    def panels(self) -> list[JSON]:
        """Return API, name, title, table and number of objects of each list that the APIs have to show."""
        return list(self.client.get("panels")["panels"])

    def panel(self, api: str, name: str, offset: int = 0, limit: int = ROWS, key: str | None = None) -> JSON:
        """Return a page of an API's objects, or the one with `key`, as a person sees them: cells, and what can change.

        Raises KeyError in words for an API, panel or object that there is not, ValueError for an offset below 0 or a
        limit that is none of 1 to 200.
        """
        return self.client.get("panels", api, name, offset=offset, limit=limit, key=key)

    def state(self) -> JSON:
        """Return all rows and the clock as a document that diffs well."""
        return self.client.get("state")

    def load(self, document: JSON) -> None:
        """Replace all rows and the clock; raise `Unacceptable` for a document that is wrong, and change nothing."""
        self.client.call("PUT", "state", body=document)

    def snapshot(self, name: str) -> None:
        """Keep a copy by name; raise ValueError for a name that is none, `Full` where there are too many."""
        check_name(name, "a snapshot")
        self.client.call("PUT", "snapshots", name)

    def restore(self, name: str) -> None:
        """Go back to a copy; raise KeyError where there is none of this name."""
        self.client.call("POST", "snapshots", name, "restore")

    def view(self, api: str) -> Any:
        """Return what a person sees of an API: typed accessors over its rows, which are asked for with each call.

        Secrets in them are masked, as in `state`. Raises KeyError in words for an API that this process does not know.
        """
        known = known_api(api)
        return known.view(RemoteScene(self.client, known))

    def leaks(self) -> list[Leak]:
        """Return the reservations that were neither used nor given back."""
        found = self.client.get("flows", "leaks")["leaks"]
        return [Leak(**{**leak, "expires_at": instant(leak["expires_at"])}) for leak in found]

    def check(self, flow: JSON) -> Verdict:
        """Say whether this sequence is what happened; raise `Unacceptable` for a flow that is none."""
        return Verdict.of(self.client.call("POST", "flows", "check", body=flow))

    def explain(self, number: int) -> Explained:
        """Return an entry of the journal as `core.passing.explain` does; raise KeyError for one that is gone."""
        return Explained.of(self.client.get("journal", str(number)))

    def copies(self, number: int) -> Copies:
        """Return texts that send the request of an entry again; raise KeyError for one that is gone."""
        return Copies(**self.client.get("journal", str(number), "copies"))

    def replay(self, number: int) -> Replayed:
        """Ask the request of an entry again, in the sandbox as it is now; it is journalled like any other.

        Raises KeyError for an entry that is gone, ValueError for a request that is longer than what the journal keeps.
        """
        return Replayed(**self.client.call("POST", "journal", str(number), "replay"))

    def play(self, api: str, name: str) -> list[Step]:
        """Play one of the server's scenarios here; return its steps. Raises KeyError where there is none."""
        played = self.client.call("POST", "scenarios", api, name, "play")
        steps = played["steps"]
        return [Step(step["title"], step["said"], tuple(step["problems"]), step["entry"]) for step in steps]
