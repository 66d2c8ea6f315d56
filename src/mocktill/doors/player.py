"""Scenarios played in this process, through the front door and without a socket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from werkzeug.test import Client

from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import Answered, Scenario, Step, play
from mocktill.doors.app import create_app


def play_in_process(scenario: Scenario, sandboxes: Sandboxes) -> Iterator[Step]:
    """Play a scenario in the default sandbox; raise ValueError for an API that there is not."""
    if scenario.api not in sandboxes.catalogue.shelves:
        raise ValueError(f"there is no API {scenario.api!r}; there are {', '.join(sandboxes.catalogue.shelves)}")
    client = Client(create_app(sandboxes))

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        response = client.open(f"/{scenario.api}{path}", method=method, headers=dict(headers), data=body)
        return Answered(response.status_code, dict(response.headers), response.get_data())

    return play(scenario, sandboxes.default, send)
