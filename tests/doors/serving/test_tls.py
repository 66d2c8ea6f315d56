"""https: the certificates, the server over TLS and HTTP/2, and clients that only trust the CA."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.serving.tls import CannotSecure, Certificates, certificates
from tests.doors.wire import PATIENCE, Served, Wire, environment, serving

HOSTS = [host for api in BUILTIN for host in api.hosts]
NEAR = ["localhost", "127.0.0.1", "::1", "mocktill.test"]
GET = "/deem/v1/purchases/34063ec2?api_key=1234567"
HEALTH = "GET /_mocktill/health HTTP/1.1\nHost: localhost\n\n"
DEEM = "https://api.offers.deem.com/v1/purchases/34063ec2?api_key=1234567"
DRIP = "https://api.getdrip.com/v2/9999999/subscribers/john@acme.com/purchases"
KAJABI = "https://api.kajabi.com/v1/purchases/123"
KEY = ("YOUR_API_KEY", "")
BASIC = "Basic WU9VUl9BUElfS0VZOg=="
BEARER = "Bearer token-active"
ORDER = {"purchases": [{"provider": "shop", "order_id": "tls-1", "amount": 4900}]}
LATE_SECONDS = 0.2


class Shop:
    """A server over TLS, its sandboxes, and what a client needs to trust it."""

    def __init__(self, url: str, ca: Path, sandboxes: Sandboxes) -> None:
        self.url = url
        self.sandboxes = sandboxes
        self.trusting = ssl.create_default_context(cafile=ca)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def client(self, *, http2: bool = False, timeout: float = PATIENCE) -> httpx.Client:
        """Return a client that trusts it, and speaks HTTP/2 if that is offered."""
        return httpx.Client(verify=self.trusting, http2=http2, timeout=timeout, base_url=self.url)

    def fault(self, **what: Any) -> None:
        """Put a rule into force for the vendors' calls."""
        self.sandboxes.default.faults.add({"what": what})

    def assert_alive(self) -> None:
        """It answers somebody else."""
        with Wire(self.url, self.trusting) as wire:
            wire.say(HEALTH)
            assert wire.hear().json == {"status": "ok"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificates]:
    """Certificates that the tests of this module share."""
    with certificates(tmp_path_factory.mktemp("tls"), [*HOSTS, "*.shop.test", "192.0.2.7"]) as made:
        yield made


@pytest.fixture
def shop(catalogue: Catalogue, made: Certificates) -> Iterator[Shop]:
    """A server of its own for each test."""
    sandboxes = Sandboxes(catalogue)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere()), tls=made) as url:
        yield Shop(url, made.ca, sandboxes)


# the certificates


def names_of(made: Certificates) -> list[str]:
    """Return what a certificate is for."""
    found = x509.load_pem_x509_certificate(made.chain.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def test_a_certificate_is_for_the_hosts_and_this_machine(tmp_path: Path) -> None:
    """It has the names that it was made for, each once, and those by which this machine is called."""
    given = ["b.test", "a.test.", "b.test", "*.c.test", "192.0.2.1", "2001:db8::1", "café.test", "localhost"]
    with certificates(tmp_path, given) as made:
        names = names_of(made)
    wanted = ["b.test", "a.test", "*.c.test", "192.0.2.1", "2001:db8::1", "xn--caf-dma.test"]
    assert sorted(names) == sorted([*wanted, *NEAR, socket.gethostname().lower()])


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_all_addresses_are_no_host(tmp_path: Path, host: str) -> None:
    """What a server listens on for all its addresses is none that anybody calls."""
    with certificates(tmp_path, [host]) as made:
        assert host not in names_of(made)


@pytest.mark.parametrize(
    "strange",
    ["", ".", "a b", "a:443", "https://a.test", "10.0.0.0/8", "john@acme.com", "*", "a.*.b", "-a", "a..b", "x" * 64],
)
def test_what_is_no_host_is_said(tmp_path: Path, strange: str) -> None:
    """A certificate of what is no host is refused in one line that repeats it, and nothing is written."""
    with pytest.raises(CannotSecure, match="no host name") as caught, certificates(tmp_path, ["a.test", strange]):
        pass
    assert repr(strange.rstrip(".")) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["foo_bar", "a_b.test", "*.a_b.test"])
