"""Slow and outsized clients, on sockets of their own; a second is long here."""

import asyncio
import json
import time
from contextlib import suppress
from functools import partial
from typing import cast

import asyncpg
import pytest

from gateway.protocol import MAX_FRAMING_BYTES, MAX_HEADER_BYTES
from tests.support.app import RunningApp
from tests.support.waiting import again_and_again, until

GET = b"GET /v1/problems/invalid HTTP/1.1\r\nHost: x\r\n"
POST = (
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100\r\n\r\n"
)


async def test_headers_that_never_end_are_a_408(hurried: RunningApp) -> None:
    async with hurried.raw(GET) as connection:
        status, body = await connection.answer()
        assert status == 408
        assert json.loads(body)["code"] == "too-slow"
        assert await connection.rest() == b""


async def test_a_header_line_now_and_then_does_not_put_the_deadline_off(
    hurried: RunningApp,
) -> None:
    async with hurried.raw(GET) as connection:
        began = time.monotonic()
        drip = partial(connection.writer.write, b"X: y\r\n")
        dripping = asyncio.create_task(again_and_again(drip))
        status, _ = await connection.answer()
        dripping.cancel()
    assert status == 408
    assert time.monotonic() - began < 3


async def test_a_connection_that_says_nothing_is_closed(hurried: RunningApp) -> None:
    async with hurried.raw(b"") as connection:
        assert await connection.rest() == b""


async def test_empty_lines_do_not_keep_a_connection(hurried: RunningApp) -> None:
    async with hurried.raw(GET + b"\r\n") as connection:
        assert (await connection.answer())[0] == 200
        connection.writer.write(b"\r\n")
        assert await connection.rest() == b""


async def test_the_deadline_of_headers_holds_for_every_request_of_a_connection(
    hurried: RunningApp,
) -> None:
    async with hurried.raw(GET + b"\r\n" + GET) as connection:
        assert (await connection.answer())[0] == 200
        assert (await connection.answer())[0] == 408


async def test_headers_may_be_as_large_as_the_limit_and_no_larger(hurried: RunningApp) -> None:
    counted = len("/v1/problems/invalid") + len("Host: x\r\n") + len("Big: \r\n")
    for size, status in ((MAX_HEADER_BYTES, 200), (MAX_HEADER_BYTES + 1, 431)):
        asked = GET + b"Big: " + b"x" * (size - counted) + b"\r\n\r\n"
        async with hurried.raw(asked) as connection:
            assert (await connection.answer())[0] == status
        # behind another request there is no room for a refusal, only for an end
        async with hurried.raw(GET + b"\r\n" + asked) as connection:
            assert (await connection.answer())[0] == 200
            if status == 200:
                assert (await connection.answer())[0] == 200
            else:
                assert await connection.rest() == b""


async def test_a_url_that_takes_the_room_of_the_headers_is_a_414(hurried: RunningApp) -> None:
    asked = b"GET /v1/problems?x=%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"x" * MAX_HEADER_BYTES)
    async with hurried.raw(asked) as connection:
        status, body = await connection.answer()
    assert status == 414
    assert json.loads(body)["code"] == "url-too-long"


async def test_headers_without_end_are_cut_off_at_the_limit(hurried: RunningApp) -> None:
    async with hurried.raw(GET + b"X: " + b"x" * (MAX_HEADER_BYTES + 1)) as connection:
        status, body = await connection.answer()
        assert status == 431
        assert json.loads(body)["code"] == "headers-too-large"


