"""A vendor as a Flask app: every request gets to the pipeline, whatever Flask thinks of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from mocktill.core.app import BODY_LIMIT, PROBLEM, SANDBOX, VendorApp, base_url, headers_of, read_body, routes
from mocktill.core.errors import Malformed, TooLarge
from mocktill.core.sandbox import Sandbox
from tests.client import Client

DOCUMENTED = "/v1/purchases/34063ec2"
RESERVE = "/v1/purchases/reserve?api_key=1"
BODY = {"deal_id": "two-each", "num_bought": 1}


@pytest.fixture
def deem(box: Sandbox) -> Client:
    """A client of Deem that is known."""
    return Client(box, "deem")


@pytest.mark.parametrize("prefix", ["/v1", "", "/api/v1"])
@pytest.mark.parametrize("suffix", ["", ".json", "/"])
def test_an_operation_answers_under_all_prefixes(deem: Client, prefix: str, suffix: str) -> None:
    """Each prefix, the suffix `.json` and a slash at the end lead to the same operation."""
    answer = deem("GET", f"{prefix}/purchases/34063ec2{suffix}?api_key=1")
    assert answer.status_code == 200
    assert answer.get_json()["purchase"]["id"] == "34063ec2"
    assert (deem.entry.operation, deem.entry.query) == ("get_purchase", "api_key=***")


def test_routes_have_flasks_style(box: Sandbox) -> None:
    """The path of the table becomes a rule for each prefix, with and without the suffix."""
    api = box.catalogue.shelves["deem"].api
    assert routes(api, api.operation("claim_purchase")) == [
        f"{prefix}/purchases/<purchase_id>/claim{suffix}" for prefix in api.prefixes for suffix in ("", ".json")
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v2/purchases/x", 404),
        ("GET", "//v1//purchases/x", 404),
        ("GET", "/static/x", 404),
        ("GET", "/v1/purchases/a%2Fb", 404),
        ("DELETE", DOCUMENTED, 405),
        ("OPTIONS", DOCUMENTED, 405),
        ("PATCH", "/v1/purchases", 405),
        ("BREW", DOCUMENTED, 405),
        ("GET", "/v1/purchases/%FF%00", 401),
    ],
)
def test_what_no_operation_has_is_the_vendors_error(deem: Client, method: str, path: str, status: int) -> None:
    """Unknown paths and wrong methods get no page of Flask's, no redirect and no automatic answer."""
    answer = deem(method, path)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert answer.get_json()["status"] == "error"
    assert (deem.entry.status, deem.entry.method) == (status, method)


def test_head_is_get_without_its_body(deem: Client) -> None:
    """HEAD has the headers of GET."""
    answer = deem("HEAD", f"{DOCUMENTED}?api_key=1")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_an_answer_has_these_headers_and_no_others(deem: Client) -> None:
    """Nothing of Flask's is added: no cookie, no Vary, no server's name."""
    answer = deem("GET", f"{DOCUMENTED}?api_key=1")
    assert set(answer.headers.keys()) == {
        "Content-Type",
        "Content-Length",
        "Mocktill-Entry",
        "Mocktill-Basis",
    }
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_keys_come_in_the_documented_order(deem: Client, box: Sandbox) -> None:
    """An object's keys are in the order of the handler, not of the alphabet."""
    example = box.catalogue.shelves["deem"].examples["get_purchase"]["documented"]
    assert list(deem("GET", f"{DOCUMENTED}?api_key=1").get_json()["purchase"]) == list(example["purchase"])


def test_the_path_is_journalled_decoded(deem: Client) -> None:
    """A path with other letters gets to the handler and the journal as text."""
    deem("GET", "/v1/purchases/caf%C3%A9?api_key=1")
    assert deem.entry.path == "/v1/purchases/café"
    assert "there is no purchase café" in deem.entry.notes[0]


def test_links_are_on_the_requests_own_host(deem: Client) -> None:
    """A link in an answer begins with the scheme, host and prefix that the client used."""
    answer = deem("GET", f"{DOCUMENTED}?api_key=1", base_url="https://shop.test:8443/~box/deem")
    assert answer.get_json()["purchase"]["coupons"][0]["print_url"].startswith(
        "https://shop.test:8443/~box/deem/coupons/"
    )


