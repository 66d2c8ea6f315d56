"""HTTP/2 over a raw socket: its bounds."""

from __future__ import annotations

from h2.events import ConnectionTerminated, RemoteSettingsChanged, ResponseReceived, StreamReset
from h2.settings import SettingCodes

from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.serving.limits import HEADER_LIMIT, MOST_STREAMS
from tests.doors.serving.http2 import TARGET, Two, status_of
from tests.doors.wire import ask

GET = f"GET {TARGET} HTTP/1.1\nHost: localhost\n\n"


def test_http2_says_its_bounds(url: str) -> None:
    """The server says how many requests it takes at a time, and how long their headers may be."""
    with Two(url) as two:
        two.wire.say(two.http.data_to_send())
        two.hear_until(RemoteSettingsChanged)
        assert two.http.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] == MOST_STREAMS
        assert two.http.remote_settings[SettingCodes.MAX_HEADER_LIST_SIZE] == HEADER_LIMIT


def test_http2_headers_are_bounded(url: str) -> None:
    """Headers over the limit are refused, on their own stream or with the connection, and never answered with a 500."""
    with Two(url) as two:
        two.ask()
        two.hear_until(ResponseReceived)
        fields = [(f"x-{count}", "a" * 1_000) for count in range(100)]
        two.http.remote_settings[SettingCodes.MAX_HEADER_LIST_SIZE] = 10**9
        two.ask(*fields)
        heard = two.hear_until((StreamReset, ConnectionTerminated, ResponseReceived), 2)
        answers = [status_of(event) for event in heard if isinstance(event, ResponseReceived)]
        assert answers in (["200"], ["200", "431"])
    assert ask(url, GET).status == 200


def test_http2_streams_are_bounded(url: str, sandboxes: Sandboxes) -> None:
    """A client that opens more streams than it may is refused for those beyond, and no other client."""
    sandboxes.default.faults.add({"when": {"path": "*/34063ec2"}, "what": {"delay": 5}})
    with Two(url) as two:
        two.wire.say(two.http.data_to_send())
        two.hear_until(RemoteSettingsChanged)
        two.http.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 10**6
        two.http.remote_settings.acknowledge()
        for _ in range(MOST_STREAMS + 10):
            two.ask()
        two.hear_until(StreamReset, 10)
        assert ask(url, GET.replace("34063ec2", "none")).status == 404
