"""The command line: its options, what they do, and the one line that says what is wrong with them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import orjson
import pytest

from mocktill.apis import BUILTIN
from mocktill.core.sandbox import ANSWERS, Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors import app as doors
from mocktill.doors.cli import main
from mocktill.doors.commands.loading import load
from mocktill.doors.commands.opening import banner
from mocktill.doors.commands.serve import API_NAMES
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving import server
from tests.conftest import NOW
from tests.doors.typed import assert_one_line, complaints, run
from tests.doors.wire import environment, serving

FIXTURES = Path(__file__).parents[2] / "fixtures"
GET = "GET /deem/v1/purchases/{id}?api_key=1 HTTP/1.1\nHost: localhost\n\n"


class Started:
    """What `serve` would have served: filled in instead of serving."""

    sandboxes: Sandboxes
    only: str | None
    bound: tuple[str, int]
    token: str | None
    allow_hosts: tuple[str, ...]
    trust_proxy: bool
    log: RequestLog
    tls: Any
    file: Path
    told: str


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """Let `serve` stop short of binding and serving; `told` is what the port file said when it was ready."""
    seen = Started()
    seen.file = tmp_path / "port"
    monkeypatch.chdir(tmp_path)

    class Socket:
        def getsockname(self) -> tuple[str, int]:
            return seen.bound

        def close(self) -> None:
            pass

    def bind(host: str, port: int) -> Socket:
        seen.bound = (host, port)
        return Socket()

    def create_app(
        sandboxes: Sandboxes,
        only: str | None = None,
        token: str | None = None,
        allow_hosts: tuple[str, ...] = (),
        trust_proxy: bool = False,
    ) -> None:
        seen.sandboxes, seen.only, seen.token, seen.allow_hosts = sandboxes, only, token, allow_hosts
        seen.trust_proxy = trust_proxy

    def serve(
        app: object, listening: object, ready: Callable[[], None], ended: Callable[[], None], *, log: Any, tls: Any
    ) -> None:
        seen.log, seen.tls = log, tls
        ready()
        seen.told = seen.file.read_text() if seen.file.exists() else ""
        ended()

    monkeypatch.setattr(server, "bind", bind)
    monkeypatch.setattr(server, "run", serve)
    monkeypatch.setattr(doors, "create_app", create_app)
    return seen


# what there is


def options() -> Iterator[tuple[str, click.Option]]:
    """Yield every option of the commands that need no server, with the command's name."""
    for name in ("serve", "play"):
        for parameter in main.load(name).params:
            if isinstance(parameter, click.Option):
                yield name, parameter


@pytest.mark.parametrize(("command", "option"), [*options()], ids=lambda item: getattr(item, "name", item))
def test_every_option_is_a_variable(command: str, option: click.Option) -> None:
    """Every option is an environment variable of the same name, and says in `--help` what it does."""
    (flag,) = option.opts
    name = {"--token": "control_token"}.get(flag, flag.removeprefix("--"))  # as with all commands against a server
    assert option.envvar == "MOCKTILL_" + name.replace("-", "_").upper()
    assert (option.help or "").endswith(".") or (option.help or "").endswith(")")


def test_the_options_are_these() -> None:
    """`serve` has the documented options; `play` has those that say what is in its sandbox."""
    wanted = {
        "serve": {
            "--host", "--port", "--only", "--answers", "--seed", "--populate", "--sandboxes", "--state",
            "--control-token", "--allow-host", "--trust-proxy", "--fixtures", "--set", "--port-file", "--log", "--tls",
            "--tls-folder", "--tls-host", "--workers", "--webhook", "--allow-webhook",
        },
        "play": {"--against", "--token", "--fixtures", "--set"},
    }  # fmt: skip
    given = {name: {option.opts[0] for command, option in options() if command == name} for name in wanted}
    assert given == wanted


def test_the_commands_are_these() -> None:
    """There is a command to serve, one to play a file, one to check files, and those against a running server."""
    assert set(main.all()) == {
        "serve", "play", "health", "check-fixtures", "reset", "clock", "journal", "faults", "state", "snapshot",
        "choices", "populate", "sandboxes", "scenarios", "flows", "openapi", "webhooks", "act",
    }  # fmt: skip


