"""The front door: which sandbox, which vendor, and what pages on another origin may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from mocktill.apis import BUILTIN
from mocktill.core.app import HEADERS
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app

PURCHASE = "/v1/purchases/34063ec2"
KEY = {"api_key": "1234567"}
ORIGIN = {"Origin": "http://localhost:5173"}
Ask = Callable[..., TestResponse]
NAMES = ("deem", "drip", "supertab", "kajabi")
READS: dict[str, tuple[str, dict[str, str]]] = {
    "deem": ("/v1/purchases/34063ec2?api_key=1", {}),
    "drip": ("/v2/9999999/subscribers/98asdh9f8asd88d/purchases", {"Authorization": "Basic WU9VUl9BUElfS0VZOg=="}),
    "supertab": (
        "/v1/purchases/purchase.aaaaaaaa-0000-4000-8000-000000000001",
        {"Authorization": "Bearer token-test"},
    ),
    "kajabi": ("/v1/purchases/123", {"Authorization": "Bearer token-active"}),
}
"""One request that each vendor answers with 200: its own path, and its headers."""
UNREADABLE_HOSTS = (
    "a b", "a/b", "a@b", "a?b", "a#b", "a\\b", ":80", "a:", "a:x", "a:123456", "a:80:80", "-a", ".a", "a,b",
    "localhost:65536", "[::1]:99999", "[::1", "::1", "[x]", "a%41", "<script>", "é.test", "a\tb",
)  # fmt: skip


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Fresh sandboxes."""
    return Sandboxes(catalogue)


@pytest.fixture
def ask(sandboxes: Sandboxes) -> Ask:
    """Ask the whole app: `ask("/deem/v1/…", method=…, headers=…)`."""
    return asker(sandboxes)


def asker(sandboxes: Sandboxes, only: str | None = None) -> Ask:
    """Return a way to ask an app of its own."""
    client = Client(create_app(sandboxes, only=only))
    return lambda path, **more: client.open(path, **more)


def reserve(ask: Ask, prefix: str = "", **more: Any) -> int:
    """Reserve the last unit of a deal; return the status: the second time in a sandbox it is 422."""
    body = {"deal_id": "last-one", "num_bought": 1}
    return ask(f"{prefix}/deem/v1/purchases/reserve", method="POST", query_string=KEY, json=body, **more).status_code


# the sandbox


def test_a_sandbox_by_path(ask: Ask) -> None:
    """`/~name` at the beginning of the path leads to that sandbox, and to no other."""
    assert [reserve(ask, prefix) for prefix in ("/~a", "/~a", "/~b", "", "")] == [200, 422, 200, 200, 422]


def test_a_sandbox_by_header(ask: Ask) -> None:
    """`Mocktill-Sandbox` names the sandbox as well."""
    headers = {"Mocktill-Sandbox": "a"}
    assert [reserve(ask, headers=headers), reserve(ask, headers=headers), reserve(ask, "/~a"), reserve(ask)] == [
        200, 422, 422, 200,
    ]  # fmt: skip


def test_without_a_name_it_is_the_default(ask: Ask, sandboxes: Sandboxes) -> None:
    """No name, an empty header and the name `default` are the same sandbox."""
    asked = [
        reserve(ask),
        reserve(ask, headers={"Mocktill-Sandbox": ""}),
        reserve(ask, "/~default"),
        reserve(ask, headers={"Mocktill-Sandbox": "default"}),
    ]
    assert asked == [200, 422, 422, 422]
    assert len(sandboxes.default.journal) == 4


