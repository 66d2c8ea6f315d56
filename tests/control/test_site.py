"""The site: files that anybody may read, under a policy that runs nothing else, and that ask nobody but the server."""

from __future__ import annotations

import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from mocktill.apis import BUILTIN
from mocktill.control.app import create_root
from mocktill.control.guard import Guard
from mocktill.control.site import TYPES, Section, sections
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes

ROOT = Path(__file__).parents[2] / "src" / "mocktill" / "control"
CONSOLE = ROOT / "console"
OWN = sorted(file for file in CONSOLE.rglob("*") if file.suffix in {".js", ".css", ".html"} and "lit" not in file.parts)
MODULES = [file for file in OWN if file.suffix == ".js"]
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["']|^import\s+["']([^"']+)["']""", re.MULTILINE)
ADDRESS = re.compile(r"https?://[\w.-]+")
HARMLESS = {"http://www.w3.org", "http://localhost"}
"""The names of vocabularies, which nobody asks for, and this machine, in examples."""
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def client(catalogue: Catalogue) -> FlaskClient:
    """A client of a server with a token, who does not know it."""
    return create_root(Sandboxes(catalogue), guard=Guard("secret")).test_client()


class Markup(HTMLParser):
    """What stands in a page: its scripts and styles, and every attribute that would run or draw something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is inline among the attributes."""
        self._open = tag if tag in {"script", "style"} else ""
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        """Note what stands in a script or a style."""
        if self._open and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note that it is over."""
        self._open = ""


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.name)
def test_each_file_is_served(client: FlaskClient, section: Section) -> None:
    """Every file of the site is there without a token, with its type and under the policy of its section."""
    assert section.names
    for name in section.names:
        answer = client.get(f"/_mocktill/{section.name}/{name}")
        assert (answer.status_code, answer.content_type) == (200, TYPES[name[name.rfind(".") :]]), name
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("section", ["console", "reference", "guide"])
def test_a_section_has_a_first_page(client: FlaskClient, section: str) -> None:
    """A section is a page, and its name without the slash leads there, below the prefix of a sandbox as well."""
    answer = client.get(f"/_mocktill/{section}/")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    leading = client.get(f"/_mocktill/{section}", environ_overrides={"SCRIPT_NAME": "/~mine"})
    assert (leading.status_code, leading.headers["Location"]) == (302, f"/~mine/_mocktill/{section}/")


def test_the_page_names_its_modules(client: FlaskClient) -> None:
    """A browser is told of every module of the console at once, and of nothing else."""
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', client.get("/_mocktill/console/").text)
    modules = {str(file.relative_to(CONSOLE)) for file in CONSOLE.rglob("*.js")} - {"theme.js"}
    assert (len(named), set(named)) == (len(modules), modules)


@pytest.mark.parametrize(
    "path",
    ["console/nothing.js", "console/../app.py", "console/%2e%2e/app.py", "console/lit/LICENSE", "console/__init__.py",
     "console/style", "console/style/", "guide/nothing", "guide/../../core/api", "reference/swagger/LICENSE"],
)  # fmt: skip
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    """What is no file of the site is a problem, and no file of anything else."""
    answer = client.get(f"/_mocktill/{path}")
    assert answer.status_code in {404, 401}
    assert answer.content_type == "application/problem+json"


def test_a_file_that_is_the_same_is_not_sent_again(client: FlaskClient) -> None:
    """A browser asks whether a file has changed, and gets it once."""
    first = client.get("/_mocktill/console/main.js")
    again = client.get("/_mocktill/console/main.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["Cache-Control"], again.status_code, again.data) == ("no-cache", 304, b"")


def test_only_reading(client: FlaskClient) -> None:
    """HEAD says how long a file is; nothing can be sent to one."""
    assert client.head("/_mocktill/console/main.js").content_length
    assert client.post("/_mocktill/console/main.js").status_code in {401, 405}


def test_the_root_leads_a_browser_to_the_console(client: FlaskClient) -> None:
    """A browser gets from the root to the console without a token; whoever wants JSON has to show it."""
    answer = client.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/_mocktill/console/")
    assert answer.headers["Vary"] == "Accept"
    prefixed = client.get("/", headers=BROWSER, environ_overrides={"SCRIPT_NAME": "/~mine"})
    assert prefixed.headers["Location"] == "/~mine/_mocktill/console/"
    for prefix in ("/~a\r\nX: y", "/~é"):  # no name of a sandbox, and no reason to fail
        odd = client.get("/", headers=BROWSER, environ_overrides={"SCRIPT_NAME": prefix.encode().decode("latin-1")})
        assert odd.headers["Location"] == f"{quote(prefix, safe='/~:')}/_mocktill/console/"
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        assert client.get("/", headers=headers).status_code == 401


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(CONSOLE)))
def test_imports_lead_somewhere(module: Path) -> None:
    """Every module that is imported is there, by a relative path: a browser finds no other."""
    for found in IMPORT.findall(module.read_text(encoding="utf-8")):
        name = found[0] or found[1]
        assert name.startswith("."), name
        assert (module.parent / name).resolve().is_file(), name


def test_every_module_is_used() -> None:
    """No module lies about that none imports, but the ones that the page itself names."""
    page = (CONSOLE / "index.html").read_text(encoding="utf-8")
    used = {CONSOLE / name for name in re.findall(r'(?:src|href)="([^"]+)"', page)}
    for module in MODULES:
        used |= {(module.parent / (one or other)).resolve() for one, other in IMPORT.findall(module.read_text("utf-8"))}
    assert [str(file) for file in OWN if file.name != "index.html" and file not in used] == []


@pytest.mark.parametrize(
    "page", [CONSOLE / "index.html", ROOT / "reference" / "index.html"], ids=lambda page: page.parent.name
)
def test_nothing_is_inline(page: Path) -> None:
    """No script and no style stands in a page: the policy would not run it."""
    assert Markup(page.read_text(encoding="utf-8")).inline == []


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(CONSOLE)))
def test_nobody_else_is_asked(file: Path) -> None:
    """No file of the console names another host, nor draws a style into the page, which the policy forbids."""
    text = file.read_text(encoding="utf-8")
    assert set(ADDRESS.findall(text)) - HARMLESS == set()
    assert not re.search(r"\sstyle=[\"'$]|innerHTML|\beval\(|new Function", text)


def test_what_is_not_ours_is_as_it_came() -> None:
    """The library that draws the console is the published one, byte by byte, with its licence beside it."""
    lines = (CONSOLE / "lit" / "VENDORED").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if not line.startswith("#")]
    hashes = {name: known for known, name in pairs}
    there = {str(file.relative_to(CONSOLE / "lit")) for file in (CONSOLE / "lit").rglob("*") if file.is_file()}
    assert set(hashes) == there - {"VENDORED"}
    assert "LICENSE" in there
    for name, known in hashes.items():
        assert sha256((CONSOLE / "lit" / name).read_bytes()).hexdigest() == known, name


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(CONSOLE)))
def test_files_are_read_in_one_sitting(file: Path) -> None:
    """A file of the console begins with what it is for, and has under 350 lines; styles that all views share more."""
    text = file.read_text(encoding="utf-8")
    assert text.startswith(("// ", "/* ", "<!doctype html>"))
    assert len(text.splitlines()) <= (500 if file.suffix == ".css" else 350)


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(CONSOLE)))
def test_no_vendor_is_known(file: Path) -> None:
    """What a vendor's world looks like comes from the vendor: the console names none, but as an example in a remark."""
    text = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL).lower()
    assert [api.name for api in BUILTIN if api.name in text] == []
