"""What keeps strangers out, over a socket: a token beyond this machine, and secrets that are nowhere to be read."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from mocktill.control.routes import ROUTES
from mocktill.control.site import is_site
from mocktill.core.app import CONTROL
from mocktill.doors.app import create_app
from tests.doors.wire import PATIENCE, Served, serving

OPEN = {"health", "ready"}
CARD = "4111111111111111"
SECRETS = [CARD, "4111 1111 1111 1111", "S3CR3T-T0K3N", "hunter2-hunter2"]
ACCOUNT = "/drip/v2/9999999/subscribers"


def url_of(served: Served) -> str:
    """Return a URL at which this machine reaches a server that listens everywhere."""
    return served.url.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")


def paths() -> list[tuple[str, str]]:
    """Return method and path of each call, with something for each variable; and paths that there are not."""
    known = [
        (route.method, CONTROL + re.sub("{[a-z]+}", "x", route.path)) for route in ROUTES if route.name not in OPEN
    ]
    assert len(known) + len(OPEN) == len(ROUTES)
    return [*known, ("GET", "/"), ("GET", CONTROL), ("GET", f"{CONTROL}/nothing"), ("PATCH", f"{CONTROL}/reset")]


def test_the_routes_are_all_there_are() -> None:
    """The table that is walked here has every rule of the URL map, but for the files without data."""
    rules = {str(rule) for rule in create_app().url_map.iter_rules() if not is_site(rule.endpoint)} - {"/"}
    spelt = {re.sub("<(?:[a-z]+:)?([a-z]+)>", r"{\1}", rule) for rule in rules}
    assert spelt == {CONTROL + route.path for route in ROUTES}


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_beyond_this_machine_a_token_is_needed(tmp_path: Path, host: str) -> None:
    """Bound to every address, each call but `health` and `ready` is refused without the token that was printed."""
    with serving(tmp_path, "--host", host) as served, httpx.Client(base_url=url_of(served), timeout=PATIENCE) as client:
        token = served.wait_for(r"^Control token: (\S+)")[1]
        assert len(token) >= 24
        for name in sorted(OPEN):
            assert client.get(f"{CONTROL}/{name}").status_code == 200
        for method, path in paths():
            for place in (path, f"/~other{path}"):
                refused = client.request(method, place)
                assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer"), place
                wrong = client.request(method, place, headers={"Authorization": f"Bearer {token}x"})
                assert wrong.status_code == 401
        shown = {"Authorization": f"Bearer {token}"}
        assert client.get(f"{CONTROL}/clock", headers=shown).status_code == 200
        listed = client.get(f"{CONTROL}/sandboxes", headers=shown).json()["sandboxes"]
        assert [box["name"] for box in listed] == ["default"], "who is refused makes no sandbox"
        assert client.get(f"{ACCOUNT}/john@acme.com", auth=("k", "")).status_code == 200
        assert token not in served.out.partition("Control token:")[2].partition("\n")[2]


def test_a_token_of_ones_own_is_not_printed(tmp_path: Path) -> None:
    """A token that was set counts on this machine as well, and is said nowhere."""
    with serving(tmp_path, env={"MOCKTILL_CONTROL_TOKEN": "my-own-token"}) as served:
        assert httpx.get(f"{served.url}{CONTROL}/clock", timeout=PATIENCE).status_code == 401
        shown = {"Authorization": "Bearer my-own-token"}
        assert httpx.get(f"{served.url}{CONTROL}/clock", headers=shown, timeout=PATIENCE).status_code == 200
        assert "my-own-token" not in served.out + served.err


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Host": "evil.test"},
        {"Host": "127.0.0.1.evil.test"},
        {"Host": "localhost.evil.test:80"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=a"},
    ],
    ids=lambda headers: " ".join(next(iter(headers.items()))),
)
def test_a_page_cannot_steer(tmp_path: Path, headers: dict[str, str]) -> None:
    """Over a socket too, what a page of another site can send changes nothing."""
    with serving(tmp_path) as served, httpx.Client(base_url=served.url, timeout=PATIENCE) as client:
        body = b'{"advance": "1d"}'
        before = client.get(f"{CONTROL}/clock").json()["now"]
        told = {"Content-Type": "application/json", **headers}
        assert client.post(f"{CONTROL}/clock", content=body, headers=told).status_code in {403, 415}
        assert client.get(f"{CONTROL}/clock").json()["now"][:10] == before[:10]
        assert client.post(f"{CONTROL}/clock", content=body, headers={"Content-Type": "application/json"}).is_success


def test_a_page_cannot_push_a_sandbox_out(tmp_path: Path) -> None:
    """However many names a page asks for, what somebody steers stays, and so does the default one."""
    with serving(tmp_path, "--sandboxes", "5") as served, httpx.Client(base_url=served.url, timeout=PATIENCE) as client:
        row = {"free": 7}
        assert client.patch(f"/~mine{CONTROL}/state/deem.stock/last-one", json=row).is_success
        assert client.patch(f"{CONTROL}/state/deem.stock/last-one", json=row).is_success
        for number in range(50):
            client.get(f"/~web-{number}/deem/v1/purchases/34063ec2?api_key=1")
            client.get(f"/~page-{number}{CONTROL}/clock")
        for name in ("/~mine", ""):
            tables = client.get(f"{name}{CONTROL}/state").json()["tables"]
            assert tables["deem.stock"]["last-one"]["free"] == 7
        assert len(client.get(f"{CONTROL}/sandboxes").json()["sandboxes"]) == 5


def test_secrets_are_nowhere(tmp_path: Path) -> None:
    """Cards, tokens, keys, cookies and passwords are in no journal, HAR, export, explanation or log."""
    file = tmp_path / "state.json"
    with (
        serving(tmp_path, "--state", str(file)) as served,
        httpx.Client(base_url=served.url, timeout=PATIENCE) as client,
    ):
        purchase = {
            "amount": 100,
            "properties": {"card": CARD, "note": "card 4111 1111 1111 1111", "password": "hunter2-hunter2"},
            "order_id": CARD,
        }
        headers = {
            "Authorization": "Bearer S3CR3T-T0K3N",
            "Cookie": "session=S3CR3T-T0K3N",
            "X-Api-Key": "S3CR3T-T0K3N",
            "X-Note": f"paid with {CARD}",
        }
        client.post(f"{ACCOUNT}/john@acme.com/purchases", json={"purchases": [purchase]}, headers=headers)
        client.post(f"{ACCOUNT}/john@acme.com/purchases", json={"purchases": [{"amount": CARD}]}, headers=headers)
        client.get(f"{ACCOUNT}/john@acme.com/purchases", headers=headers)
        client.get(f"/deem/v1/purchases/{CARD}", params={"api_key": "S3CR3T-T0K3N"}, headers=headers)
        client.post("/deem/v1/purchases/reserve?api_key=S3CR3T-T0K3N", json={"deal_id": CARD, "num_bought": "1"})
        client.get(f"/kajabi/v1/{CARD}/nothing?token=S3CR3T-T0K3N", headers=headers)
        client.post(f"{CONTROL}/faults", json={"what": {"headers": {"Set-Cookie": "s=S3CR3T-T0K3N"}}})
        client.get("/deem/v1/purchases/34063ec2?api_key=S3CR3T-T0K3N")
        client.put(f"{CONTROL}/snapshots/scene")
        entries = client.get(f"{CONTROL}/journal").json()
        told = [
            client.get(f"{CONTROL}/journal").text,
            client.get(f"{CONTROL}/journal?format=har").text,
            client.get(f"{CONTROL}/state").text,
            client.get(f"{CONTROL}/snapshots/scene").text,
            *[client.get(f"{CONTROL}/journal/{entry['id']}").text for entry in entries["entries"]],
        ]
        assert len(entries["entries"]) == 7
        assert served.stop() == 0
        told += [served.out, served.err, file.read_text()]
    found = [
        (secret, text[max(text.find(secret) - 80, 0) :][:200]) for text in told for secret in SECRETS if secret in text
    ]
    assert found == [pair for pair in found if '"rule"' in pair[1] or "Set-Cookie" in pair[1]], (
        "a rule's own header is configuration, shown to whoever set it"
    )