@pytest.mark.parametrize("width", ["80", "60"])
def test_help_says_every_command_whole(width: str) -> None:
    """`mocktill --help` has a whole sentence for each command, on a usual terminal and on a narrow one."""
    said = " ".join(run("--help", COLUMNS=width).output.split())
    assert "..." not in said.partition("Commands:")[2]
    for command in main.all().values():
        first = (command.help or "").partition(".")[0]
        assert f"{' '.join(first.split())}." in said


def test_the_names_are_the_builtin_ones() -> None:
    """The names that `--only` takes, written down so that `--help` loads no vendor, are those of the vendors."""
    assert tuple(api.name for api in BUILTIN) == API_NAMES


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("serve", "--help"), ("play", "-h")])
def test_help(arguments: tuple[str, ...]) -> None:
    """Help is given for the whole and for each command."""
    result = run(*arguments)
    assert (result.exit_code, result.output.startswith("Usage: ")) == (0, True)


def test_version() -> None:
    """`--version` says name and version."""
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"mocktill, version {version('mocktill')}\n")


def test_help_loads_little() -> None:
    """What answers `--help` loads no vendor, no Flask and no server: it is there at once."""
    code = "import sys, mocktill.doors.cli; print(*sorted({n.partition('.')[0] for n in sys.modules}), *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert not {"flask", "granian", "faker", "mocktill.apis"} & set(done.stdout.split())


def test_an_older_click_will_do() -> None:
    """The command line asks nothing of click that the oldest one that Flask takes does not have."""
    code = "import click; click.ParamType.__class_getitem__ = None; import mocktill.doors.cli"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr


# serve


def test_the_defaults(started: Started) -> None:
    """Without options all APIs are served on 127.0.0.1:8080, statefully."""
    result = run("serve")
    assert result.exit_code == 0, result.output
    assert (started.bound, started.only) == (("127.0.0.1", 8080), None)
    assert started.sandboxes.default.answers == "stateful"
    assert result.output.splitlines()[-1] == "Mocktill is ready on http://127.0.0.1:8080"


GIVEN = [
    ("--host", "0.0.0.0", lambda seen: seen.bound[0] == "0.0.0.0"),
    ("--port", "0", lambda seen: seen.bound[1] == 0),
    ("--port", "65535", lambda seen: seen.bound[1] == 65535),
    ("--only", "kajabi", lambda seen: seen.only == "kajabi"),
    *[("--answers", way, lambda seen, way=way: seen.sandboxes.default.answers == way) for way in ANSWERS],
    ("--seed", "7", lambda seen: seen.sandboxes.default.backend("deem").fake.seed == 7),
    ("--seed", "-1", lambda seen: seen.sandboxes.default.backend("deem").fake.seed == -1),
    ("--set", "deem.claim_twice=same_answer", lambda seen: chosen(seen, "deem.claim_twice") == "same_answer"),
    ("--sandboxes", "7", lambda seen: seen.sandboxes.limit == 7),
    ("--control-token", "s3cret", lambda seen: seen.token == "s3cret"),
    ("--allow-host", "till.test", lambda seen: seen.allow_hosts == ("till.test",)),
    ("--port-file", "port", lambda seen: (seen.told, seen.file.exists()) == ("8080\n", False)),
    ("--log", "text", lambda seen: logged(seen).endswith("200 GET     /x")),
    ("--log", "json", lambda seen: orjson.loads(logged(seen))["path"] == "/x"),
    ("--log", "none", lambda seen: logged(seen) == ""),
    ("--workers", "1", lambda seen: seen.sandboxes is not None),
]


def logged(seen: Started) -> str:
    """Return what the log of `serve` makes of an answer."""
    form = seen.log._form
    return "" if form is None else form(NOW, "GET", "/x", 200, None, "", 0.0, None).rstrip()


def chosen(seen: Started, name: str) -> str:
    """Return what the default sandbox has chosen."""
    return seen.sandboxes.default.choices[name]


@pytest.mark.parametrize("variable", [True, False])
@pytest.mark.parametrize(("flag", "value", "holds"), GIVEN, ids=[f"{flag}={value}" for flag, value, _ in GIVEN])
def test_an_option_and_its_variable(
    started: Started, flag: str, value: str, holds: Callable[[Started], bool], variable: bool
) -> None:
    """An option and its variable do the same, in the default sandbox and in those made later."""
    name = "MOCKTILL_" + flag.removeprefix("--").replace("-", "_").upper()
    result = run("serve", **{name: value}) if variable else run("serve", f"{flag}={value}")
    assert result.exit_code == 0, result.output
    assert holds(started)