@pytest.mark.parametrize(
    "data",
    [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"],
)
async def test_what_is_no_http_is_a_400(hurried: RunningApp, data: bytes) -> None:
    async with hurried.raw(data) as connection:
        status, body = await connection.answer()
        assert status == 400
        assert json.loads(body)["code"] == "malformed"
        assert await connection.rest() == b""


async def test_a_body_that_does_not_arrive_is_a_408(hurried: RunningApp) -> None:
    async with hurried.raw(POST + b'{"login"') as connection:
        status, body = await connection.answer()
        assert status == 408
        assert json.loads(body)["code"] == "too-slow"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"chunked", b"Z\r\n{}\r\n0\r\n\r\n"),
        (b"chunked", b"-1\r\n{}\r\n0\r\n\r\n"),
        (b"chunked", b"2\r\n{}0\r\n\r\n"),
        (b"chunked", b"fffffffffffffffff\r\n{}"),
        (b"gzip", b"{}"),
        (b"identity", b"{}"),
        (b"deflate, chunked", b"2\r\n{}\r\n0\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
async def test_a_body_that_cannot_be_read_to_its_end_is_a_400_at_once(
    served: RunningApp, encoding: bytes, body: bytes, apart: bool
) -> None:
    """Not when the deadline of the body has passed, which is half a minute here."""
    headers = POST.replace(b"Content-Length: 100", b"Transfer-Encoding: " + encoding)
    async with served.raw(headers if apart else headers + body) as connection:
        if apart:
            connection.writer.write(body)
        status, answer = await connection.answer()
        assert (status, json.loads(answer)["code"]) == (400, "malformed")
        assert await connection.rest() == b""


@pytest.mark.parametrize("line", [b"X: y\r\n", b"y", b"1;zzzzzzzzzzzzzzzz=y\r\nx\r\n"])
async def test_what_is_around_a_body_may_not_be_without_end(
    served: RunningApp, line: bytes
) -> None:
    """Trailers, one trailer that never ends, and what stands behind the sizes of chunks."""
    chunked = POST.replace(b"Content-Length: 100", b"Transfer-Encoding: chunked")
    begun = b"" if line.startswith(b"1") else b"2\r\n{}\r\n0\r\nX: y\r\nZ: "
    async with served.raw(chunked + begun) as connection:
        times = 2 * MAX_FRAMING_BYTES // len(line)
        connection.writer.write(line * times)
        status, answer = await connection.answer()
        assert (status, json.loads(answer)["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "asked",
    [
        b"POST /v1/stream/ws HTTP/1.1\r\nContent-Length: 2\r\n",
        b"GET /v1/stream/ws HTTP/1.1\r\nContent-Length: 2\r\n",
        b"GET /v1/stream/ws HTTP/1.1\r\n" + b"X: y\r\n" * 200,
        b"GET /v1/stream/ws HTTP/1.1\r\nX: %s\r\n" % (b"y" * 9_000),
        b"GET /v1/stream/ws?x=%s HTTP/1.1\r\n" % (b"y" * 9_000),
    ],
)
async def test_what_opens_no_websocket_is_a_400(served: RunningApp, asked: bytes) -> None:
    handshake = (
        b"Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    async with served.raw(asked + handshake) as connection:
        status, answer = await connection.answer()
        assert (status, json.loads(answer)["code"]) == (400, "malformed")
        assert await connection.rest() == b""


async def test_who_goes_on_sending_after_the_answer_is_cut_off(hurried: RunningApp) -> None:
    async with hurried.raw(GET + b"Transfer-Encoding: chunked\r\n\r\n") as connection:
        assert (await connection.answer())[0] == 200
        drip = partial(connection.writer.write, b"1\r\nx\r\n")
        dripping = asyncio.create_task(again_and_again(drip))
        with suppress(ConnectionError):
            assert await connection.rest() == b""
        dripping.cancel()


async def test_who_takes_no_answer_is_cut_off(hurried: RunningApp) -> None:
    """Thousands of answers are asked for and none is read."""
    async with hurried.raw(b"") as connection:
        cast(asyncio.Transport, connection.writer.transport).pause_reading()
        ask = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        asking = asyncio.create_task(
            again_and_again(partial(connection.writer.write, ask * 100), every=0.05)
        )
        await until(connection.writer.is_closing, within=20)
        asking.cancel()


async def test_what_takes_too_long_here_is_a_503(hurried: RunningApp) -> None:
    """Somebody holds a table that a sign-in reads."""
    assert hurried.settings.database_url is not None
    blocker = await asyncpg.connect(hurried.settings.database_url)
    try:
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE claims IN ACCESS EXCLUSIVE MODE")
            body = {"login": "ada@example.org", "password": "whatever"}
            answer = await hurried.client.post("/v1/sessions", json=body)
    finally:
        await blocker.close()
    assert answer.status_code == 503
    assert answer.json()["code"] == "too-slow"
    assert int(answer.headers["Retry-After"]) > 0
    assert (await hurried.client.post("/v1/sessions", json=body)).status_code == 401