def test_the_base_url_falls_back_to_the_servers_name() -> None:
    """Without a Host header the server's own name and port are used."""
    environ = {"wsgi.url_scheme": "http", "SERVER_NAME": "localhost", "SERVER_PORT": "81", "SCRIPT_NAME": "/deem"}
    assert base_url(environ) == "http://localhost:81/deem"
    assert base_url({**environ, "HTTP_HOST": "a.test"}) == "http://a.test/deem"


def test_headers_are_by_lower_case_name() -> None:
    """Headers are read from the environment, with the two that WSGI keeps apart."""
    environ = {"HTTP_X_A": "1", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "", "REQUEST_METHOD": "GET"}
    assert headers_of(environ) == {"x-a": "1", "content-type": "text/plain"}


@pytest.mark.parametrize("length", [BODY_LIMIT, BODY_LIMIT + 1])
def test_a_body_over_the_limit_is_refused(deem: Client, length: int) -> None:
    """A body of the limit's length is read and asked further, a longer one is too large."""
    answer = deem(
        "POST", RESERVE, data=b'{"deal_id": "' + b"x" * (length - 15) + b'"}', content_type="application/json"
    )
    assert answer.status_code == (422 if length == BODY_LIMIT else 413)
    assert answer.get_json()["status"] == "error"


@pytest.mark.parametrize(
    ("environ", "body"),
    [
        ({"CONTENT_LENGTH": "3"}, b"abc"),
        ({"CONTENT_LENGTH": "0"}, b""),
        ({}, b""),
        ({"CONTENT_LENGTH": ""}, b""),
        ({"wsgi.input_terminated": True}, b"abcdef"),
    ],
)
def test_a_body_is_read_as_far_as_it_goes(environ: dict[str, Any], body: bytes) -> None:
    """As many bytes as the length says are read, all where the server ends the stream, else none."""
    assert read_body({"wsgi.input": BytesIO(b"abcdef"), **environ}) == (None, body)


@pytest.mark.parametrize(
    ("length", "meaning"),
    [("x", Malformed), ("-1", Malformed), ("1.5", Malformed), ("٣", Malformed), ("+5", Malformed),
     (str(BODY_LIMIT + 1), TooLarge), ("9" * 30, TooLarge), ("9" * 5_000, (TooLarge, Malformed))],
)  # fmt: skip
def test_a_wrong_length_is_refused_unread(length: str, meaning: type) -> None:
    """A Content-Length that is no number, or too large a one, is refused before anything is read."""
    stream = BytesIO(b"abcdef")
    problem, body = read_body({"wsgi.input": stream, "CONTENT_LENGTH": length})
    assert isinstance(problem, meaning)
    assert (body, stream.tell()) == (b"", 0)


def test_a_stream_without_a_length_is_bounded() -> None:
    """A body of unknown length is read no further than the limit."""
    stream = BytesIO(b"x" * (BODY_LIMIT + 1000))
    problem, _ = read_body({"wsgi.input": stream, "wsgi.input_terminated": True})
    assert isinstance(problem, TooLarge)
    assert stream.tell() == BODY_LIMIT + 1


def test_a_doors_problem_is_answered(deem: Client, box: Sandbox) -> None:
    """What a door could not read is left in the environment, and refused in the vendor's words."""
    environ = create_environ(path=DOCUMENTED, query_string={"api_key": "1"})
    environ.update({SANDBOX: box, PROBLEM: Malformed("an invalid Host")})
    _, status, _ = run_wsgi_app(VendorApp(box.catalogue.shelves["deem"]), environ)
    assert status.startswith("400")
    assert box.journal.entries()[-1].notes == ("find_failed: an invalid Host",)


def test_json_and_forms_lead_to_the_same(deem: Client) -> None:
    """A form body is read like a JSON body."""
    form = deem("POST", RESERVE, data={name: str(value) for name, value in BODY.items()})
    json = deem("POST", RESERVE, json=BODY)
    assert (form.status_code, json.status_code) == (200, 200)
    assert list(form.get_json()["purchase"]) == list(json.get_json()["purchase"])


def test_a_client_cannot_choose_the_sandbox(deem: Client, box: Sandbox) -> None:
    """The sandbox comes from the door: a header of the same name changes nothing."""
    deem("GET", f"{DOCUMENTED}?api_key=1", headers={"Mocktill.Sandbox": "other", "Mocktill-Entry": "99"})
    assert len(box.journal) == 1
