"""A client of HTTP/2 over a raw socket, which says what it likes."""

from __future__ import annotations

from contextlib import suppress

from h2.connection import H2Connection
from h2.events import Event, ResponseReceived
from h2.settings import SettingCodes

from tests.doors.wire import Wire

TARGET = "/deem/v1/purchases/34063ec2?api_key=1234567"


class Two:
    """One HTTP/2 connection to a server."""

    def __init__(self, url: str, window: int | None = None) -> None:
        self.wire = Wire(url)
        self.http = H2Connection()
        self.http.initiate_connection()
        if window is not None:  # so many bytes of each answer may be sent before it asks for more
            self.http.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.events: list[Event] = []

    def __enter__(self) -> Two:
        return self

    def __exit__(self, *error: object) -> None:
        self.wire.close()

    def ask(self, *more: tuple[str, str], path: str = TARGET) -> int:
        """Send a request; return its number."""
        number = self.http.get_next_available_stream_id()
        head = [(":method", "GET"), (":path", path), (":scheme", "http"), (":authority", "localhost"), *more]
        self.http.send_headers(number, head, end_stream=True)
        self.wire.say(self.http.data_to_send())
        return number

    def hear_until(self, wanted: type[Event] | tuple[type[Event], ...], count: int = 1) -> list[Event]:
        """Return what came, as soon as so many of what is wanted have."""
        while sum(isinstance(event, wanted) for event in self.events) < count:
            data = self.wire.socket.recv(65_536)
            assert data, self.events
            self.events += self.http.receive_data(data)
            self.wire.say(self.http.data_to_send())
        return self.events

    def hear_out(self) -> None:
        """Read on, and answer each ping, until the server closes the connection."""
        with suppress(ConnectionError):
            while data := self.wire.socket.recv(65_536):
                self.events += self.http.receive_data(data)
                self.wire.say(self.http.data_to_send())


def status_of(event: Event) -> str:
    """Return the status of an answer."""
    assert isinstance(event, ResponseReceived)
    return {bytes(name).decode(): bytes(value).decode() for name, value in event.headers or []}[":status"]
