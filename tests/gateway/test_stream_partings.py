"""Is a connection gone in the end, whatever its client leaves unread?"""

from collections.abc import AsyncIterator

import pytest

from gateway.live.connection import Connection
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database
from tests.support.streaming import Person, narrow_socket, person
from tests.support.waiting import until


@pytest.fixture
async def brief(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """A second is long for what nobody takes."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, request_seconds=1, rate_limit=0)
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.mark.parametrize("how", ["session ended", "no pong", "close frame"])
async def test_who_leaves_a_little_unread_is_let_go_as_well(brief: RunningApp, how: str) -> None:
    ada = await person(brief)
    async with narrow_socket(brief, ada) as client:
        connection = await holding_back(brief, ada)
        connection.close_timeout = 0.1
        if how == "session ended":
            await ada.does("DELETE", "/v1/sessions/current")
        elif how == "no pong":
            connection.keepalive_timeout()
        else:
            client.transport.write(b"\x88\x80aaaa")
        await until(lambda: connection.disconnected)
        await until(lambda: brief.app.state.live.open == 0)


async def holding_back(app: RunningApp, ada: Person) -> Connection:
    """Its connection, once something is on its way that the client does not take."""
    live = app.app.state.live
    await until(lambda: live.open == 1 and live.tail.audience.everyone()[0].live)
    [subscription] = live.tail.audience.everyone()
    connection = subscription.outlet
    assert isinstance(connection, Connection)

    async def one_more() -> None:
        answer = await ada.does("POST", "/v1/tasks", title="task", description="x" * 20_000)
        position = int(answer.headers["Tasktrail-Position"])
        await until(lambda: subscription.position >= position)

    while not connection.transport.get_write_buffer_size():
        await one_more()
    assert connection.ready
    return connection