def test_the_option_beats_the_variable(started: Started) -> None:
    """What stands on the command line counts."""
    run("serve", "--port", "81", MOCKTILL_PORT="82")
    assert started.bound[1] == 81


def test_who_may_steer(started: Started) -> None:
    """On loopback no token is needed, and one that is set counts; a host is allowed by its name."""
    assert run("serve", "--allow-host", "till.test", "--allow-host", "other.test").exit_code == 0
    assert (started.token, started.allow_hosts) == (None, ("till.test", "other.test"))
    result = run("serve", MOCKTILL_CONTROL_TOKEN="s3cret", MOCKTILL_ALLOW_HOST="till.test")
    assert (started.token, started.allow_hosts) == ("s3cret", ("till.test",))
    assert "s3cret" not in result.output


def test_a_proxy_is_trusted_when_it_is_said(started: Started) -> None:
    """`--trust-proxy` or its variable; without them nobody says how the server is reached."""
    for arguments in ((), ("--trust-proxy",)):
        run("serve", *arguments)
        assert started.trust_proxy is bool(arguments)
    run("serve", MOCKTILL_TRUST_PROXY="1")
    assert started.trust_proxy


def test_a_token_is_made_up_beyond_loopback(started: Started) -> None:
    """Where other machines reach the server a token is made up anew and printed; your own is not."""
    tokens = set()
    for _ in range(2):
        result = run("serve", "--host", "0.0.0.0")
        assert started.token is not None
        assert len(started.token) >= 20
        assert f"Control token: {started.token} (made up" in result.output
        assert f"/_mocktill/console/#token={started.token}\n" in result.output
        tokens.add(started.token)
    assert len(tokens) == 2
    assert "Control token" not in run("serve", "--host", "0.0.0.0", "--control-token", "mine").output
    assert started.token == "mine"


def test_where_the_console_is(started: Started) -> None:
    """What is said at the start leads to the console; a token that somebody set is not in it."""
    port = run("serve").output.rpartition(":")[2].strip()
    assert f"\nConsole: http://127.0.0.1:{port}/_mocktill/console/\n" in run("serve").output
    assert "/_mocktill/console/\n" in run("serve", "--host", "0.0.0.0", "--control-token", "mine").output


def test_so_many_sandboxes(started: Started) -> None:
    """`--sandboxes` bounds how many there may be."""
    assert run("serve", "--sandboxes", "3").exit_code == 0
    assert started.sandboxes.limit == 3
    assert run("serve", "--sandboxes", "0").exit_code == 2


def test_a_state_outlives_the_server(started: Started, tmp_path: Path) -> None:
    """`--state` writes every sandbox at a clean stop and reads it at the next start; a broken one stops the start."""
    file = tmp_path / "state.json"
    assert run("serve", "--state", str(file), "--seed", "7").exit_code == 0
    assert set(orjson.loads(file.read_bytes())["sandboxes"]) == {"default"}
    state = orjson.loads(file.read_bytes())
    state["sandboxes"]["default"]["tables"]["deem.stock"]["last-one"]["free"] = 0
    file.write_bytes(orjson.dumps(state))
    assert run("serve", "--state", str(file)).exit_code == 0
    assert started.sandboxes.default.state()["tables"]["deem.stock"]["last-one"]["free"] == 0
    file.write_text("{")
    result = run("serve", "--state", str(file))
    assert (result.exit_code, result.output.startswith(f"Error: {file}"), file.read_text()) == (1, True, "{")


def test_an_empty_variable_is_none(started: Started) -> None:
    """A variable that is set to nothing, as container files do, is as one that is not set."""
    names = (
        "HOST",
        "PORT",
        "ONLY",
        "ANSWERS",
        "SEED",
        "POPULATE",
        "FIXTURES",
        "SET",
        "LOG",
        "PORT_FILE",
        "WORKERS",
        "TLS",
    )
    result = run("serve", **{f"MOCKTILL_{name}": "" for name in names})
    assert result.exit_code == 0, result.output
    assert started.bound == ("127.0.0.1", 8080)