def test_an_underscore_is_said(tmp_path: Path, name: str) -> None:
    """Services of Compose may have an underscore: that this is what is in the way is said."""
    with pytest.raises(CannotSecure, match=rf"{re.escape(repr(name))}: names with an underscore"), ExitStack() as stack:
        stack.enter_context(certificates(tmp_path, ["a.test", name]))


def test_a_machines_name_may_be_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose own name no certificate can have gets one without it."""
    monkeypatch.setattr(socket, "gethostname", lambda: "my_machine")
    with certificates(tmp_path, ["a.test"]) as made:
        assert sorted(names_of(made)) == sorted(["a.test", *NEAR])


def test_a_wrong_clock_does_no_harm(made: Certificates) -> None:
    """The certificates are valid long before now, and long after."""
    for file in (made.ca, made.chain):
        found = x509.load_pem_x509_certificate(file.read_bytes())
        assert found.not_valid_before_utc.year <= 2000
        assert found.not_valid_after_utc.year >= 2999


def test_the_cas_key_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the files that there are one alone has a key: the server's, which nobody else may read."""
    private, public = tmp_path / "private", tmp_path / "public"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with certificates(public, ["a.test"]) as made:
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert sorted(files) == sorted([made.ca, made.chain, made.key])
        assert made.ca == public / "ca.pem"
        assert [file for file in files if b"PRIVATE KEY" in file.read_bytes()] == [made.key]
        ca = x509.load_pem_x509_certificate(made.ca.read_bytes())
        assert load_pem_private_key(made.key.read_bytes(), None).public_key() != ca.public_key()
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (made.key, made.key.parent, made.ca)]
        assert modes == [0o600, 0o700, 0o644]


@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    """At the end all files are gone, and the folders that were made for them alone."""
    private, public = tmp_path / "private", tmp_path / "a" / "b"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with certificates(public if named else None, ["a.test"]) as made:
        assert made.ca.is_absolute()
        assert (made.ca.parent == public) is named
    assert list(private.iterdir()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("named", [True, False])
def test_a_key_that_was_read_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    """The key and its folder go before the end, and the CA's certificate stays until then."""
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with certificates(tmp_path / "public" if named else None, ["a.test"]) as made:
        made.forget()
        made.forget()
        assert [file for file in tmp_path.rglob("*") if file.is_file()] == [made.ca]
        assert made.key.parent.exists() is not named
    assert [path.name for path in tmp_path.iterdir() if path.name != "public"] == ["private"]
    assert list(private.iterdir()) == []


def test_a_killed_server_leaves_no_key(tmp_path: Path) -> None:
    """As soon as a server answers its key is in no file, and the folder that it was in is gone."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    options = ["--tls", "--tls-folder", str(tmp_path / "ca")]
    with serving(tmp_path, *options, env={"TMPDIR": str(temporary)}) as served:
        with Wire(served.url, ssl.create_default_context(cafile=tmp_path / "ca" / "ca.pem")) as wire:
            wire.say(HEALTH)
            assert wire.hear().status == 200
        served.stop(signal.SIGKILL)
    assert [path.name for path in tmp_path.rglob("*.pem")] == ["ca.pem"]
    assert list(temporary.iterdir()) == []


def test_another_servers_ca_is_left(tmp_path: Path) -> None:
    """A CA that was left there is replaced; one that came later stays."""
    (tmp_path / "ca.pem").write_text("of a server that was killed")
    with certificates(tmp_path, ["a.test"]) as made:
        ssl.create_default_context(cafile=made.ca)
        with certificates(tmp_path, ["a.test"]) as other:
            newer = other.ca.read_bytes()
            assert made.ca == other.ca
            made.ca.write_bytes(newer + b"\n")
    assert made.ca.read_bytes() == newer + b"\n"


def test_a_folder_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be made or written to is one line, and leaves nothing."""
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    (tmp_path / "file").touch()
    (tmp_path / "full" / "ca.pem").mkdir(parents=True)
    for folder in ("file/in", "full"):
        with pytest.raises(CannotSecure, match=rf"cannot be written to .*{folder}: \w+"), ExitStack() as stack:
            stack.enter_context(certificates(tmp_path / folder, ["a.test"]))
    assert list(private.iterdir()) == []


def test_without_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else can be written the key is beside the CA, hidden; without such a folder it is one line."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with certificates(tmp_path, ["a.test"]) as made:
        assert made.key.parent.parent == tmp_path
        assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CannotSecure, match=r"set TMPDIR$"), certificates(None, ["a.test"]):
        pass


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not installed the extra is told how."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(CannotSecure, match=r"pip install 'mocktill\[tls\]'$"), certificates(tmp_path, []):
        pass


