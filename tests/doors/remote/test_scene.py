"""A sandbox on a server as views read and change it: rows are never stale, and only what changed is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import mocktill.apis
import mocktill.core.clock
from mocktill.apis import BUILTIN, deem
from mocktill.core.api import JSON, Scene
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.store import Row, Transaction
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote, RemoteSandbox
from mocktill.doors.remote.client import ControlClient
from mocktill.doors.remote.scene import RemoteScene, known_api
from mocktill.doors.serving.server import ServerThread
from tests import toyvendor
from tests.apis.deem.shop import DEAL, Shop, id_of
from tests.conftest import NOW
from tests.toyvendor.view import View as KioskView

STATE = ("GET", "state")


class Watched(ControlClient):
    """A client that remembers what it called, and with which body."""

    def __init__(self, url: str, sandbox: str) -> None:
        super().__init__(url, sandbox)
        self.called: list[tuple[str, ...]] = []
        self.sent: list[JSON] = []

    def call(self, method: str, *path: str, body: JSON = None, **more: Any) -> JSON:
        """Remember the call and make it."""
        self.called.append((method, *path))
        if method == "PATCH":
            self.sent.append((*path[1:], body))
        return super().call(method, *path, body=body, **more)


@pytest.fixture
def inner(url: str, sandboxes: Sandboxes) -> Sandbox:
    """The sandbox on the server, frozen at noon, as the server has it."""
    Remote(url).make("box", now=NOW)
    return sandboxes.get("box")


@pytest.fixture
def client(url: str, inner: Sandbox) -> Watched:
    """The wire to it."""
    return Watched(url, inner.name)


@pytest.fixture
def scene(client: Watched) -> RemoteScene:
    """The same sandbox, as a view of Deem sees it from afar."""
    scene = RemoteScene(client, deem.API)
    as_views_see_it: Scene = scene
    assert as_views_see_it is scene
    return scene


def put(inner: Sandbox, table: str, key: str, **fields: Any) -> None:
    """Change fields of a row where it is."""
    with inner.changing():
        inner.table(table).put(key, {**(inner.table(table).get(key) or {}), **fields})


def free(scene: RemoteScene, deal: str = DEAL) -> int:
    """Return how many units of a deal are free, as the scene sees it."""
    return int(row_of(scene, "deem.stock", deal)["free"])


def row_of(scene: RemoteScene, table: str, key: str) -> Row:
    """Return a row that there is."""
    row = scene.table(table).get(key)
    assert row is not None
    return row


# reading


def test_a_table_is_never_stale(scene: RemoteScene, inner: Sandbox) -> None:
    """Whoever asks for a table gets its rows as they are now, whatever was asked before."""
    scene.pass_time()
    assert free(scene) == 1000
    put(inner, "deem.stock", DEAL, free=5)
    assert free(scene) == 5
    with scene.reading():
        put(inner, "deem.stock", DEAL, free=6)
    assert free(scene) == 6
    with scene.changing():
        pass
    put(inner, "deem.stock", DEAL, free=7)
    assert free(scene) == 7


def test_reading_is_one_look(scene: RemoteScene, inner: Sandbox, client: Watched) -> None:
    """All tables are as they were at one moment, and asked for once; time has passed before."""
    with scene.reading():
        assert free(scene) == 1000
        put(inner, "deem.stock", DEAL, free=5)
        with scene.reading():
            assert (free(scene), len(scene.table("deem.deals"))) == (1000, len(inner.table("deem.deals")))
        assert free(scene) == 1000
    assert client.called == [STATE]
    with scene.reading():
        assert free(scene) == 5


def test_reading_ends_with_an_exception(scene: RemoteScene, inner: Sandbox) -> None:
    """What was read inside is not kept, however the block ends."""
    with pytest.raises(ZeroDivisionError), scene.reading():
        put(inner, "deem.stock", DEAL, free=1 // 0)
    put(inner, "deem.stock", DEAL, free=5)
    assert free(scene) == 5


def test_rows_are_found_by_the_apis_indexes(scene: RemoteScene, inner: Sandbox) -> None:
    """The local copy has the indexes that the API declares, and the tables of Mocktill itself."""
    shop = Shop(inner)
    first = id_of(shop.reserve())
    inner.clock.advance(minutes=1)
    second = id_of(shop.reserve())
    assert [key for key, _ in scene.table("deem.holds").find("by_expiry")] == [first, second]
    inner.choices["deem.claim_twice"] = "same_answer"
    assert scene.table("mocktill.choices").get("deem.claim_twice") == {"value": "same_answer"}


@pytest.mark.parametrize(
    "look",
    [
        RemoteScene.pass_time,
        lambda scene: scene.reading().__enter__(),
        lambda scene: row_of(scene, "deem.purchases", "34063ec2"),
    ],
)
def test_time_passes_on_the_server(
    scene: RemoteScene, inner: Sandbox, look: Callable[[RemoteScene], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is due expires there, once, and is remarked in the journal like any expiry."""
    inner.clock.run()
    purchase = id_of(Shop(inner).reserve())
    later = mocktill.core.clock.machine_now() + timedelta(minutes=5)
    monkeypatch.setattr(mocktill.core.clock, "machine_now", lambda: later)
    for _ in range(2):
        look(scene)
    assert (inner.table("deem.purchases").get(purchase) or {})["state"] == "expired"
    assert [(remark.what, remark.key) for remark in inner.journal.remarks()] == [("expired", purchase)]


