"""Where webhooks may go: hosts that were listed, and of those no address that never may be asked.

A host is looked up once for each attempt, every address that comes of it is checked, and the connection goes to one
that was: a name that means something else a moment later leads nowhere else.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

IP = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}
LONGEST = 2_000
_URL = re.compile(r"[!#-\[\]_a-z~]+")
"""What may be in a URL: printable ASCII but for a space, quotes, `^`, a backtick, brackets and `|`."""
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,30}}")
_NUMERIC = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
"""The last part of an odd spelling of an IPv4 address: no name ends like this (url.spec.whatwg.org, host parsing)."""
_AUTHORITY = re.compile(r"(?:\[[^\[\]]+\]|[^\[\]:]+)(?::[0-9]*)?")
"""What is read of a URL as it is meant: `urlsplit` overlooks what stands between an address in brackets and a port."""
_LISTED = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?")
NEVER = tuple(
    (ip_network(network), what)
    for network, what in (
        ("169.254.169.254", "the metadata service of a cloud"),
        ("100.100.100.200", "the metadata service of a cloud"),
        ("192.0.0.192", "the metadata service of a cloud"),
        ("168.63.129.16", "the metadata service of a cloud"),
        ("fd00:ec2::/32", "the metadata service of a cloud"),
        ("fd20:ce::254", "the metadata service of a cloud"),
        ("fd00:42::42", "the metadata service of a cloud"),
        ("169.254.0.0/16", "link-local"),
        ("fe80::/10", "link-local"),
        ("0.0.0.0/8", "no host's"),
        ("::", "no host's"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("240.0.0.0/4", "reserved"),
    )
)
"""The addresses that are never asked, listed or not, and what they are."""
CARRIERS = tuple(ip_network(network) for network in ("::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "::/96"))
"""The networks whose addresses end with the IPv4 address that they stand for (RFC 2765, 6052, 8215 and 4291)."""
ISATAP = frozenset({0x00005EFE, 0x02005EFE})


class Refused(ValueError):
    """An address that may not be asked: says why."""


@dataclass(frozen=True)
class Listed:
    """A host that may be asked, on one port or on every."""

    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True)
class Where:
    """What a URL says: how to ask whom for what."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The host as a request names it, with the port where it is not the usual one."""
        return str(Listed(self.host, None if self.port == PORTS[self.scheme] else self.port))

    def look_up(self) -> list[str]:
        """Return the addresses of the host, each of which may be asked.

        Raises `Refused` where one of them may not be, and OSError where there is none.
        """
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        for address in addresses:
            if address != self.host:
                check_address(address, f"{self.host} is {address}, which")
        return addresses


class Allowed:
    """The hosts that may be asked: all others are refused."""

    def __init__(self, listed: Iterable[Listed] = ()) -> None:
        self.listed = tuple(dict.fromkeys(listed))

    def add(self, listed: Listed) -> None:
        """List one more."""
        self.listed = tuple(dict.fromkeys((*self.listed, listed)))

    def check(self, url: str) -> Where:
        """Return what a URL says; raise `Refused` for one that is none, or is not listed, or never may be asked."""
        where = read_url(url)
        if any(each.host == where.host and each.port in {None, where.port} for each in self.listed):
            return where
        address = str(Listed(where.host, where.port))
        listed = ", ".join(map(str, self.listed))
        there = f"there are {listed}" if listed else "none is"
        raise Refused(f"{address} is not among the addresses that webhooks may go to: {there}")


def read_listed(written: str) -> Listed:
    """Return the host and port of HOST or HOST:PORT; raise `Refused`, in words, for what is none or never asked."""
    bare = written.strip()
    found = _LISTED.fullmatch(f"[{bare}]" if _is_address(bare) else bare)
    if found is None or not 0 < int(found[3] or 1) < 1 << 16:
        raise Refused(f"{written!r} is no address: write HOST or HOST:PORT, as in 127.0.0.1:9000")
    return Listed(read_host(found[1] or found[2]), int(found[3]) if found[3] else None)


def listed_for(url: str) -> Listed:
    """Return what lists a URL and nothing else; raise `Refused` for one that is none, or never may be asked."""
    where = read_url(url)
    return Listed(where.host, where.port)


def read_url(url: str) -> Where:
    """Return what a URL says; raise `Refused`, in words, for one that is none, or names what is never asked."""
    if len(url) > LONGEST or not _URL.fullmatch(url.lower()):
        raise Refused("this is no URL of a webhook: write http://127.0.0.1:9000/hook")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"this is no URL of a webhook: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise Refused("the URL of a webhook is http or https, with a host: write http://127.0.0.1:9000/hook")
    if "@" in parts.netloc:
        raise Refused("the URL of a webhook has no user and no password in it")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise Refused("the URL of a webhook has nothing but a host and a port before its path")
    if parts.fragment or url.endswith("#"):
        raise Refused("the URL of a webhook has no fragment: nobody would see it")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Where(parts.scheme, read_host(parts.hostname), port or PORTS[parts.scheme], target)


def read_host(written: str) -> str:
    """Return a name or an address in the one spelling that it has; raise `Refused` for any other, and what is never."""
    host = written.lower().removesuffix(".")
    if _is_address(host):
        check_address(host, f"{host}")
        return str(ip_address(host))
    if _NUMERIC.fullmatch(host.rpartition(".")[2]):
        raise Refused(f"{written!r} is an odd spelling of an address: write it as 127.0.0.1")
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise Refused(f"{written!r} is no host: write a name of ASCII letters, or an address")
    return host


def check_address(address: str, subject: str) -> None:
    """Raise `Refused` for an address that is never asked, nor is any that stands for it; `subject` begins the words."""
    if "%" in address:
        raise Refused(f"{subject} has a zone: such an address is link-local, and never asked")
    for meant in meanings(ip_address(address)):
        for network, what in NEVER:
            if meant.version == network.version and meant in network:
                as_ = "" if str(meant) == address else f" stands for {meant}, and that"
                raise Refused(f"{subject}{as_} is {what}: no webhook goes there, listed or not")


def meanings(address: IP) -> Iterator[IP]:
    """Yield an address, and each IPv4 address that it stands for."""
    yield address
    if isinstance(address, IPv4Address):
        return
    yield from filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())))
    isatap = (int(address) >> 32) & 0xFFFFFFFF in ISATAP
    if isatap or (int(address) > 1 and any(address in network for network in CARRIERS)):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