def test_other_sandboxes_begin_alike(started: Started) -> None:
    """What the options say holds in every sandbox, whenever it comes to be."""
    run("serve", "--answers", "canned", "--seed", "7", "--set", "deem.claim_twice=same_answer")
    box = started.sandboxes.get("later")
    assert (box.answers, box.backend("drip").fake.seed, box.choices["deem.claim_twice"]) == ("canned", 7, "same_answer")


def test_several_choices(started: Started) -> None:
    """`--set` comes as often as it likes; its variable has several by spaces; the last one of a name counts."""
    run("serve", "--set", "deem.claim_twice=same_answer", "--set", "kajabi.unknown_credentials=refuse")
    assert (chosen(started, "deem.claim_twice"), chosen(started, "kajabi.unknown_credentials")) == (
        "same_answer",
        "refuse",
    )
    run("serve", MOCKTILL_SET="deem.claim_twice=same_answer  kajabi.unknown_credentials=refuse")
    assert (chosen(started, "deem.claim_twice"), chosen(started, "kajabi.unknown_credentials")) == (
        "same_answer",
        "refuse",
    )
    run("serve", "--set", "deem.claim_twice=same_answer", "--set", "deem.claim_twice=conflict")
    assert chosen(started, "deem.claim_twice") == "conflict"


def test_populate(started: Started) -> None:
    """`--populate N` begins with N more purchases in each API."""
    run("serve")
    before = {api: len(started.sandboxes.default.table(f"{api}.purchases")) for api in API_NAMES}
    run("serve", "--populate", "3")
    after = {api: len(started.sandboxes.default.table(f"{api}.purchases")) for api in API_NAMES}
    assert {api: after[api] - before[api] for api in API_NAMES} == dict.fromkeys(API_NAMES, 3)


def test_populate_of_one(started: Started) -> None:
    """With `--only` just that API is populated."""
    run("serve")
    before = {api: len(started.sandboxes.default.table(f"{api}.purchases")) for api in API_NAMES}
    run("serve", "--populate", "3", "--only", "supertab")
    after = {api: len(started.sandboxes.default.table(f"{api}.purchases")) for api in API_NAMES}
    assert {api: after[api] - before[api] for api in API_NAMES} == {
        "deem": 0, "drip": 0, "supertab": 3, "kajabi": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--populate", "1000"], ""),
        (["--populate", "1001"], "Populating each API with 1,001 purchases …\n"),
        (["--populate", "10000", "--only", "drip"], "Populating drip with 10,000 purchases …\n"),
    ],
)
def test_a_long_wait_is_announced(
    started: Started, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Many purchases take a while: that is said before, and to stderr."""
    made: list[tuple[int, str | None]] = []
    monkeypatch.setattr(Sandbox, "populate", lambda box, count, api=None: made.append((count, api)))
    result = run("serve", *arguments)
    assert (result.exit_code, result.stderr) == (0, said)
    assert made == [(int(arguments[1]), arguments[3] if len(arguments) > 2 else None)]


def test_the_seed_decides_what_is_made(started: Started) -> None:
    """The same seed makes the same purchases, another one makes others."""
    made = []
    for seed in ("1", "1", "2"):
        run("serve", "--populate", "2", "--seed", seed)
        made.append(sorted(key for key, _ in started.sandboxes.default.table("deem.purchases").items()))
    assert made[0] == made[1] != made[2]


def test_fixtures_of_ones_own(started: Started, tmp_path: Path) -> None:
    """`--fixtures` lays seed files over the built-in ones: rows are added and replaced, the others stay."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text(
        "version: 1\ntables: {deals: {mine: {title: Mine, price: 1, stock: 2}}}\n"
    )
    result = run("serve", "--fixtures", str(tmp_path))
    assert result.exit_code == 0, result.output
    deals = started.sandboxes.default.table("deem.deals")
    assert deals.get("mine") is not None
    assert deals.get("last-one") is not None


def test_the_banner_of_one() -> None:
    """With `only` the banner has that API alone, at the root."""
    sandboxes = load(None, Setup())
    said = banner(sandboxes, "http://127.0.0.1:81", "deem")
    assert "Deem Offers: http://127.0.0.1:81\n" in said
    assert "Drip" not in said