def test_the_path_beats_the_header(ask: Ask, sandboxes: Sandboxes) -> None:
    """Where both name a sandbox, it is the path's."""
    reserve(ask, "/~a", headers={"Mocktill-Sandbox": "b"})
    assert (len(sandboxes.get("a").journal), len(sandboxes.get("b").journal)) == (1, 0)


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "x" * 64, "0", "default"])
def test_good_names(ask: Ask, sandboxes: Sandboxes, name: str) -> None:
    """A name is 1 to 64 of letters, digits, dot, underscore and hyphen."""
    assert reserve(ask, f"/~{name}") == 200
    assert len(sandboxes.get(name).journal) == 1


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a!", "~", "~a", "a*", "caf\u00e9", "a\n", "a;b", "a:b", "%"])
def test_bad_names_in_the_path(ask: Ask, sandboxes: Sandboxes, name: str) -> None:
    """A name that is none is a 400 in the vendor's shape, journalled in the default sandbox, and makes nothing."""
    answer = ask(f"/~{quote(name)}/deem{PURCHASE}", query_string=KEY)
    assert (answer.status_code, answer.get_json()["status"]) == (400, "error")
    assert "1 to 64 of" in sandboxes.default.journal.entries()[-1].notes[0]


@pytest.mark.parametrize("name", ["x" * 65, "a/b", "../a", "a%2Fb", "a b", "caf\u00e9", "a,b", "\u00a0"])
@pytest.mark.parametrize("api", NAMES)
def test_bad_names_in_the_header(ask: Ask, api: str, name: str) -> None:
    """The header is held to the same rule, and each vendor refuses it in its own shape."""
    path, headers = READS[api]
    bad = ask(f"/{api}{path}", headers={**headers, "Mocktill-Sandbox": name})
    unreadable = ask(f"/{api}{path}", headers={**headers, "Host": "a b"})
    assert (bad.status_code, bad.content_type) == (400, unreadable.content_type)
    assert list(bad.get_json()) == list(unreadable.get_json())


@pytest.mark.parametrize(
    "path", ["/~a%2Fb/deem", "/~..%2F..%2Fdeem", "/~a%2F..%2Fdeem", "/~%2Fdeem", "/~", "/~a", "/~a/~b/deem"]
)
def test_slashes_do_not_get_through(ask: Ask, path: str) -> None:
    """An encoded slash ends the name like any other, so that what follows is no vendor: nobody climbs anywhere."""
    answer = ask(path + PURCHASE, query_string=KEY)
    assert (answer.status_code, answer.content_type) in {(404, "application/problem+json"), (400, "application/json")}


# the vendor


@pytest.mark.parametrize("api", NAMES)
@pytest.mark.parametrize("box", ["", "/~box"])
def test_a_vendor_by_its_segment(ask: Ask, api: str, box: str) -> None:
    """The first segment, after the sandbox's, names the vendor."""
    path, headers = READS[api]
    assert ask(f"{box}/{api}{path}", headers=headers).status_code == 200


def hosts() -> list[tuple[str, str]]:
    """Return every host of every vendor."""
    return [(api.name, host) for api in BUILTIN for host in api.hosts]


def test_every_vendor_has_a_host() -> None:
    """Each vendor can be reached by the name of its own server."""
    assert {name for name, _ in hosts()} == {*NAMES}