def test_passing_time_moves_no_clock(scene: RemoteScene, inner: Sandbox) -> None:
    """The clock's row stays as it is: asking often is not a way to change the time."""
    inner.clock.run()
    before = inner.table("mocktill.clock").get("clock")
    scene.pass_time()
    assert inner.table("mocktill.clock").get("clock") is before


def test_now_is_the_sandboxs(scene: RemoteScene, inner: Sandbox) -> None:
    """The instant is that of the sandbox, not of this process."""
    assert scene.now() == NOW
    inner.clock.advance(hours=1)
    assert scene.now() == NOW + timedelta(hours=1)


def test_a_table_that_there_is_not(scene: RemoteScene, url: str) -> None:
    """A table that the server does not have is a KeyError in words."""
    with pytest.raises(KeyError) as caught:
        scene.table("deem.purchase")
    assert caught.value.args == (f"there is no table 'deem.purchase' at {url}: did you mean 'deem.purchases'?",)


# changing


def change(scene: RemoteScene, table: str, key: str, **fields: Any) -> None:
    """Change fields of a row in a transaction that is open."""
    scene.table(table).put(key, {**row_of(scene, table, key), **fields})


def write(scene: RemoteScene, *steps: Callable[[], object]) -> None:
    """Take some steps in one transaction."""
    with scene.changing():
        for step in steps:
            step()


def test_only_what_changed_is_sent(scene: RemoteScene, inner: Sandbox, client: Watched) -> None:
    """Of a row only the fields that changed are sent, once; what others changed meanwhile stays."""
    with scene.changing() as transaction:
        assert isinstance(transaction, Transaction)
        change(scene, "deem.stock", DEAL, free=8)
        change(scene, "deem.stock", DEAL, free=9, sold=1)
        change(scene, "deem.deals", DEAL, title="Cut")
        change(scene, "deem.deals", "last-one", price=2000)
        assert free(scene) == 9
        put(inner, "deem.stock", DEAL, held=3)
    assert client.sent == [("deem.stock", DEAL, {"free": 9}), ("deem.deals", DEAL, {"title": "Cut"})]
    assert client.called.count(STATE) == 1
    assert inner.table("deem.stock").get(DEAL) == {"free": 9, "held": 3, "sold": 1}


