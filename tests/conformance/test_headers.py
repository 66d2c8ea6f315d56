"""Headers that are wrong or hostile."""

from __future__ import annotations

import pytest

from mocktill.core.errors import Malformed, TooLarge
from tests.conformance.world import Case

CONTENT_TYPES = {
    "nothing": "",
    "garbage": ";;;///===",
    "no subtype": "application",
    "an unknown charset": "application/json; charset=klingon",
    "another charset": "application/json; charset=utf-16",
    "a form": "application/x-www-form-urlencoded",
    "a form in capitals": "APPLICATION/X-WWW-FORM-URLENCODED; CHARSET=UTF-7",
    "a multipart form without a boundary": "multipart/form-data",
    "a multipart form": "multipart/form-data; boundary=x",
    "XML": "text/xml",
    "Latin-1": "t\xe9xt/\xff",
    "very long": "application/json; " + "x" * 100_000,
}
LENGTHS = {
    "a word": "abc",
    "negative": "-1",
    "a sign": "+1",
    "a fraction": "1.0",
    "an exponent": "1e1",
    "hexadecimal": "0x10",
    "two": "1, 1",
    "a digit that is no ASCII": "\xb2",
    "an underscore": "1_0",
    "white space": " 1",
}
HUGE = {"a gigabyte": str(2**30), "64 bits": str(2**64), "5,000 digits": "9" * 5_000}
HOSTS = {
    "a path": "a/b",
    "a user": "user@host",
    "a space": "a b",
    "a line break": "a\nb",
    "a script": "<script>",
    "Latin-1": "caf\xe9.example",
    "a port that is no number": "host:port",
    "a port too long": "host:123456",
    "two ports": "host:1:2",
    "an open bracket": "[::1",
    "a query": "host?x",
    "very long": "x" * 100_000,
    "a dot": ".",
}
ODD_HOSTS = {
    "a label too long": "x" * 64 + ".example",
    "empty labels": "a..b",
    "punycode": "xn--a",
    "broken punycode": "xn--\x61\x62-.example",
    "an address": "127.0.0.1:8080",
    "IPv6": "[::1]:8080",
    "brackets": "[:::::::]",
    "an underscore": "_x_",
    "capitals": "SANDBOX.TEST",
    "a port beyond": "host:99999",
    "port zero": "host:0",
    "a dot at the end": "host.",
    "nothing": "",
}
PREFERENCES = {
    "nothing": "",
    "commas": ",,,;;;===",
    "a code that is none": "code=abc",
    "a code without end": "code=" + "9" * 5_000,
    "no code": "code=",
    "a negative code": "code=-1",
    "a code beyond": "code=999",
    "an informational code": "code=100",
    "a redirect": "code=301",
    "an unknown example": "example=../../etc/passwd",
    "an empty example": "example=",
    "dynamic alone": "dynamic",
    "dynamic and more": "dynamic=maybe",
    "all of them": "code=404, example=documented, dynamic=true, wait=100",
    "an unknown one": "respond-async",
    "quotes": 'example="docu"mented", code="4',
    "Latin-1": "example=\xe9\xff, \xff=1",
    "line breaks": "example=a\r\nSet-Cookie: a=b",
    "very long": "example=" + "x" * 100_000,
    "very many": "a=1," * 10_000,
}
SANDBOXES = {
    "upwards": "../other",
    "a path": "a/b",
    "absolute": "/etc/passwd",
    "a backslash": "a\\b",
    "a space": "a b",
    "a tilde": "~a",
    "a percent sign": "%2e%2e",
    "a NUL": "a\x00b",
    "a line break": "a\n",
    "Latin-1": "\xe9",
    "two": "a, b",
    "too long": "x" * 65,
    "very long": "x" * 100_000,
    "a colon": "a:b",
}
OTHERS = {
    "an Accept that nobody serves": {"Accept": "image/png"},
    "a broken Accept": {"Accept": ";;q=xyz,,*/*/*"},
    "gzip that is none": {"Content-Encoding": "gzip"},
    "a broken Cookie": {"Cookie": "=;;\xff=\x00; session=..; " + "a=b; " * 1_000},
    "a Range": {"Range": "bytes=0-1,5-"},
    "conditions": {"If-None-Match": "*", "If-Modified-Since": "yesterday"},
    "Expect": {"Expect": "200-maybe"},
    "Forwarded": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-For": "\xff"},
    "Transfer-Encoding": {"Transfer-Encoding": "chunked, identity"},
    "an empty User-Agent": {"User-Agent": ""},
    "a User-Agent in Latin-1": {"User-Agent": "\xe9\xff\x00"},
    "a long header": {"X-Anything": "x" * 100_000},
    "many headers": {f"X-{number}": str(number) for number in range(1_000)},
    "a broken Origin": {"Origin": "null\xff"},
    "an Upgrade": {"Connection": "Upgrade", "Upgrade": "h2c"},
}


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_content_types(case: Case, kind: str) -> None:
    """Whatever the body is said to be, the answer is the vendor's."""
    sent = case.sent()(headers={"Content-Type": CONTENT_TYPES[kind]})
    case.ask(sent)
    case.ask(sent(body=b"a=1&b=%ff&c&=d"))
    case.ask(sent(body=b"&" * 10_000))
    case.ask(sent(body=b"\xff\xfe\x00"))
    case.ask(sent(body=b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_that_is_no_number(case: Case, length: str) -> None:
    """A Content-Length that is no number makes a request malformed."""
    answer = case.ask(case.sent()(headers={"Content-Length": LENGTHS[length]}))
    assert answer.status == case.unread(Malformed)


@pytest.mark.parametrize("length", HUGE)
def test_a_length_over_the_limit(case: Case, length: str) -> None:
    """A Content-Length over the limit is refused before anything is read."""
    answer = case.ask(case.sent()(headers={"Content-Length": HUGE[length]}))
    assert answer.status == case.unread(TooLarge)


def test_a_length_that_is_another(body_case: Case) -> None:
    """What is longer than the body gets what came; what is shorter cuts it, and half an object is malformed."""
    sent = body_case.sent()
    assert body_case.ask(sent(headers={"Content-Length": "1000000"})).status == body_case.operation.status
    cut = body_case.ask(body_case.sent()(headers={"Content-Length": "1"}))
    assert cut.status == body_case.means(Malformed)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_none(case: Case, host: str) -> None:
    """An invalid Host makes a request malformed."""
    assert case.ask(case.sent()(headers={"Host": HOSTS[host]})).status == case.unread(Malformed)


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_odd_hosts(case: Case, host: str) -> None:
    """A Host that is odd and may be one is no matter, unless it can be none after all."""
    answer = case.ask(case.sent()(headers={"Host": ODD_HOSTS[host]}))
    assert answer.status in {case.operation.status, case.unread(Malformed)}


@pytest.mark.parametrize("preference", PREFERENCES)
def test_preferences(case: Case, preference: str) -> None:
    """A preference that is not known, or cannot be met, is ignored: RFC 7240 has no error for it."""
    answer = case.ask(case.sent()(headers={"Prefer": PREFERENCES[preference]}))
    if preference != "all of them":
        assert answer.status == case.operation.status
        assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize("name", SANDBOXES)
def test_names_that_are_no_sandbox(case: Case, name: str) -> None:
    """A name that no sandbox can have makes a request malformed, and no sandbox."""
    answer = case.ask(case.sent()(headers={"Mocktill-Sandbox": SANDBOXES[name]}))
    assert answer.status == case.unread(Malformed)


@pytest.mark.parametrize("name", ["~", "~a b", "~" + "x" * 65, "~%00", "~%ff", "~~"])
def test_names_that_are_no_sandbox_in_the_path(case: Case, name: str) -> None:
    """Nor is there one in the path."""
    sent = case.sent()
    answer = case.ask(sent(path=f"/{name}{sent.path}"))
    assert answer.status in {case.unread(Malformed), case.operation.status}
    assert name == "~" or answer.status == case.unread(Malformed)


@pytest.mark.parametrize("other", OTHERS)
def test_other_headers(case: Case, other: str) -> None:
    """Headers that are nobody's business here change nothing."""
    answer = case.ask(case.sent()(headers=OTHERS[other]))
    assert answer.status == case.operation.status
    assert b"evil.example" not in answer.body