# the server


@pytest.mark.parametrize("name", [*HOSTS, *NEAR, "any.shop.test", "192.0.2.7"])
def test_a_strict_client_is_content(shop: Shop, name: str) -> None:
    """Whoever trusts the CA accepts each name, by the strictest rules that Python has."""
    shop.trusting.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_TRUSTED_FIRST
    with Wire(shop.url, shop.trusting, name) as wire:
        wire.say(HEALTH)
        assert wire.hear().status == 200


@pytest.mark.parametrize("name", ["api.example.com", "shop.test", "a.b.shop.test", "192.0.2.8"])
def test_another_name_is_refused(shop: Shop, name: str) -> None:
    """The certificate is for no other name."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        Wire(shop.url, shop.trusting, name)


def test_without_the_ca_it_is_refused(shop: Shop) -> None:
    """Who does not trust the CA refuses the server."""
    with pytest.raises(ssl.SSLCertVerificationError):
        Wire(shop.url, ssl.create_default_context())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
def test_versions(shop: Shop, version: ssl.TLSVersion, protocol: str) -> None:
    """TLS 1.2 and 1.3 are spoken, and HTTP/1.1 and HTTP/2 are offered."""
    shop.trusting.minimum_version = shop.trusting.maximum_version = version
    shop.trusting.set_alpn_protocols([protocol])
    with Wire(shop.url, shop.trusting) as wire:
        assert isinstance(wire.socket, ssl.SSLSocket)
        assert wire.socket.version() == version.name.replace("_", ".")
        assert wire.socket.selected_alpn_protocol() == protocol


@pytest.mark.parametrize("http2", [True, False])
def test_a_client_gets_what_it_speaks(shop: Shop, http2: bool) -> None:
    """A client that speaks HTTP/2 gets it, another one HTTP/1.1; both get the same."""
    with shop.client(http2=http2) as client:
        answer = client.get(GET)
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    assert answer.json()["purchase"]["id"] == "34063ec2"


def test_http2_without_tls(url: str) -> None:
    """A client that knows that it may speak HTTP/2 does so without TLS."""
    with httpx.Client(http1=False, http2=True, timeout=PATIENCE) as client:
        answer = client.get(url + GET)
    assert (answer.http_version, answer.json()["purchase"]["id"]) == ("HTTP/2", "34063ec2")


@pytest.mark.parametrize("http2", [True, False])
def test_links_are_https(shop: Shop, http2: bool) -> None:
    """A link begins as the request did: at the server with its port, or at the vendor's own host."""
    with shop.client(http2=http2) as client:
        near = client.get(f"/~box{GET}").json()["purchase"]["coupons"][0]["print_url"]
        own = client.get(GET.removeprefix("/deem"), headers={"Host": "api.offers.deem.com"})
        link = own.json()["purchase"]["coupons"][0]["print_url"]
    assert near.startswith(f"{shop.url}/~box/deem/coupons/")
    assert link.startswith("https://api.offers.deem.com/coupons/")


@pytest.mark.parametrize(
    "said", [HEALTH.encode(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 999]
)
def test_what_is_no_tls_is_closed(shop: Shop, said: bytes) -> None:
    """Plain HTTP and garbage get no answer but the end of the connection, and hold nobody up."""
    with Wire(shop.url) as wire:
        wire.say(said)
        got = b""
        with suppress(ConnectionError):
            while more := wire.socket.recv(9999):
                got += more
    assert b"HTTP" not in got
    assert len(got) <= 7  # an alert
    shop.assert_alive()


def hello(context: ssl.SSLContext) -> bytes:
    """Return how a client begins."""
    out = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
    return out.read()


def test_handshakes_that_hang_hold_nobody_up(shop: Shop) -> None:
    """However many clients stop within their handshake, the next one is answered; when they leave, they are gone."""
    whole = hello(shop.trusting)
    with ExitStack() as hanging:
        for said in (b"", whole[:1], whole[:100], whole) * 40:
            hanging.enter_context(Wire(shop.url)).say(said)
        shop.assert_alive()
    shop.assert_alive()


@pytest.mark.parametrize("length", [0, 100, None], ids=["silent", "half", "whole"])
def test_it_ends_although_a_handshake_hangs(tmp_path: Path, length: int | None) -> None:
    """A stop does not wait for a client within its handshake, and leaves no file."""
    (tmp_path / "tmp").mkdir()
    with serving(tmp_path, "--tls", env={"TMPDIR": str(tmp_path / "tmp")}) as served, Wire(served.url) as wire:
        ca = served.wait_for(r"^CA to trust: (.*)$")[1]
        wire.say(hello(ssl.create_default_context(cafile=ca))[:length])
        with Wire(served.url, ssl.create_default_context(cafile=ca)) as other:
            other.say(HEALTH)
            assert other.hear().status == 200
            assert served.stop() == 0
        assert served.err == ""
    assert list((tmp_path / "tmp").iterdir()) == []


# faults

both = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])


