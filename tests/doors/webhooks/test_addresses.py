"""Where webhooks may go: what is listed, in the one spelling that it has, and never what no webhook may reach."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from mocktill.doors.webhooks.addresses import (
    Allowed,
    Listed,
    Refused,
    Where,
    check_address,
    listed_for,
    meanings,
    read_listed,
    read_url,
)

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:42::42",
    "fe80::1",
    "febf::1",
    "ff02::1",
    "::",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::ffff:0:169.254.169.254",
    "::169.254.169.254",
    "::0.0.0.2",
    "2002:a9fe:a9fe::1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "2001:0:a9fe:a9fe::1",
    "2001:0:c000:201:0:0:5601:5601",
    "fd12::5efe:a9fe:a9fe",
    "fd12::200:5efe:a9fe:a9fe",
]
"""Addresses that are never asked: link-local, metadata, multicast, nobody's, reserved, and what stands for them."""
FINE = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "93.184.215.14",
    "::1",
    "fd12::1",
    "2a00::1",
]
ODD = [
    "0x7f.1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "0x7f000001",
    "127.0.0.1.1",
    "1.2.3.256",
    "127.0.0.01",
    "host.0x1",
]
"""Spellings that some programs take for an address, and others for a name."""


def url(host: str) -> str:
    """Return a URL with this host."""
    return f"http://[{host}]:9000/hook" if ":" in host else f"http://{host}:9000/hook"


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name mean these addresses; return the names that are looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", NEVER)
def test_never_asked_even_if_listed(address: str) -> None:
    """What is link-local, a metadata service or nobody's can neither be listed nor be a URL's, in whatever form."""
    with pytest.raises(Refused, match="listed or not"):
        read_listed(f"[{address}]" if ":" in address else address)
    with pytest.raises(Refused, match="listed or not"):
        read_url(url(address))
    with pytest.raises(Refused, match="listed or not"):  # as if it had been listed all the same
        Allowed([Listed(address, None)]).check(url(address))


@pytest.mark.parametrize("address", NEVER)
def test_never_asked_whatever_its_name(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed name is refused as soon as one of its addresses never may be asked, and the others are not tried."""
    asked = answering(monkeypatch, "10.0.0.1", address)
    where = Allowed([read_listed("hooks.example")]).check(url("hooks.example"))
    with pytest.raises(Refused, match=r"^hooks\.example is .*listed or not"):
        where.look_up()
    assert asked == ["hooks.example"]


@pytest.mark.parametrize("address", FINE)
def test_private_and_loopback_are_fine_if_listed(address: str) -> None:
    """What is this machine's, private or public may be listed, and then asked; unlisted it is refused."""
    listed = read_listed(f"[{address}]" if ":" in address else address)
    assert Allowed([listed]).check(url(address)).host == address
    with pytest.raises(Refused, match="is not among the addresses that webhooks may go to: none is"):
        Allowed().check(url(address))


@pytest.mark.parametrize("host", ODD)
def test_odd_spellings_of_addresses(host: str) -> None:
    """An address has one spelling: with any other it is neither listed nor asked."""
    for read in (read_listed, lambda host: read_url(url(host))):
        with pytest.raises(Refused, match="odd spelling"):
            read(host)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hook",
        "//127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://",
        "http:///hook",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:x/",
        "http://user@127.0.0.1/",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1#@169.254.169.254/",
        "http://127.0.0.1/#",
        "http://127.0.0.1/#fragment",
        "http://127.0.0.1\\@169.254.169.254/",
        "http://127.0.0.1/ hook",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1\t/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://ünï.example/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://[fd12::1%eth0]/",
        "http://a..b/",
        "http://-a/",
        "http://" + "a" * 254 + "/",
        "http://a/" + "a" * 2000,
        "http://[::1]x/",
        "http://[::1]x:80/",
        "http://[::1].example:80/",
    ],
)
def test_what_is_no_url_of_a_webhook(written: str) -> None:
    """Other schemes, a user, a fragment, odd characters and hosts that are none are refused in words."""
    with pytest.raises(Refused) as refused:
        read_url(written)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("http://127.0.0.1:9000/hook?a=b", Where("http", "127.0.0.1", 9000, "/hook?a=b")),
        ("https://Hooks.Example./", Where("https", "hooks.example", 443, "/")),
        ("HTTP://localhost", Where("http", "localhost", 80, "/")),
        ("http://[0:0::1]:81?x", Where("http", "::1", 81, "/?x")),
    ],
)
def test_what_a_url_says(written: str, where: Where) -> None:
    """A URL says scheme, host, port and what is asked for; the host in the one spelling that it has."""
    assert read_url(written) == where


