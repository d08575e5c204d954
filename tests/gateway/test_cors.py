"""What pages of other origins are told, natively and by the older systems."""

from collections.abc import Iterable

import pytest

from gateway.cors import EXPOSED, Cors, Headers, OlderCors, Preflight

PAGE = b"https://tasks.example.org"
OTHER = b"https://evil.example.org"
ASKED = [(b"access-control-request-headers", b"authorization, x-own")]


def shown(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {
        name.decode().removeprefix("access-control-"): value.decode() for name, value in headers
    }


def told(preflight: Preflight) -> tuple[int, bytes]:
    return preflight.status, preflight.content


def test_natively_credentials_are_never_allowed() -> None:
    cors = Cors(["*"])
    for headers in (cors.headers(PAGE, ()), cors.preflight(PAGE, ASKED).headers):
        assert shown(headers)["allow-origin"] == "*"
        assert "allow-credentials" not in shown(headers)


@pytest.mark.parametrize("system", ["taskflow", "phase3"])
def test_two_systems_were_open_to_every_page(system: str) -> None:
    cors = OlderCors(system, ())
    answer = shown(cors.headers(OTHER, ()))
    assert (answer["allow-origin"], answer["allow-credentials"]) == ("*", "true")
    preflight = cors.preflight(OTHER, ASKED)
    assert told(preflight) == (200, b"OK")
    assert shown(preflight.headers)["allow-origin"] == OTHER.decode()


def test_with_a_cookie_a_page_reads_its_own_origin() -> None:
    answer = shown(OlderCors("taskflow", ()).headers(PAGE, [(b"cookie", b"a=b")]))
    assert (answer["allow-origin"], answer["vary"]) == (PAGE.decode(), "Origin")


def test_what_a_page_may_read_is_told_once() -> None:
    exposed = shown(OlderCors("phase3", ()).headers(PAGE, ()))["expose-headers"]
    assert exposed.split(", ") == ["Authorization", *EXPOSED.decode().split(", ")]
    exposed = shown(OlderCors("todo", ()).headers(PAGE, ()))["expose-headers"]
    assert "Authorization" not in exposed


def test_the_page_of_a_system_on_the_same_machine_needs_no_setting() -> None:
    cors = OlderCors("taskhub", ())
    assert told(cors.preflight(b"http://localhost:5173", ASKED)) == (200, b"OK")
    assert told(cors.preflight(PAGE, ASKED)) == (400, b"Disallowed CORS origin")


@pytest.mark.parametrize("system", ["taskflow", "todo", "taskhub", "phase3", "taskmanager"])
def test_origins_that_are_set_hold_for_every_system(system: str) -> None:
    cors = OlderCors(system, [PAGE.decode()])
    good, bad = shown(cors.headers(PAGE, ())), shown(cors.headers(OTHER, ()))
    assert (good["allow-origin"], good["vary"]) == (PAGE.decode(), "Origin")
    assert "allow-origin" not in bad
    assert bad["vary"] == "Origin"
    refused = cors.preflight(OTHER, ASKED)
    assert told(refused) == (400, b"Disallowed CORS origin")
    assert "allow-origin" not in shown(refused.headers)


@pytest.mark.parametrize("system", ["todo", "taskmanager"])
def test_two_systems_are_open_to_no_page_until_it_is_set(system: str) -> None:
    assert told(OlderCors(system, ()).preflight(PAGE, ASKED))[0] == 400


def test_a_preflight_allows_the_headers_that_were_asked_for() -> None:
    headers: Headers = OlderCors("phase3", ()).preflight(PAGE, ASKED).headers
    answer = shown(headers)
    assert answer["allow-headers"] == "authorization, x-own"
    assert answer["allow-credentials"] == "true"
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(answer["allow-methods"].split(", "))
    assert "allow-headers" not in shown(OlderCors("phase3", ()).preflight(PAGE, ()).headers)