def test_changing_begins_with_rows_as_they_are(scene: RemoteScene, inner: Sandbox) -> None:
    """Each block reads the rows anew."""
    for number in (1, 2):
        put(inner, "deem.stock", DEAL, free=number)
        with scene.changing():
            assert free(scene) == number


def test_a_new_field_is_sent(scene: RemoteScene, client: Watched) -> None:
    """A field that a row did not have is a change, and so is one of another type: 1 is not true."""
    with scene.changing():
        change(scene, "deem.deals", DEAL, image_url="x.gif")
    assert client.sent == [("deem.deals", DEAL, {"image_url": "x.gif"})]
    with pytest.raises(Unacceptable), scene.changing():
        change(scene, "deem.stock", "last-one", free=True)
    assert client.sent[1:] == [("deem.stock", "last-one", {"free": True})]


def test_a_key_with_slashes(scene: RemoteScene, inner: Sandbox) -> None:
    """A row is found whatever is in its key."""
    put(inner, "deem.users", "a/b?c=%2F ü", name="A")
    with scene.changing():
        change(scene, "deem.users", "a/b?c=%2F ü", name="B")
    assert inner.table("deem.users").get("a/b?c=%2F ü") == {"name": "B"}


def test_an_exception_sends_nothing(scene: RemoteScene, inner: Sandbox, client: Watched) -> None:
    """What fails inside leaves no trace, there or here."""
    with pytest.raises(ZeroDivisionError):
        write(scene, lambda: change(scene, "deem.stock", DEAL, free=1), lambda: 1 // 0)
    assert client.sent == []
    assert free(scene) == 1000
    with scene.changing() as transaction:
        change(scene, "deem.stock", DEAL, free=1)
        transaction.discard()
    assert client.sent == []


def test_an_exception_within_a_look_is_undone_here_as_well(scene: RemoteScene) -> None:
    """Rows that are read on after a change that failed are those of before."""
    with scene.reading():
        with pytest.raises(ZeroDivisionError):
            write(scene, lambda: change(scene, "deem.stock", DEAL, free=1), lambda: 1 // 0)
        assert free(scene) == 1000
        with scene.changing():
            change(scene, "deem.stock", DEAL, free=2)
        assert free(scene) == 2


def remove_a_field(scene: RemoteScene) -> None:
    """Write a row without one of its fields."""
    row = row_of(scene, "deem.deals", DEAL)
    scene.table("deem.deals").put(DEAL, {name: value for name, value in row.items() if name != "max_per_user"})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda scene: scene.table("deem.users").insert("me", {"name": "Me"}),
            "deem.users me is a new row, which cannot be made from afar: load a state, or ask the API",
        ),
        (
            lambda scene: scene.table("deem.users").delete("ABC123"),
            "deem.users ABC123 cannot be removed from afar: load a state without it, or ask the API",
        ),
        (
            remove_a_field,
            f"the field max_per_user of deem.deals {DEAL} cannot be removed from afar: load a state without it",
        ),
        (
            lambda scene: change(scene, "deem.users", "ABC123", name=object()),
            "this cannot be sent as JSON: Type is not JSON serializable: object",
        ),
    ],
)
def test_what_has_no_call_is_refused(
    scene: RemoteScene, inner: Sandbox, client: Watched, make: Callable[[RemoteScene], None], said: str
) -> None:
    """A change that the control API has no call for is a ValueError in words, and nothing is sent of the rest."""
    before = inner.store.rows()
    with pytest.raises(ValueError) as caught:
        write(scene, lambda: change(scene, "deem.stock", DEAL, free=1), lambda: make(scene))
    assert caught.value.args == (said,)
    assert client.sent == []
    assert inner.store.rows() == before


def test_what_comes_to_nothing_is_no_change(scene: RemoteScene, client: Watched) -> None:
    """A row that was made and removed again, or changed and changed back, is not sent."""
    with scene.changing():
        users = scene.table("deem.users")
        users.insert("me", {"name": "Me"})
        users.delete("me")
        change(scene, "deem.stock", DEAL, free=1)
        change(scene, "deem.stock", DEAL, free=1000)
    assert client.sent == []


