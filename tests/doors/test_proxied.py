"""Behind a proxy links are the proxy's, where it is trusted, and nobody else can say what they begin with."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app

PURCHASE = "/deem/v1/purchases/34063ec2?api_key=1234567"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.test", "X-Forwarded-Prefix": "/mock"}


@pytest.fixture
def client(sandboxes: Sandboxes) -> FlaskClient:
    """A client of a server that trusts its proxy."""
    return create_app(sandboxes, trust_proxy=True).test_client()


def link(client: FlaskClient, headers: dict[str, str], path: str = PURCHASE) -> str:
    """Return a link of a purchase that is asked for with these headers."""
    return str(client.get(path, headers=headers).json["purchase"]["coupons"][0]["print_url"])  # type: ignore[index]


def test_links_are_the_proxys(client: FlaskClient) -> None:
    """Scheme, host and prefix are those that the proxy tells, with the sandbox and the vendor's segment behind."""
    assert link(client, FORWARDED).startswith("https://shop.test/mock/deem/coupons/")
    assert link(client, FORWARDED, f"/~box{PURCHASE}").startswith("https://shop.test/mock/~box/deem/coupons/")
    browser = client.get("/", headers={**FORWARDED, "Accept": "text/html"})
    assert browser.headers["Location"] == "/mock/_mocktill/console/"


@pytest.mark.parametrize(
    ("said", "base"),
    [
        ({"X-Forwarded-Proto": "javascript"}, "http://shop.test/mock/deem/"),
        ({"X-Forwarded-Proto": "http, https"}, "https://shop.test/mock/deem/"),
        ({"X-Forwarded-Prefix": "/mock/"}, "https://shop.test/mock/deem/"),
        ({"X-Forwarded-Prefix": "//elsewhere.test"}, "https://shop.test/deem/"),
        ({"X-Forwarded-Prefix": "mock"}, "https://shop.test/deem/"),
        ({"X-Forwarded-Host": "evil.test, shop.test"}, "https://shop.test/mock/deem/"),
    ],
)
def test_what_is_none_is_unsaid(client: FlaskClient, said: dict[str, str], base: str) -> None:
    """A scheme that is none and a prefix that is no path count for nothing; of several proxies the last counts."""
    assert link(client, FORWARDED | said).startswith(base)


def test_a_host_that_is_none_is_refused(client: FlaskClient) -> None:
    """What the proxy calls a host has to be one."""
    assert client.get(PURCHASE, headers=FORWARDED | {"X-Forwarded-Host": "a b/c"}).status_code == 400


def test_nobody_is_trusted_unasked(sandboxes: Sandboxes) -> None:
    """Without the option the headers say nothing."""
    assert link(create_app(sandboxes).test_client(), FORWARDED).startswith("http://localhost/deem/coupons/")
