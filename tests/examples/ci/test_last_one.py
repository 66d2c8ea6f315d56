"""Mocktill in a container, for tests in Python: `pip install pytest requests testcontainers`."""

from collections.abc import Iterator

import pytest
import requests
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

TOKEN = "in-tests"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Where Mocktill answers: one container for all tests."""
    container = (
        DockerContainer("mocktill")
        .with_env("MOCKTILL_CONTROL_TOKEN", TOKEN)
        .with_exposed_ports(8080)
        .waiting_for(HttpWaitStrategy(8080, "/_mocktill/ready").for_status_code(200))
    )
    with container:
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8080)}"


@pytest.fixture
def mocktill(server: str) -> str:
    """The same, with the factory state."""
    requests.post(f"{server}/_mocktill/reset", headers={"Authorization": f"Bearer {TOKEN}"}).raise_for_status()
    return server


def test_the_last_one_is_reserved_once(mocktill: str) -> None:
    """There is one unit of the deal last-one."""
    url, order = f"{mocktill}/deem/v1/purchases/reserve?api_key=1234567", {"deal_id": "last-one", "num_bought": 1}
    assert [requests.post(url, json=order).status_code for _ in range(2)] == [200, 422]
