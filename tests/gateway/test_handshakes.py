"""Does a WebSocket's opening request leave what any request leaves, a log line and a count?"""

import logging

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.logs import ACCESS
from tests.support.app import RunningApp


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/v1/stream", "/v1/stream", 101),
        ("/v1/stream?after=%00", "unmatched", 400),
        ("/v1/no/such/stream", "unmatched", 403),
        ("/taskhub/ws/nonsense", "/taskhub/ws/{token}", 403),
    ],
)
async def test_a_handshake_is_told_and_counted_once(
    served: RunningApp, caplog: pytest.LogCaptureFixture, path: str, route: str, status: int
) -> None:
    key = ("tasktrail_http_requests_total", "GET", route, str(status))
    before = (await served.metrics()).get(key, 0)
    with caplog.at_level(logging.INFO, ACCESS):
        assert await answer_to_handshake(served, path) == status
    lines = [record.__dict__["fields"] for record in caplog.records if record.name == ACCESS]
    told = [(line["route"], line["status"]) for line in lines if line["method"] == "GET"]
    assert told == [(route, status)]
    assert (await served.metrics())[key] == before + 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def answer_to_handshake(served: RunningApp, path: str) -> int:
    headers = await served.headers()
    try:
        async with connect(
            f"{served.base.replace('http', 'ws', 1)}{path}", additional_headers=headers
        ) as socket:
            assert socket.response is not None
            return socket.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_no_handshake_is_told_the_methods_of_http(served: RunningApp) -> None:
    answer = await served.client.put("/v1/stream")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
