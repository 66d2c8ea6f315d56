"""The setting `webhooks` of a test's sandbox: in a marker, in `sandbox()`, wherever the sandbox is."""

from __future__ import annotations

import socket
from typing import Any

import pytest

import mocktill
from mocktill.doors.testing.settings import read_settings
from tests.core.telling import URL
from tests.doors.testing.inner import Inner

TELLING = """
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    CAME = threading.Event()


    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            CAME.set()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *what):
            pass


    @pytest.fixture(scope="module", autouse=True)
    def receiver():
        with HTTPServer(("127.0.0.1", {port}), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield
            server.shutdown()
            thread.join()


    @pytest.mark.mocktill(webhooks={{"kajabi": "http://127.0.0.1:{port}/hook"}})
    class TestTold:
        def test_told(self, {fixture}):
            box = {fixture}
            box.act("kajabi.buy_offer", sorted(box.state()["tables"]["kajabi.offers"])[0])
            assert CAME.wait(30)
            box.webhooks.settle(30)
            assert [told.state for told in box.webhooks.deliveries()] == ["delivered"]

        @pytest.mark.mocktill(webhooks=None)
        def test_off(self, {fixture}):
            assert {fixture}.webhooks.targets() == []
"""


@pytest.fixture
def inner(pytester: pytest.Pytester) -> Inner:
    """A test run within the test."""
    return Inner(pytester)


@pytest.mark.parametrize("fixture", ["mocktill", "mocktill_live"])
def test_a_marker_sends_them(inner: Inner, fixture: str, unused_port: int) -> None:
    """A marker says where they go; one that is closer takes it back."""
    inner.tests(TELLING.format(port=unused_port, fixture=fixture))
    inner.run().assert_outcomes(passed=2)


def test_the_ini_file_says_nothing_of_them(inner: Inner) -> None:
    """Where webhooks go is for a test to say: there is no ini option for it."""
    inner.tests("")
    assert "mocktill_webhooks" not in inner.run("--help").stdout.str()


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("webhooks", "said"),
    [
        ("drip", "webhooks are URLs by API"),
        ({"drip": 1}, "webhooks are URLs by API"),
        ({"drip": "hook"}, "the URL of a webhook is http or https"),
        ({"drip": "http://169.254.169.254/"}, "the metadata service of a cloud"),
    ],
)
def test_what_is_no_setting(webhooks: Any, said: str) -> None:
    """What is no URL by API, or one that no webhook ever goes to, is refused in words before there is a sandbox."""
    with pytest.raises(ValueError, match=said):
        read_settings({"webhooks": webhooks})


def test_an_api_that_a_sandbox_does_not_have() -> None:
    """Webhooks of an API that the sandbox leaves out, or that has none, are refused in words."""
    unmet: tuple[dict[str, Any], ...] = (
        {"apis": "drip", "webhooks": {"kajabi": URL}},
        {"webhooks": {"deem": URL}},
    )
    for settings in unmet:
        with pytest.raises(ValueError, match="there is no API with webhooks"):
            mocktill.sandbox(**settings).__enter__()