@pytest.mark.parametrize(
    ("url", "near"),
    [("http://0.0.0.0:81", "http://127.0.0.1:81/deem"), ("http://[::]:81", "http://[::1]:81/deem"),
     ("http://192.168.0.5:81", "http://192.168.0.5:81/deem")],
)  # fmt: skip
def test_the_banner_of_all_addresses(url: str, near: str) -> None:
    """A server that is bound to all addresses is shown at one that can be asked."""
    assert f"Deem Offers: {near}\n" in banner(load(None, Setup()), url, None)


# what is wrong


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "x"], ["--port", "x"]),
        (["--port", "65536"], ["--port", "65535"]),
        (["--port", "-1"], ["--port"]),
        (["--only", "ebay"], ["ebay", "deem", "kajabi"]),
        (["--only", "Deem"], ["Deem", "deem"]),
        (["--answers", "random"], ["random", "stateful", "canned", "generated"]),
        (["--seed", "x"], ["--seed", "x"]),
        (["--populate", "-1"], ["--populate"]),
        (["--populate", "10001"], ["--populate"]),
        (["--set", "deem.claim_twice"], ["'deem.claim_twice' is not CHOICE=VALUE"]),
        (["--set", "=x"], ["choice"]),
        (["--set", "deem.claim_twise=x"], ["there is no choice 'deem.claim_twise'", "deem.claim_twice"]),
        (["--set", "deem.claim_twice=maybe"], ["deem.claim_twice is one of conflict, same_answer", "'maybe'"]),
        (["--set", "deem.claim_twice="], ["deem.claim_twice is one of"]),
        (["--fixtures", "/no/such/folder"], ["/no/such/folder", "there is no such folder"]),
        (["--fixtures", __file__], [__file__]),
        (["--log", "xml"], ["xml", "text", "json", "none"]),
        (["--workers", "2"], ["--workers", "there is 1 worker, not 2"]),
        (["--workers", "x"], ["--workers", "x"]),
        (["--port-file", "/no/such/port"], ["the port cannot be written to /no/such/port", "No such file"]),
        (["--nothing"], ["--nothing"]),
        (["extra"], ["extra"]),
    ],
)
def test_a_wrong_option(started: Started, arguments: list[str], words: list[str]) -> None:
    """A wrong value is one clear line that names it and what there is, and nothing is served."""
    assert_one_line(run("serve", *arguments), *words)
    assert not hasattr(started, "sandboxes")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("PORT", "x", ["x"]), ("ONLY", "ebay", ["ebay"]), ("ANSWERS", "x", ["canned"]), ("SEED", "x", ["x"]),
     ("SET", "deem.claim_twice=maybe", ["maybe"]), ("SET", "x", ["CHOICE=VALUE"]),
     ("LOG", "xml", ["xml"]), ("WORKERS", "4", ["there is 1 worker, not 4"]),
     ("PORT_FILE", "/no/such/port", ["/no/such/port"]),
     ("FIXTURES", "/no/such", ["/no/such"])],
)  # fmt: skip
def test_a_wrong_variable(started: Started, name: str, value: str, words: list[str]) -> None:
    """A wrong variable is said like a wrong option."""
    assert_one_line(run("serve", **{f"MOCKTILL_{name}": value}), *words)


@pytest.mark.parametrize(
    ("content", "line", "pointer"),
    [
        ("version: 1\ntables:\n  deals:\n    mine: {title: T, price: none, stock: 1}\n", 4, "/tables/deals/mine"),
        ("version: 1\ntables:\n  dealz: {}\n", 3, "/tables/dealz"),
        ("version: 1\ntables: [\n", 3, "/"),
        ("version: 1\nversion: 1\n", 2, "/"),
        ("", 1, "/"),
        (
            "version: 1\ntables:\n  purchases:\n    p: {deal_id: nosuchdeal, quantity: 1, price: 1, state: fulfilled,"
            " created_at: '2026-02-28T00:00:00Z'}\n",
            4,
            "/tables/purchases/p/deal_id",
        ),
    ],
)
def test_a_broken_seed_file(started: Started, tmp_path: Path, content: str, line: int, pointer: str) -> None:
    """A mistake in a seed file stops the start with file, line and JSON pointer."""
    (tmp_path / "deem").mkdir()
    file = tmp_path / "deem" / "seed.yaml"
    file.write_text(content)
    assert_one_line(run("serve", "--fixtures", str(tmp_path)), f"Error: {file}:{line}: {pointer}")