@both
def test_a_drop(shop: Shop, http2: bool) -> None:
    """A dropped connection ends without an answer, and the next request has another."""
    shop.fault(connection="drop")
    with shop.client(http2=http2) as client:
        assert client.get("/_mocktill/health").status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
            client.get(GET)
        assert client.get("/_mocktill/health").status_code == 200


@both
def test_a_cut(shop: Shop, http2: bool) -> None:
    """A cut answer has its head and a part of its body; then the connection ends."""
    whole = len(httpx.get(shop.url + GET, verify=shop.trusting).content)
    shop.fault(connection="cut")
    got: list[bytes] = []
    with shop.client(http2=http2) as client, client.stream("GET", GET) as answer:
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(whole))
        with pytest.raises(httpx.RemoteProtocolError):
            got.extend(answer.iter_raw())
    assert 0 < len(b"".join(got)) < whole


def test_a_drop_ends_what_else_is_on_the_connection(shop: Shop) -> None:
    """Over HTTP/2 a dropped connection takes the other requests on it along, as a network would."""
    faults = shop.sandboxes.default.faults
    faults.add({"when": {"path": "*/34063ec2"}, "what": {"delay": PATIENCE}})
    faults.add({"when": {"path": "*/none"}, "what": {"connection": "drop"}})

    async def go() -> list[Any]:
        async with httpx.AsyncClient(verify=shop.trusting, http2=True, timeout=PATIENCE, base_url=shop.url) as client:
            await client.get("/_mocktill/health")
            waiting = asyncio.create_task(client.get(GET))
            while not faults.all()[0].hits:
                await asyncio.sleep(0)
            return list(await asyncio.gather(waiting, client.get("/deem/v1/purchases/none"), return_exceptions=True))

    assert [type(error) for error in asyncio.run(go())] == [httpx.RemoteProtocolError] * 2


@both
@pytest.mark.parametrize("what", [{"connection": "never"}, {"delay": 5}], ids=["never", "late"])
def test_no_answer_yet(shop: Shop, http2: bool, what: dict[str, Any]) -> None:
    """An answer that does not come is a read timeout, and nobody else's."""
    shop.fault(**what)
    with shop.client(http2=http2, timeout=LATE_SECONDS) as client:
        client.get("/_mocktill/health")
        with pytest.raises(httpx.ReadTimeout):
            client.get(GET)
        shop.assert_alive()


@both
def test_a_garbled_body(shop: Shop, http2: bool) -> None:
    """A garbled body arrives whole, and is no JSON."""
    shop.fault(garbled=True)
    with shop.client(http2=http2) as client:
        answer = client.get(GET)
    assert answer.headers["content-length"] == str(len(answer.content))
    with pytest.raises(ValueError, match=r"invalid|decode|Expecting"):
        json.loads(answer.content)


