"""Every link that a sandbox makes in a living answer leads somewhere on it, however the sandbox is reached."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from mocktill.apis import BUILTIN
from mocktill.core.api import Api
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.scenario import load_scenario
from mocktill.doors.interception.exchange import answer
from mocktill.doors.interception.places import PLACES
from mocktill.doors.player import play_in_process
from tests.doors.interception.conftest import place
from tests.walker import URL, Answer, Walker, Way, links_of, objects, texts

WAYS = (
    Way("plain", "http://localhost:8080", lambda api: f"/{api.name}"),
    Way("a sandbox by name", "http://127.0.0.1:8080", lambda api: f"/~my-box/{api.name}"),
    Way("the vendor's host", "", lambda api: "", host=lambda api: api.hosts[0]),
    Way("the vendor's host, by name", "", lambda api: "/~my-box", host=lambda api: api.hosts[0]),
    Way("alone", "http://sandbox:9000", lambda api: "", only=True),
    Way("behind a proxy", "https://shop.test/mocks", lambda api: f"/{api.name}"),
)
HOSTS = {
    "deem": {"domain", "d2x9dz1etb1m98.cloudfront.net"},
    "drip": {"api.getdrip.com", "myorders.com", "www.getdrip.com"},
    "kajabi": {"api.kajabi.com", "www.example.com"},
    "supertab": {"tapi.supertab.co"},
}
"""The hosts of the documents, by API."""
LEAST = {"deem": 40, "drip": 20, "kajabi": 15, "supertab": 4}
"""How many links a walk follows at the least: one that finds nothing has proved nothing."""
MADE = 3
"""How many objects are made up beside the factory state."""
FIXTURES = Path(__file__).parents[1] / "fixtures"
every_api = pytest.mark.parametrize("api", BUILTIN, ids=lambda api: api.name)
Asked = tuple[str, dict[str, str]]


def readable(api: Api, box: Sandbox) -> Iterator[Asked]:
    """Yield what can be read of an API whose rows are many, as paths and queries."""

    def keys(table: str) -> list[str]:
        return [key for key, _ in box.table(f"{api.name}.{table}").items()]

    match api.name:
        case "deem":
            users = {str(row["user_id"]) for _, row in box.table("deem.coupons").items()}
            yield from ((f"/v1/deals/{key}", {}) for key in keys("deals"))
            yield from ((f"/v1/purchases/{key}", {}) for key in keys("purchases"))
            yield from ((f"/v1/users/{user}/{what}", {}) for user in sorted(users) for what in ("purchases", "coupons"))
        case "drip":
            people = "/v2/9999999/subscribers"
            yield people, {"status": "all"}
            yield "/v2/4711/subscribers", {}
            yield from ((f"{people}/{key}/purchases", {}) for key in keys("subscribers"))
        case "kajabi":
            yield "/v1/purchases", {"page[size]": "2", "page[number]": "2", "include": "offer,customer"}
            yield from ((f"/v1/purchases/{key}", {"include": "offer"}) for key in keys("purchases"))
        case "supertab":
            yield "/v1/tabs", {"limit": "1"}
            yield "/v1/tabs", {"limit": "2", "status": "open"}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
@every_api
def test_every_link_of_a_living_answer_resolves(catalogue: Catalogue, api: Api, way: Way) -> None:
    """Whatever is asked of the factory state and of what was made up, each link in the answer leads somewhere."""
    walker = Walker(catalogue, api, way)
    walker.box.populate(MADE, api.name)
    for path, query in readable(api, walker.box):
        assert walker.ask("GET", path, query).status == 200
    for operation in api.operations:
        walker.restart()
        walker.perform(operation)
    assert walker.followed >= LEAST[api.name]


@every_api
def test_every_link_in_a_scenario_resolves(catalogue: Catalogue, api: Api) -> None:
    """When a scenario is over, the links of its answers lead somewhere, unless what they lead to has gone."""
    walker = Walker(catalogue, api, Way("played", "http://localhost", lambda api: f"/{api.name}"))
    for file in sorted((FIXTURES / api.name / "scenarios").glob("*.yaml")):
        walker.restart()
        list(play_in_process(load_scenario(file), walker.sandboxes))
        entries = walker.box.journal.entries()
        gone = [quote(one.key) for entry in entries for one in entry.changes if one.after is None]
        sent = {url for entry in entries for url in URL.findall(entry.request_body.decode())}
        for entry in entries:
            told = Answer(entry.status, dict(entry.response_headers), entry.response_body)
            for url in links_of(told) if entry.status < 400 else ():
                if url not in sent and not any(key in url for key in gone):
                    walker.follow(url)


@every_api
def test_the_documented_hosts_by_choice(catalogue: Catalogue, api: Api) -> None:
    """With `link_host` as documented every link is on a host of the documents, and each of them is met."""
    walker = Walker(catalogue, api, WAYS[0])
    walker.box.populate(MADE, api.name)
    walker.box.choices[f"{api.name}.link_host"] = "documented"
    found = set()
    for path, query in readable(api, walker.box):
        body = walker.request("GET", path, query).json
        found |= {urlsplit(url).netloc for text in texts(body) for url in URL.findall(text)}
    assert found == HOSTS[api.name]


def test_a_code_within_an_answer_is_the_same_picture(catalogue: Catalogue) -> None:
    """The code that a coupon may have in itself is the one that its link leads to."""
    walker = Walker(catalogue, catalogue.shelves["deem"].api, WAYS[0])
    walker.box.choices["deem.listed_coupon_fields"] = "add"
    [coupon] = walker.ask("GET", "/v1/purchases/34063ec2").json["purchase"]["coupons"]
    assert b64decode(coupon["qrcode_base64"]) == walker.follow(coupon["qrcode_url"]).body


def test_in_the_same_process(catalogue: Catalogue) -> None:
    """Where a client's own calls to the vendor are answered, so are the links that it finds in the answers."""
    walker = Walker(catalogue, catalogue.shelves["deem"].api, WAYS[2])
    here = place(respond=lambda name, asked, patience: answer(walker.app, name, asked, patience))
    with PLACES.entered(here), httpx.Client() as client:
        found = client.get(f"{walker.root}/v1/purchases/34063ec2?api_key=1234567").json()
        [coupon] = objects(found, "print_url")
        for url in (coupon["print_url"], coupon["qr_code_url"], found["purchase"]["deal"]["image_url_abs"]):
            assert url.startswith(f"{walker.root}/")
            assert client.get(url).status_code == 200


def test_a_page_on_another_origin_may_read_an_image(catalogue: Catalogue) -> None:
    """A script may fetch what a link leads to, as it may fetch the answer that has the link."""
    walker = Walker(catalogue, catalogue.shelves["deem"].api, WAYS[0])
    told = walker.open("GET", f"{walker.root}/coupon/qr_code/a21c5452d8", {"Origin": "http://localhost:3000"})
    assert (told.status, told.headers["Access-Control-Allow-Origin"]) == (200, "*")