@pytest.mark.parametrize(
    ("written", "listed", "shown"),
    [
        ("localhost", Listed("localhost", None), "localhost"),
        (" Hooks.Example:9000 ", Listed("hooks.example", 9000), "hooks.example:9000"),
        ("127.0.0.1:9000", Listed("127.0.0.1", 9000), "127.0.0.1:9000"),
        ("::1", Listed("::1", None), "[::1]"),
        ("[0::1]:80", Listed("::1", 80), "[::1]:80"),
    ],
)
def test_what_is_listed(written: str, listed: Listed, shown: str) -> None:
    """HOST or HOST:PORT, an IPv6 address in brackets where a port follows; it is told as it is meant."""
    assert read_listed(written) == listed
    assert str(listed) == shown


@pytest.mark.parametrize("written", ["", ":80", "a:b", "a:0", "a:65536", "http://a", "a/b", "*", "10.0.0.0/8", "[::1"])
def test_what_cannot_be_listed(written: str) -> None:
    """Neither patterns nor networks nor URLs are addresses."""
    with pytest.raises(Refused):
        read_listed(written)


def test_a_port_is_part_of_the_address() -> None:
    """Listed with a port, only that one may be asked; without one, each."""
    allowed = Allowed([read_listed("localhost:9000"), read_listed("hooks.example")])
    assert allowed.check("http://localhost:9000/").port == 9000
    assert allowed.check("https://hooks.example/").port == 443
    said = "localhost:9001 is not among the addresses that webhooks may go to: there are localhost:9000, hooks.example"
    with pytest.raises(Refused, match=f"^{said}$"):
        allowed.check("http://localhost:9001/")


def test_a_name_lists_no_address() -> None:
    """Listed is what is written: a name does not list what it means, nor an address its names."""
    with pytest.raises(Refused):
        Allowed([read_listed("localhost")]).check("http://127.0.0.1/")
    with pytest.raises(Refused):
        Allowed([read_listed("127.0.0.1")]).check("http://localhost/")


def test_a_url_lists_itself_and_nothing_else() -> None:
    """What a URL lists is its host and its port."""
    assert listed_for("https://hooks.example/a") == Listed("hooks.example", 443)


def test_a_host_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All addresses of a name come from one look-up, each once."""
    asked = answering(monkeypatch, "10.0.0.1", "10.0.0.2", "10.0.0.1")
    assert read_url("http://hooks.example/").look_up() == ["10.0.0.1", "10.0.0.2"]
    assert asked == ["hooks.example"]


def test_a_link_local_address_with_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to an address with a zone is refused like any that is link-local."""
    answering(monkeypatch, "fe80::1%eth0")
    with pytest.raises(Refused, match="has a zone"):
        read_url("http://hooks.example/").look_up()


def test_what_an_address_stands_for() -> None:
    """Each IPv4 address that an IPv6 address stands for is found; one that stands for none is itself alone."""
    assert list(meanings(ip_address("fd12::1"))) == [ip_address("fd12::1")]
    assert ip_address("10.0.0.1") in meanings(ip_address("2002:a00:1::"))
    check_address("2002:a00:1::", "it")
