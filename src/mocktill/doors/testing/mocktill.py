"""What a test holds in its hand: a sandbox, wherever it is, with the URLs of its APIs and a typed view of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from mocktill.apis.views import Views
from mocktill.core.api import JSON, Leak
from mocktill.core.choices import Choices
from mocktill.core.clock import Clock
from mocktill.core.entry import Entry, Remark
from mocktill.core.faults import Faults
from mocktill.core.filters import Filters
from mocktill.core.flows import Verdict
from mocktill.core.journal import Journal
from mocktill.core.passing import Explained, explain
from mocktill.core.repeats import Copies, Replayed
from mocktill.core.sandbox import SEED, Event, Sandbox
from mocktill.core.snapshots import Snapshots
from mocktill.core.store import Row
from mocktill.doors.interception.places import Place
from mocktill.doors.remote import RemoteSandbox
from mocktill.doors.remote.journal import RemoteJournal
from mocktill.doors.remote.parts import RemoteChoices, RemoteClock, RemoteFaults, RemoteSnapshots
from mocktill.doors.remote.webhooks import RemoteWebhooks
from mocktill.doors.repeats import copies, replay
from mocktill.doors.testing.own import OwnWebhooks
from mocktill.doors.testing.seen import LookedAt, Seen
from mocktill.doors.testing.settings import Settings
from mocktill.doors.testing.verdict import Judge


class Wanted(TypedDict, total=False):
    """Which requests are meant, for type checkers: the filters of a journal."""

    api: str | None
    operation: str | None
    method: str | None
    path: str | None
    status: int | str | None
    violations: bool | None
    unmatched: bool | None
    since: int | None
    limit: int | None


@dataclass(frozen=True)
class Expected:
    """A violation, or an unmatched request, that a test said would come: at this pointer, in requests that fit."""

    pointer: str | None
    filters: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, entry: Entry) -> bool:
        """Whether it is about this request."""
        return Filters(**self.filters).matches(entry)

    def __str__(self) -> str:
        said = [f"{name} {value}" for name, value in self.filters.items()]
        return ", ".join([f"at {self.pointer}" if self.pointer else "anywhere", *said])


class Mocktill(Views):
    """A sandbox for a test: steered with the names that a sandbox has everywhere, in this process or over HTTP.

    Calls of this process to the vendors' own hosts lead here while it is active, and so do those to `url(api)`.
    `deem`, `drip`, `supertab` and `kajabi` are typed views: `mocktill.deem.stock("last-one").free`.
    """

    def __init__(
        self,
        box: Sandbox | RemoteSandbox,
        settings: Settings,
        place: Place,
        base_url: str,
        webhooks: OwnWebhooks | RemoteWebhooks,
    ) -> None:
        self._box = box
        self._webhooks = webhooks
        self._base_url = base_url
        self.settings = settings
        self.place = place
        self.expected: list[Expected] = []
        self.seen = Seen(box.journal)
        self.judge = Judge(self)
        self._journal = LookedAt(box.client, self.seen) if isinstance(box, RemoteSandbox) else box.journal

    @property
    def name(self) -> str:
        """The sandbox's name."""
        return self._box.name

    @property
    def mode(self) -> str:
        """Where it is: `in process`, `live` on a server of this process, or `remote`."""
        return self.settings.mode

    @property
    def seed(self) -> int:
        """The seed of its identifiers and made-up values: with it, and with `now`, a run can be repeated."""
        if isinstance(self._box, Sandbox):
            row = self._box.table("mocktill.settings").get("settings")
        else:
            row = self._box.state()["tables"]["mocktill.settings"]["settings"]
        return SEED if row is None else int(row["seed"])

    @property
    def clock(self) -> Clock[Event] | RemoteClock:
        """Its time: `now`, `advance(minutes=5)`, `travel_to`, `freeze`, `run`, `next`."""
        return self._box.clock

    @property
    def journal(self) -> Journal | RemoteJournal:
        """What was asked and answered: `entries`, `count`, `get`, `wait`, each with filters."""
        return self._journal

    @property
    def faults(self) -> Faults | RemoteFaults:
        """What goes wrong on purpose: `add` a rule, `add_preset`, `all`, `remove`, `clear`."""
        return self._box.faults

    @property
    def choices(self) -> Choices | RemoteChoices:
        """What was decided where the documents are silent: `choices["deem.claim_twice"] = "same_answer"`."""
        return self._box.choices

    @property
    def snapshots(self) -> Snapshots | RemoteSnapshots:
        """The copies that `snapshot` keeps: `names`, `get`, `put`, `delete`."""
        return self._box.snapshots

    @property
    def webhooks(self) -> OwnWebhooks | RemoteWebhooks:
        """What it tells and to whom: `send_to("drip", url)`, `stop`, `targets`, `deliveries`, `settle`."""
        return self._webhooks

    def url(self, api: str) -> str:
        """Return the base URL of an API, for a client of that API; raise KeyError for no such API."""
        if isinstance(self._box, RemoteSandbox):
            return self._box.url(api)
        shelves = self._box.catalogue.shelves
        if api not in shelves:
            raise KeyError(f"there is no API {api!r}; there are {', '.join(shelves)}")
        return f"{self._base_url}/~{self.name}/{api}"

    def now(self) -> datetime:
        """Return its instant."""
        return self.clock.now()

    def view(self, api: str) -> Any:
        """Return the typed view of an API; the built-in ones are attributes as well."""
        return self._box.view(api)

    def expect_violation(self, pointer: str | None = None, **filters: Unpack[Wanted]) -> None:
        """Say, before or after, that a request of this test breaks the contract, or is for no operation.

        `pointer` is the violation's JSON pointer, None for any; `filters` say which requests are meant, as the
        journal's do: `operation="deem.reserve_purchase"`, `path="/v1/nowhere"`, `status="4xx"`. Those do not fail the
        test; if none comes by its end, the test fails. Raises ValueError for a filter that there is not.
        """
        Filters(**filters)
        self.expected.append(Expected(pointer, filters))

    def reset(self) -> None:
        """Go back to the beginning: factory rows, clock, choices and seed as at creation, no faults, no journal.

        The verdict on the test covers what came before as well.
        """
        self.seen.look()
        self._box.reset()

    def populate(self, count: int, api: str | None = None) -> dict[str, list[str]]:
        """Make that many living objects of one API or of each; return their keys by API."""
        return self._box.populate(count, api)

    def change(self, table: str, key: str, fields: Mapping[str, JSON]) -> Row:
        """Change some fields of one row and return it; KeyError for none, `Unacceptable` for what is no row then."""
        return self._box.change(table, key, fields)

    def act(self, name: str, key: str) -> str:
        """Let something happen that no request brings about; KeyError for no such act or key, ValueError for no way."""
        return self._box.act(name, key)

    def state(self) -> JSON:
        """Return rows, clock, choices and seed as a document."""
        return self._box.state()

    def load(self, document: JSON) -> None:
        """Replace the state by a document; raise `Unacceptable`, with pointers, for a wrong one."""
        self._box.load(document)

    def snapshot(self, name: str) -> None:
        """Keep everything but the journal under a name."""
        self._box.snapshot(name)

    def restore(self, name: str) -> None:
        """Bring a snapshot back, with its instant; KeyError where there is none."""
        self._box.restore(name)

    def leaks(self) -> list[Leak]:
        """Return the reservations that were neither used nor given back."""
        return self._box.leaks()

    def check(self, flow: JSON) -> Verdict:
        """Return whether this flow is what happened; raise `Unacceptable` for what is no flow."""
        return self._box.check(flow)

    def explain(self, number: int) -> Explained:
        """Return an entry with the nearest operations and a request that would pass; KeyError for one that is gone."""
        return self._box.explain(number) if isinstance(self._box, RemoteSandbox) else explain(self._box, number)

    def copies(self, number: int) -> Copies:
        """Return texts that send the request of an entry again, a test among them; KeyError for one that is gone."""
        return self._box.copies(number) if isinstance(self._box, RemoteSandbox) else copies(self._box, number)

    def replay(self, number: int) -> Replayed:
        """Ask the request of an entry again; KeyError for one that is gone, ValueError for one that is not whole."""
        return self._box.replay(number) if isinstance(self._box, RemoteSandbox) else replay(self._box, number)

    def told(self) -> list[Entry | Remark]:
        """Return what the journal keeps in the order in which it happened: requests, and remarks between them."""
        remarks = list(self.journal.remarks())
        told: list[Entry | Remark] = []
        for entry in self.journal.entries():
            while remarks and remarks[0].after < entry.id:
                told.append(remarks.pop(0))
            told.append(entry)
        return [*told, *remarks]

    def __repr__(self) -> str:
        return f"<Mocktill {self.name}, {self.mode}>"