@pytest.mark.parametrize(("api", "host"), hosts())
@pytest.mark.parametrize("form", ["{}", "{}:443", "{}:8080", "{}.", "{}.:443"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_vendor_by_its_host(ask: Ask, api: str, host: str, form: str, case: Callable[[str], str]) -> None:
    """The vendor's own host name leads to it at the root, with any port and in any case."""
    path, headers = READS[api]
    assert ask(path, headers={**headers, "Host": case(form.format(host))}).status_code == 200


@pytest.mark.parametrize(("api", "host"), hosts())
@pytest.mark.parametrize("form", ["localhost", "api.getdrip.com", "example.org:81"])
def test_the_host_that_a_call_was_meant_for(ask: Ask, api: str, host: str, form: str) -> None:
    """A call that was led to here reaches the vendor that it was meant for, whatever its Host header says."""
    path, headers = READS[api]
    assert ask(path, headers={**headers, "Host": form, "Mocktill-Host": host}).status_code == 200


@pytest.mark.parametrize(("api", "host"), hosts())
def test_a_hosts_vendor_in_a_sandbox(ask: Ask, sandboxes: Sandboxes, api: str, host: str) -> None:
    """A sandbox is named under a vendor's host as anywhere else."""
    path, headers = READS[api]
    assert ask(f"/~a{path}", headers={**headers, "Host": host}).status_code == 200
    assert ask(path, headers={**headers, "Host": host, "Mocktill-Sandbox": "a"}).status_code == 200
    assert [entry.api for entry in sandboxes.get("a").journal] == [api, api]


@pytest.mark.parametrize(("api", "host"), hosts())
@pytest.mark.parametrize("path", ["/_mocktill/health", "/", "/~a/_mocktill/health", "/deem/v1/purchases/34063ec2x"])
def test_a_hosts_vendor_has_no_control_routes(ask: Ask, api: str, host: str, path: str) -> None:
    """Under a vendor's host there is nothing but the vendor: everything else is its 404."""
    answer = ask(path, headers={"Host": host})
    assert answer.headers["Mocktill-Basis"]
    assert answer.status_code in {401, 404}
    assert answer.content_type != "application/problem+json"


@pytest.mark.parametrize("host", ["api.getdrip.com.evil.test", "evil-api.getdrip.com", "getdrip.com", "localhost"])
def test_another_host_names_no_vendor(ask: Ask, host: str) -> None:
    """A host that merely looks like a vendor's is no vendor's."""
    path, headers = READS["drip"]
    assert ask(path, headers={**headers, "Host": host}).status_code == (404 if host == "localhost" else 403)
    assert ask(f"/drip{path}", headers={**headers, "Host": host}).status_code == 200


@pytest.mark.parametrize("api", NAMES)
def test_a_vendor_alone(sandboxes: Sandboxes, api: str) -> None:
    """With `only` the vendor is at the root, in every sandbox; the control routes stay."""
    ask = asker(sandboxes, only=api)
    path, headers = READS[api]
    assert ask(path, headers=headers).status_code == 200
    assert ask(f"/~a{path}", headers=headers).status_code == 200
    assert ask("/_mocktill/health").get_json() == {"status": "ok"}
    assert ask("/_mocktill/nothing").content_type == "application/problem+json"


def test_the_others_are_not_served(sandboxes: Sandboxes) -> None:
    """With `only` the other vendors' segments, and its own, are unknown paths of the one vendor."""
    ask = asker(sandboxes, only="kajabi")
    for path in (f"/deem{PURCHASE}", "/kajabi/v1/purchases/123", "/", "/_mocktillx"):
        answer = ask(path, headers=READS["kajabi"][1])
        assert (answer.status_code, answer.content_type) == (404, "application/vnd.api+json")


@pytest.mark.parametrize(("api", "host"), [(name, host) for name, host in hosts() if name != "drip"])
def test_the_others_are_not_served_by_host(sandboxes: Sandboxes, api: str, host: str) -> None:
    """With `only` the host of another vendor leads to the one vendor, like any host."""
    ask = asker(sandboxes, only="drip")
    path, headers = READS[api]
    assert ask(path, headers={**headers, "Host": host}).status_code in {401, 404}
    path, headers = READS["drip"]
    assert ask(path, headers={**headers, "Host": host}).status_code == 200
    assert {entry.api for entry in sandboxes.default.journal} == {"drip"}


@pytest.mark.parametrize(("api", "host"), hosts())
def test_the_host_of_a_vendor_alone(sandboxes: Sandboxes, api: str, host: str) -> None:
    """With `only` the one vendor's own host still leads to it."""
    path, headers = READS[api]
    assert asker(sandboxes, only=api)(path, headers={**headers, "Host": host}).status_code == 200


def test_the_others_are_not_named(sandboxes: Sandboxes, catalogue: Catalogue) -> None:
    """With `only` no answer of the root names another vendor."""
    ask = asker(sandboxes, only="deem")
    for path in ("/_mocktill", "/_mocktill/", "/_mocktill/nothing", "/~a/_mocktill/nothing", "/_mocktill/deem", "/"):
        said = ask(path).get_data(as_text=True).lower()
        for api in catalogue.apis:
            assert api.name == "deem" or (api.name not in said and api.title.lower() not in said)


def test_an_unknown_vendor_cannot_be_alone(sandboxes: Sandboxes) -> None:
    """`only` of an API that there is not is refused with the names that there are."""
    with pytest.raises(ValueError, match="there is no API 'ebay'; there are deem, drip, supertab, kajabi"):
        create_app(sandboxes, only="ebay")


@pytest.mark.parametrize("late", [{"fixtures": Path("own")}, {"setup": Setup(seed=2)}, {"apis": BUILTIN[:1]}])
def test_sandboxes_are_not_made_twice(sandboxes: Sandboxes, late: dict[str, Any]) -> None:
    """What says how to make sandboxes is refused where they are given, and not passed over."""
    with pytest.raises(ValueError, match="apis, fixtures and setup are for sandboxes yet to be made"):
        create_app(sandboxes, **late)


@pytest.mark.parametrize("path", ["/ebay/v1/x", "/Deem/v1/purchases/1", "/deem2/v1", "/_mocktill/nothing", "//deem/v1"])
def test_an_unknown_vendor(ask: Ask, path: str) -> None:
    """What is no vendor's is answered with problem details that name the APIs."""
    answer = ask(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert all(f"/{name}" in answer.get_json()["detail"] for name in NAMES)


@pytest.mark.parametrize(
    "path", ["/deem", "/deem/", "/deem/v1//purchases/34063ec2", "/deem/nothing", "/deem/_mocktill/health"]
)
def test_an_unknown_path_is_the_vendors(ask: Ask, sandboxes: Sandboxes, path: str) -> None:
    """Below a vendor's segment everything is the vendor's, and what it does not have is its own 404."""
    answer = ask(path, query_string=KEY)
    assert (answer.status_code, answer.get_json()["error_type"]) == (404, "find_failed")
    assert len(sandboxes.default.journal) == 1


# links


@pytest.mark.parametrize(
    ("path", "host", "script", "base"),
    [
        ("/deem", "localhost:8080", "", "http://localhost:8080/deem"),
        ("/~box/deem", "localhost:8080", "", "http://localhost:8080/~box/deem"),
        ("", "api.offers.deem.com", "", "http://api.offers.deem.com"),
        ("/~box", "api.offers.deem.com:8443", "", "http://api.offers.deem.com:8443/~box"),
        ("/deem", "[::1]:8080", "", "http://[::1]:8080/deem"),
        ("/~box/deem", "shop.test", "/mount", "http://shop.test/mount/~box/deem"),
    ],
)
def test_links_lead_back(ask: Ask, path: str, host: str, script: str, base: str) -> None:
    """A link in an answer has the host, the mount, the sandbox and the vendor's segment of the request."""
    answer = ask(path + PURCHASE, query_string=KEY, headers={"Host": host}, environ_overrides={"SCRIPT_NAME": script})
    assert answer.get_json()["purchase"]["coupons"][0]["print_url"].startswith(f"{base}/coupons/")


def test_links_of_a_vendor_alone(sandboxes: Sandboxes) -> None:
    """With `only` links begin at the root."""
    answer = asker(sandboxes, only="deem")(f"/~box{PURCHASE}", query_string=KEY)
    assert answer.get_json()["purchase"]["coupons"][0]["print_url"].startswith("http://localhost/~box/coupons/")


def test_links_name_the_default_sandbox_nowhere(ask: Ask) -> None:
    """The default sandbox is not in the path of a link, though a header names it."""
    for headers in ({}, {"Mocktill-Sandbox": "default"}):
        answer = ask(f"/deem{PURCHASE}", query_string=KEY, headers=headers)
        assert "~" not in answer.get_json()["purchase"]["coupons"][0]["print_url"]


def test_links_name_the_sandbox_that_a_header_names(sandboxes: Sandboxes, ask: Ask) -> None:
    """Whoever follows a link sends no such header, so the link has the sandbox in its path."""
    for only, base in ((None, "http://localhost/~box/deem"), ("deem", "http://localhost/~box")):
        asking = asker(sandboxes, only=only) if only else ask
        path = PURCHASE if only else f"/deem{PURCHASE}"
        answer = asking(path, query_string=KEY, headers={"Mocktill-Sandbox": "box"})
        link = answer.get_json()["purchase"]["coupons"][0]["print_url"]
        assert link.startswith(f"{base}/coupons/")
        assert asking(link.removeprefix("http://localhost")).status_code == 200


def test_kajabis_and_drips_links(ask: Ask) -> None:
    """The links of other vendors have the sandbox and the segment as well."""
    for api in ("drip", "kajabi"):
        path, headers = READS[api]
        answer = ask(f"/~box/{api}{path}", headers={**headers, "Host": "shop.test:81"})
        links = [link for link in _links(answer.get_json()) if "shop.test" in link]
        assert links
        assert all(link.startswith(f"http://shop.test:81/~box/{api}/") for link in links)


def _links(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [link for item in value.values() for link in _links(item)]
    if isinstance(value, list):
        return [link for item in value for link in _links(item)]
    return [value] if isinstance(value, str) and "://" in value else []


# the Host


@pytest.mark.parametrize("host", UNREADABLE_HOSTS)
def test_an_unreadable_host_is_refused(ask: Ask, sandboxes: Sandboxes, host: str) -> None:
    """A Host that is none is a 400 in the vendor's shape, and journalled."""
    answer = ask(f"/deem{PURCHASE}", query_string=KEY, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.get_json()["status"]) == (400, "error")
    assert sandboxes.default.journal.entries()[-1].notes == ("find_failed: the Host header is no host",)


@pytest.mark.parametrize("api", NAMES)
def test_every_vendor_refuses_an_unreadable_host(ask: Ask, catalogue: Catalogue, api: str) -> None:
    """The refusal is in the shape of the vendor that was asked."""
    path, headers = READS[api]
    answer = ask(f"/{api}{path}", headers=headers, environ_overrides={"HTTP_HOST": "a b"})
    assert (answer.status_code, answer.content_type) == (400, catalogue.shelves[api].api.dialect.media_type)


def test_the_root_refuses_an_unreadable_host(ask: Ask) -> None:
    """Where no vendor was asked, the refusal is problem details."""
    answer = ask("/_mocktill/health", environ_overrides={"HTTP_HOST": "a b"})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1:8080", "[::1]:8080", "[::1]", "a_b.test", "A.TEST:1", "a:65535", "x" * 60 + ".test"],
)
def test_readable_hosts(ask: Ask, host: str) -> None:
    """Names, addresses and ports of any kind are fine."""
    assert ask(f"/deem{PURCHASE}", query_string=KEY, headers={"Host": host}).status_code == 200


def test_forwarded_headers_do_not_count(ask: Ask) -> None:
    """A client cannot change the host, scheme or prefix of links by headers of a proxy."""
    forwarded = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
                 "Forwarded": "host=evil.test"}  # fmt: skip
    answer = ask(f"/deem{PURCHASE}", query_string=KEY, headers=forwarded)
    assert "evil" not in answer.get_data(as_text=True)
    assert "https://localhost" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("host", "scheme", "kept"),
    [
        ("api.getdrip.com", "https", set()),
        ("api.getdrip.com", "gopher", {"mocktill-sandbox", "mocktill-scheme"}),
        ("api.getdrip.com", None, {"mocktill-sandbox"}),
        ("localhost", None, {"mocktill-sandbox"}),
    ],
)
def test_what_whoever_led_a_call_said_of_it(
    ask: Ask, sandboxes: Sandboxes, host: str, scheme: str | None, kept: set[str]
) -> None:
    """Where a call was led to here, its entry has no header that the client did not send; else it has them all."""
    path, headers = READS["drip"]
    said = {"Mocktill-Sandbox": "mine", **({"Mocktill-Scheme": scheme} if scheme else {})}
    sent = {name.lower(): value for name, value in {**headers, **said, "Host": host}.items()}
    prefix = "/drip" if host == "localhost" else ""
    answer = ask(prefix + path, headers={**headers, **said, "Host": host}, environ_overrides={HEADERS: {**sent}})
    assert answer.status_code == 200
    recorded = set(sandboxes.get("mine").journal.entries()[-1].request_headers)
    assert {name for name in recorded if name.startswith("mocktill-")} == kept
    assert recorded == set(sent) - {name.lower() for name in said} | kept


# pages on another origin


def preflight(ask: Ask, path: str, method: str = "PUT", **headers: str) -> TestResponse:
    """Ask as a browser asks before it sends what a page wants to send."""
    asked = {**ORIGIN, "Access-Control-Request-Method": method, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return ask(path, method="OPTIONS", headers=asked)


@pytest.mark.parametrize("api", NAMES)
@pytest.mark.parametrize("path", ["/v1/purchases/x/claim", "/v2/1/subscribers/a%40b.test", "/unknown"])
def test_a_preflight_is_allowed(ask: Ask, sandboxes: Sandboxes, api: str, path: str) -> None:
    """A preflight needs no credentials, gets what it asks for, and is not journalled."""
    wanted = "authorization,content-type,mocktill-sandbox,x-own"
    answer = preflight(ask, f"/{api}{path}", "PUT", Access_Control_Request_Headers=wanted)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == wanted
    assert {"Access-Control-Request-Method", "Access-Control-Request-Headers"} <= set(answer.vary)
    assert len(sandboxes.default.journal) == 0


def test_a_preflight_that_asks_for_no_headers(ask: Ask) -> None:
    """No headers asked for, none allowed."""
    assert "Access-Control-Allow-Headers" not in preflight(ask, f"/deem{PURCHASE}").headers


@pytest.mark.parametrize(
    ("path", "host"), [("/~a/deem/v1/x", "localhost"), ("/v2/x", "api.getdrip.com"), ("/deem", "x:1")]
)
def test_a_preflight_wherever_a_vendor_is(ask: Ask, path: str, host: str) -> None:
    """Sandboxes and hosts have preflights as well."""
    assert preflight(ask, path, Host=host).status_code == 204


def test_a_preflight_makes_no_sandbox(ask: Ask, sandboxes: Sandboxes) -> None:
    """A preflight comes before the sandbox: even a bad name does not keep the page from seeing its error."""
    assert preflight(ask, f"/~a!/deem{PURCHASE}").status_code == 204
    answer = ask(f"/~a!/deem{PURCHASE}", headers=ORIGIN)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (400, "*")


@pytest.mark.parametrize("headers", [{}, ORIGIN, {"Access-Control-Request-Method": "PUT"}])
@pytest.mark.parametrize(("path", "status"), [(PURCHASE, 405), ("/v1/nothing", 404)])
def test_plain_options_is_the_vendors(
    ask: Ask, sandboxes: Sandboxes, headers: dict[str, str], path: str, status: int
) -> None:
    """OPTIONS that is no preflight is a method that the vendor does not have, and journalled."""
    answer = ask(f"/deem{path}", method="OPTIONS", headers=headers)
    assert (answer.status_code, answer.get_json()["status"]) == (status, "error")
    assert len(sandboxes.default.journal) == 1


@pytest.mark.parametrize("api", NAMES)
def test_a_page_may_read_answers(ask: Ask, api: str) -> None:
    """An answer to a page on another origin can be read, with the headers that are ours or the vendor's."""
    path, headers = READS[api]
    answer = ask(f"/{api}{path}", headers={**headers, **ORIGIN, "Prefer": "example=documented"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    own = {name for name, _ in answer.headers if name.startswith(("Mocktill-", "X-"))}
    assert exposed >= own >= {"Mocktill-Entry", "Mocktill-Basis"}
    assert "Preference-Applied" in exposed or "Preference-Applied" not in answer.headers


def test_the_rate_limit_is_exposed(ask: Ask) -> None:
    """A page can read how much of the hourly limit is left."""
    path, headers = READS["drip"]
    exposed = ask(f"/drip{path}", headers={**headers, **ORIGIN}).headers["Access-Control-Expose-Headers"]
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining"} <= set(exposed.split(", "))


def test_the_preference_is_exposed(ask: Ask) -> None:
    """A page can read which preference was applied."""
    headers = {**ORIGIN, "Prefer": "example=documented"}
    exposed = ask(f"/deem{PURCHASE}", query_string=KEY, headers=headers).headers["Access-Control-Expose-Headers"]
    assert "Preference-Applied" in exposed.split(", ")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", PURCHASE, 401), ("GET", "/x", 404), ("DELETE", PURCHASE, 405)]
)
def test_a_page_may_read_errors(ask: Ask, method: str, path: str, status: int) -> None:
    """A refusal can be read like any other answer."""
    answer = ask(f"/deem{path}", method=method, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")


def test_without_an_origin_nothing_is_said(ask: Ask) -> None:
    """A client that is no page gets no headers for pages."""
    answer = ask(f"/deem{PURCHASE}", query_string=KEY)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    ("only", "path"),
    [
        *[(None, path) for path in ("/_mocktill/health", "/", "/_mocktill/nothing", "/ebay", "/~a/_mocktill/health")],
        *[("deem", path) for path in ("/_mocktill/health", "/_mocktill", "/~a/_mocktill/health")],
    ],
)
def test_no_page_elsewhere_reads_control_routes(sandboxes: Sandboxes, path: str, method: str, only: str | None) -> None:
    """The control routes, and what is no vendor's, allow no page on another origin anything."""
    answer = asker(sandboxes, only)(path, method=method, headers={**ORIGIN, "Access-Control-Request-Method": "GET"})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
@pytest.mark.parametrize("path", [f"/deem{PURCHASE}", "/deem/x", "/_mocktill/health", f"/~!/deem{PURCHASE}"])
def test_there_is_no_credentials_mode(ask: Ask, method: str, path: str) -> None:
    """No answer ever allows credentials, which any origin could then send."""
    headers = {**ORIGIN, "Cookie": "a=b", "Access-Control-Request-Method": "PUT"}
    assert "Access-Control-Allow-Credentials" not in ask(path, method=method, headers=headers).headers


# the root


def test_health_and_index(ask: Ask, sandboxes: Sandboxes) -> None:
    """`/` lists the base URLs as the client has to use them, within its sandbox; `health` says that it is alive."""
    assert ask("/_mocktill/health").get_json() == {"status": "ok"}
    assert ask("/~box/_mocktill/health").get_json() == {"status": "ok"}
    for prefix in ("", "/~box"):
        listed = ask(f"{prefix}/", headers={"Host": "localhost:8080"}).get_json()["apis"]
        assert [item["base_url"] for item in listed] == [f"http://localhost:8080{prefix}/{api}" for api in NAMES]
    assert len(sandboxes.default.journal) == 0


def test_the_listed_urls_work(ask: Ask) -> None:
    """Each base URL of the list, with a path of its vendor, is answered."""
    for api, item in zip(NAMES, ask("/~box/").get_json()["apis"], strict=True):
        path, headers = READS[api]
        url = item["base_url"].removeprefix("http://localhost")
        assert ask(url + path, headers=headers).status_code == 200