# the command


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`mocktill serve --tls` as a process."""
    folder = tmp_path_factory.mktemp("served")
    temporary = tmp_path_factory.mktemp("tmp")  # what a server leaves that is killed goes with it
    options = ["--tls", "--tls-folder", "my shared", "--tls-host", "shop.test"]
    with serving(folder, *options, env={"TMPDIR": str(temporary)}) as served:
        yield served


@pytest.fixture
def ca(served: Served) -> Path:
    """The file of its CA."""
    return served.folder / "my shared" / "ca.pem"


def test_the_command_says_where_the_ca_is(served: Served, ca: Path) -> None:
    """The lines before the last name the file of the CA, wherever they are pasted."""
    said = served.wait_for(r"^CA to trust: (.*)\n\nMocktill is ready on (.*)$")
    assert (said[1], said[2]) == (str(ca), served.url)
    with Wire(served.url, ssl.create_default_context(cafile=ca), "shop.test") as wire:
        wire.say(HEALTH)
        assert wire.hear().status == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: there is no curl here")
def test_the_banners_lines_trust_the_ca(served: Served) -> None:
    """Each `curl` line of the banner, given to a shell as it is, is answered with a JSON document."""
    lines = [line.strip() for line in served.out.splitlines() if line.strip().startswith("curl ")]
    assert len(lines) == len(BUILTIN)
    for line in lines:
        ran = subprocess.run(
            f"{line} -sSf", shell=True, capture_output=True, timeout=PATIENCE, check=False, env=environment()
        )
        assert (ran.returncode, ran.stdout[:1], ran.stderr) == (0, b"{", b""), line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tls-host", "a b"), "there is no certificate for 'a b': it is no host name"),
        (("--tls-folder", "file/in"), "cannot be written to file/in: Not a directory"),
        (("--port", "1", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1:1"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """What prevents https is said in one line, and nothing is left behind."""
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mocktill", "serve", "--port", "0", "--tls", *options],
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=tmp_path,
        env=environment({"TMPDIR": str(tmp_path / "tmp")}),
    )  # fmt: skip
    assert (done.returncode != 0, done.stdout, done.stderr.count("\n")) == (True, "", 1)
    assert said in done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_control_api_over_https(served: Served, ca: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """With SSL_CERT_FILE the commands and a `Remote` steer a server over https."""
    url = served.url.replace("127.0.0.1", host)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))
    Remote(url).sandbox("over-https").choices["deem.claim_twice"] = "same_answer"
    listed = CliRunner().invoke(main, ["choices", "--url", url, "--sandbox", "over-https"])
    assert listed.exit_code == 0, listed.output
    assert "same_answer" in listed.output


def test_an_unknown_ca_is_told_apart(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose CA is not trusted is not called absent: the message says what to set."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    ran = CliRunner().invoke(main, ["journal", "--url", served.url])
    assert ran.exit_code != 0
    assert ran.output.startswith(f"Error: the certificate of {served.url} is not trusted (")
    assert "SSL_CERT_FILE" in ran.output


PLUGIN = """
import requests

def test_it(mocktill):
    assert requests.get("https://api.kajabi.com/v1/purchases/123", headers={"Authorization": "Bearer token-active"}).ok
    assert [entry.operation for entry in mocktill.journal.entries()] == ["purchase_details"]
"""


def test_the_plugin_over_https(served: Served, ca: Path, tmp_path: Path) -> None:
    """With SSL_CERT_FILE tests run on a server that speaks https."""
    (tmp_path / "test_it.py").write_text(PLUGIN)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--mocktill-url", served.url],
        capture_output=True, text=True, timeout=6 * PATIENCE, check=False, cwd=tmp_path,
        env=environment({"SSL_CERT_FILE": str(ca)}),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


# clients that know nothing of a sandbox: their URLs are the vendors', all that is set is the CA, and where a host is


Send = Callable[[str, str, Mapping[str, str], Any], tuple[int, Any]]
"""A client: method, URL, headers and body, to status and document."""


def by_http_client(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
    """Ask with the standard library."""
    host, _, path = url.removeprefix("https://").partition("/")
    connection = HTTPSConnection(host, timeout=PATIENCE)
    try:
        connection.request(method, f"/{path}", orjson.dumps(body) if body else None, dict(headers))
        answer = connection.getresponse()
        return answer.status, orjson.loads(answer.read())
    finally:
        connection.close()


def by_requests(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
    """Ask with requests."""
    answer = requests.request(method, url, headers=dict(headers), json=body, timeout=PATIENCE)
    return answer.status_code, answer.json()


def by_httpx(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
    """Ask with httpx."""
    answer = httpx.request(method, url, headers=headers, json=body, timeout=PATIENCE)
    return answer.status_code, answer.json()


def by_httpx_2(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
    """Ask with httpx over HTTP/2."""
    with httpx.Client(http2=True, timeout=PATIENCE) as client:
        answer = client.request(method, url, headers=headers, json=body)
    assert answer.http_version == "HTTP/2"
    return answer.status_code, answer.json()


PYTHONS = [by_http_client, by_requests, by_httpx, by_httpx_2]


@pytest.fixture
def mapped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendors' hosts and the port of https are an address of this machine, as a resolver and a router would say."""
    address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)

    def resolve(host: str, port: int, *more: Any, **rest: Any) -> list[Any]:
        assert (host in HOSTS, port) == (True, 443)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("send", PYTHONS)