def test_a_misspelt_property_comes_first(started: Started, tmp_path: Path) -> None:
    """All that is wrong in a seed file is told, a line each: an unknown name before the missing one."""
    (tmp_path / "deem").mkdir()
    file = tmp_path / "deem" / "seed.yaml"
    file.write_text("version: 1\ntables:\n  deals:\n    mine: {title: T, prize: 1, stock: few}\n")
    said = complaints(run("serve", "--fixtures", str(tmp_path)))
    assert [line.partition(": expected")[0] for line in said] == [
        f"Error: {file}:4: /tables/deals/mine/prize",
        f"{file}:4: /tables/deals/mine/price",
        f"{file}:4: /tables/deals/mine/stock",
    ]
    assert not hasattr(started, "sandboxes")


def test_fixtures_one_level_too_high(started: Started, tmp_path: Path) -> None:
    """A `seed.yaml` right in the folder is a slip that is said, with where the file has to be."""
    (tmp_path / "seed.yaml").write_text("version: 1\n")
    assert_one_line(run("serve", "--fixtures", str(tmp_path)), f"{tmp_path}/<api>/seed.yaml", "deem")


def test_a_seed_file_of_odd_bytes(started: Started, tmp_path: Path) -> None:
    """A seed file that is no text stops the start with its name."""
    (tmp_path / "drip").mkdir()
    (tmp_path / "drip" / "seed.yaml").write_bytes(b"\xff\xfe\x00")
    assert_one_line(run("serve", "--fixtures", str(tmp_path)), "seed.yaml:1: /")


def test_a_folder_in_place_of_a_seed_file(started: Started, tmp_path: Path) -> None:
    """A folder where a file should be stops the start with its name."""
    (tmp_path / "drip" / "seed.yaml").mkdir(parents=True)
    assert_one_line(run("serve", "--fixtures", str(tmp_path)), "seed.yaml")


def test_an_unknown_folder_of_fixtures(started: Started, tmp_path: Path) -> None:
    """A folder that is no API's is most likely a slip of the pen: it is said, and not passed over."""
    (tmp_path / "deems").mkdir()
    (tmp_path / "deems" / "seed.yaml").write_text("version: 1\n")
    assert_one_line(run("serve", "--fixtures", str(tmp_path)), "deems", "deem, drip, supertab, kajabi")


def test_an_address_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that cannot be listened on is one line."""

    def bind(host: str, port: int) -> None:
        raise server.CannotListen(f"cannot listen on {host}:{port}: another program listens there")

    monkeypatch.setattr(server, "bind", bind)
    assert_one_line(run("serve"), "cannot listen on 127.0.0.1:8080: another program listens there")


# served


@pytest.mark.parametrize(
    ("options", "id", "status", "applied"),
    [
        ((), "none", 404, "assumed"),
        (("--answers", "canned"), "none", 200, "documented"),
        (("--answers", "generated"), "none", 200, "assumed"),
    ],
)
def test_the_ways_of_answering(tmp_path: Path, options: tuple[str, ...], id: str, status: int, applied: str) -> None:
    """The default way knows its purchases; the canned and the generated one answer for any id."""
    with serving(tmp_path, *options) as served:
        reply = served.ask(GET.format(id=id))
        assert reply.status == status
        if options == ("--answers", "canned"):
            example = (FIXTURES / "deem" / "examples" / "get_purchase.json").read_bytes()
            assert reply.json == orjson.loads(example)
        if options == ("--answers", "generated"):
            assert reply.json["purchase"]["id"] == id
            assert served.ask(GET.format(id=id)).body == reply.body


def test_the_variables_reach_the_process(tmp_path: Path) -> None:
    """A server can be set up by its environment alone."""
    variables = {"MOCKTILL_ONLY": "deem", "MOCKTILL_SET": "deem.unknown_credentials=refuse"}
    with serving(tmp_path, env=variables) as served:
        assert served.ask(GET.format(id="34063ec2").replace("/deem", "")).status == 401