def test_a_row_that_the_server_refuses(scene: RemoteScene, inner: Sandbox) -> None:
    """A row that breaks its schema is `Unacceptable`, as in this process; a note says how far it had come."""
    free_units = {DEAL: 5, "last-one": -1}
    with pytest.raises(Unacceptable) as caught:
        write(scene, *[partial(change, scene, "deem.stock", key, free=units) for key, units in free_units.items()])
    assert [violation.pointer for violation in caught.value.violations] == ["/free"]
    assert caught.value.__notes__ == ["1 of 2 rows had been changed before deem.stock last-one"]
    assert [(inner.table("deem.stock").get(key) or {})["free"] for key in (DEAL, "last-one")] == [5, 1]


def test_changes_do_not_nest(scene: RemoteScene, client: Watched) -> None:
    """A change within a change is refused, as in a sandbox of this process, and nothing is sent."""
    with (
        pytest.raises(RuntimeError, match="a transaction is open already"),
        scene.changing(),
        scene.changing(),
    ):
        change(scene, "deem.stock", DEAL, free=1)
    assert client.sent == []


def test_a_secret_is_not_overwritten_by_its_mask(url: str, sandboxes: Sandboxes) -> None:
    """What a server masks is seen masked, and stays what it is when the row is changed beside it."""
    Remote(url).make("box", now=NOW)
    inner = sandboxes.get("box")
    subscriber = "n0pvrch4s3sy3tn0pvrc"
    put(inner, "drip.subscribers", subscriber, custom_fields={"api_key": "s3cret-s3cret"})
    scene = RemoteScene(ControlClient(url, "box"), next(api for api in BUILTIN if api.name == "drip"))
    assert row_of(scene, "drip.subscribers", subscriber)["custom_fields"] == {"api_key": "***"}
    with scene.changing():
        change(scene, "drip.subscribers", subscriber, status="removed")
    row: Mapping[str, Any] = inner.table("drip.subscribers").get(subscriber) or {}
    assert (row["status"], row["custom_fields"]) == ("removed", {"api_key": "s3cret-s3cret"})


# which API


def test_an_api_that_this_process_does_not_know(url: str) -> None:
    """A view of it is a KeyError in words, before anything is asked."""
    with pytest.raises(KeyError) as caught:
        RemoteSandbox("http://localhost:9").view("supertap")
    assert caught.value.args == ("there is no API 'supertap' in this process: did you mean 'supertab'?",)


def test_an_api_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another package brings is seen as well, where the server has it; where not, that is said in words."""
    monkeypatch.setattr(mocktill.apis, "installed", lambda: (*BUILTIN, toyvendor.API))
    assert known_api("kiosk") is toyvendor.API
    five = Sandboxes(Catalogue((*BUILTIN, toyvendor.API)), Setup(now=NOW))
    with ServerThread(create_app(five), RequestLog(Nowhere())) as url:
        view = RemoteSandbox(url).view("kiosk")
        assert isinstance(view, KioskView)
        assert view.tickets("matinee") == ["K-0001"]


def test_an_api_that_the_server_does_not_have(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view of an API that only this process knows says that the server has no such table."""
    monkeypatch.setattr(mocktill.apis, "installed", lambda: (*BUILTIN, toyvendor.API))
    with pytest.raises(KeyError, match=rf"there is no table 'kiosk.tickets' at {url}: "):
        RemoteSandbox(url).view("kiosk").tickets("matinee")


@pytest.mark.parametrize("api", [api.name for api in BUILTIN])
def test_our_own_apis_need_no_other_package(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is broken keeps nobody from looking at what is built in."""

    def broken() -> None:
        raise ValueError("broken")

    monkeypatch.setattr(mocktill.apis, "installed", broken)
    assert known_api(api).name == api