def test_a_python_client(mapped: None, ca: Path, monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    """Python's clients create, list and fetch at Drip and read at Kajabi, with the variables set that they heed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    shop_with(send)


@pytest.mark.parametrize("send", PYTHONS)
def test_a_python_client_without_the_ca(mapped: None, send: Send) -> None:
    """Without the CA they refuse the server."""
    with pytest.raises((OSError, httpx.ConnectError), match="CERTIFICATE_VERIFY_FAILED"):
        send("GET", DEEM, {}, None)


def curl(served: Served, method: str, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run curl, which is told where the host is."""
    there = f"::127.0.0.1:{served.url.rpartition(':')[2]}"
    return subprocess.run(
        ["curl", "-sSg", "-X", method, "--connect-to", there, "-w", "\n%{http_code}", *options, url],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment(),
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: there is no curl here")
def test_curl(served: Served, ca: Path) -> None:
    """curl does the same with `--cacert` and `--connect-to`, and refuses without the CA."""

    def send(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        if body:
            options += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        ran = curl(served, method, url, "--cacert", str(ca), *options)
        content, _, status = ran.stdout.rpartition("\n")
        return int(status), orjson.loads(content)

    shop_with(send)
    refused = curl(served, "GET", DEEM)
    assert refused.returncode == 60  # the server's certificate cannot be verified
    assert refused.stdout.strip() == "000"


NODE = """
import https from "node:https"
const [method, url, headers, body, port] = JSON.parse(process.argv[2])
class Near extends https.Agent {
  createConnection(options, told) { return super.createConnection({ ...options, host: "127.0.0.1", port }, told) }
}
https.request(url, { method, headers, agent: new Near() }, async answer => {
  console.log(JSON.stringify([answer.statusCode, (await answer.toArray()).join("")]))
}).on("error", error => console.log(JSON.stringify([0, JSON.stringify(error.code)]))).end(body)
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="SKIPPED: there is no Node here")
def test_node(served: Served, ca: Path, tmp_path: Path) -> None:
    """Node does the same with NODE_EXTRA_CA_CERTS and an agent that knows where the host is, and refuses without."""
    script = tmp_path / "ask.mjs"
    script.write_text(NODE)
    trusted = {"NODE_EXTRA_CA_CERTS": str(ca)}

    def send(method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        given = [method, url, {**headers, "Content-Type": "application/json"}, json.dumps(body) if body else ""]
        ran = subprocess.run(
            ["node", str(script), json.dumps([*given, int(served.url.rpartition(":")[2])])],
            capture_output=True, text=True, timeout=PATIENCE, check=True, env=environment(trusted),
        )  # fmt: skip
        status, content = orjson.loads(ran.stdout)
        return status, orjson.loads(content)

    shop_with(send)
    trusted.clear()
    assert send("GET", DEEM, {}, None) == (0, "UNABLE_TO_VERIFY_LEAF_SIGNATURE")


def shop_with(send: Send) -> None:
    """Create, list and fetch at Drip, and read at Kajabi."""
    drip = {"Authorization": BASIC, "User-Agent": "shop"}
    before = send("GET", DRIP, drip, None)[1]["meta"]["total_count"]
    assert send("POST", DRIP, drip, ORDER) == (201, {})
    status, listed = send("GET", DRIP, drip, None)
    assert (status, listed["meta"]["total_count"]) == (200, before + 1)
    assert listed["links"]["purchases.account"].startswith("https://api.getdrip.com/v2/accounts/")
    newest = listed["purchases"][0]
    status, fetched = send("GET", f"{DRIP}/{newest['id']}", drip, None)
    assert (status, fetched["purchases"], newest["amount"]) == (200, [newest], 4900)
    status, details = send("GET", KAJABI, {"Authorization": BEARER}, None)
    assert (status, details["data"]["id"], details["links"]["self"]) == (200, "123", KAJABI)
