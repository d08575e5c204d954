"""Who sees what on an open stream when memberships and sessions change."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.tokens import AccessTokens
from infra.clock import utc_now
from tests.support.api import PASSWORD, SECRET_KEY
from tests.support.app import RunningApp
from tests.support.streaming import Person, SocketStream, person, socket_to


@pytest.fixture
async def ada(served: RunningApp) -> Person:
    return await person(served)


@pytest.fixture
async def eve(served: RunningApp) -> Person:
    return await person(served)


@pytest.fixture
async def eves(served: RunningApp, eve: Person) -> AsyncIterator[SocketStream]:
    async with socket_to(served, eve.token) as stream:
        await stream.heard("live")
        yield stream


async def test_who_is_added_sees_what_follows_at_once(
    ada: Person, eve: Person, eves: SocketStream
) -> None:
    team = await ada.opens_workspace()
    await ada.adds("before", team)
    added = await ada.invites(eve, team)
    after = await ada.adds("after", team)
    await eves.reached(after)
    assert eves.positions == [added, after]
    assert eves.events[0]["data"]["account"] == eve.id


async def test_who_is_removed_hears_that_last(ada: Person, eve: Person, eves: SocketStream) -> None:
    team = await ada.opens_workspace()
    await ada.invites(eve, team)
    seen = await ada.adds("before", team)
    removed = await ada.removes(eve, team)
    await ada.adds_many(5, team)
    own = await eve.adds("own")
    await eves.reached(own)
    assert eves.positions[-3:] == [seen, removed, own]


async def test_who_comes_back_sees_it_again(ada: Person, eve: Person, eves: SocketStream) -> None:
    team = await ada.opens_workspace()
    for _ in range(3):
        await ada.invites(eve, team)
        await ada.adds("seen", team)
        await eve.does("DELETE", f"/v1/workspaces/{team}/members/me")
        await ada.adds("unseen", team)
    last = await eve.adds("own")
    await eves.reached(last)
    titles = [event["data"]["title"] for event in eves.of("task.created")]
    assert titles == ["seen", "seen", "seen", "own"]
    assert len(eves.of("workspace.member_left")) == 3


async def test_a_workspace_of_ones_own_is_followed_from_its_first_event(
    eve: Person, eves: SocketStream
) -> None:
    team = await eve.opens_workspace()
    position = await eve.adds("first", team)
    await eves.reached(position)
    assert [event["type"] for event in eves.events] == ["workspace.created", "task.created"]


async def test_who_was_removed_meanwhile_gets_nothing_of_it_on_resuming(
    served: RunningApp, ada: Person, eve: Person
) -> None:
    team = await ada.opens_workspace()
    start = await ada.invites(eve, team)
    await ada.adds("secret by now", team)
    await ada.removes(eve, team)
    own = await eve.adds("own")
    await served.followed(own)
    async with socket_to(served, eve.token, [("after", start)]) as stream:
        assert team not in (await stream.heard("hello"))["workspaces"]
        await stream.heard("live")
        assert stream.positions == [own]


async def test_who_was_added_meanwhile_gets_the_workspaces_past(
    served: RunningApp, ada: Person, eve: Person
) -> None:
    start = await eve.adds("own")
    team = await ada.opens_workspace()
    past = await ada.adds("past", team)
    await served.followed(await ada.invites(eve, team))
    async with socket_to(served, eve.token, [("after", start)]) as stream:
        await stream.heard("live")
        assert past in stream.positions


async def test_a_foreign_workspace_cannot_be_asked_for(
    served: RunningApp, ada: Person, eve: Person
) -> None:
    team = await ada.opens_workspace()
    async with socket_to(served, eve.token, [("workspace", team)]) as stream:
        assert await stream.closed() == (4404, "not-found")
        assert stream.frames == []


async def test_only_the_workspaces_asked_for_are_followed(
    served: RunningApp, ada: Person, eve: Person
) -> None:
    team, other = await ada.opens_workspace(), await ada.opens_workspace()
    await ada.invites(eve, team)
    async with socket_to(served, eve.token, [("workspace", team)]) as stream:
        await stream.heard("live")
        await ada.invites(eve, other)
        await ada.adds("elsewhere", other)
        await eve.adds("elsewhere")
        last = await ada.adds("here", team)
        await stream.reached(last)
        assert stream.positions == [last]


async def test_the_end_of_the_session_ends_the_stream(eve: Person, eves: SocketStream) -> None:
    await eve.does("DELETE", "/v1/sessions/current")
    assert await eves.closed() == (4401, "session-ended")
    assert eves.of("session.revoked")


async def test_another_session_ends_for_itself(
    served: RunningApp, eve: Person, eves: SocketStream
) -> None:
    me = (await eve.does("GET", "/v1/me")).json()
    login = {"login": me["email"], "password": PASSWORD}
    other = (await served.client.post("/v1/sessions", json=login)).json()
    async with socket_to(served, other["access_token"]) as others:
        await others.heard("live")
        await eve.does("DELETE", f"/v1/sessions/{other['session']}")
        assert await others.closed() == (4401, "session-ended")
    position = await eve.adds()
    await eves.reached(position)
    assert eves.ended is None


async def test_a_new_password_ends_the_other_sessions_streams(
    served: RunningApp, eve: Person, eves: SocketStream
) -> None:
    me = (await eve.does("GET", "/v1/me")).json()
    login = {"login": me["email"], "password": PASSWORD}
    other = (await served.client.post("/v1/sessions", json=login)).json()
    async with socket_to(served, other["access_token"]) as others:
        await others.heard("live")
        await eve.does("PUT", "/v1/me/password", current=PASSWORD, new="another password")
        assert await others.closed() == (4401, "session-ended")
    assert eves.ended is None


def short_token(who: Person, seconds: float) -> str:
    tokens = AccessTokens(SECRET_KEY, timedelta(seconds=seconds))
    return tokens.sign(UUID(who.id), UUID(who.session), utc_now())


async def test_a_token_that_runs_out_ends_the_stream(served: RunningApp, eve: Person) -> None:
    async with socket_to(served, short_token(eve, 2)) as stream:
        await stream.heard("live")
        assert await stream.closed() == (4401, "token-expired")


async def test_a_newer_token_keeps_it_open(served: RunningApp, eve: Person) -> None:
    async with (
        socket_to(served, short_token(eve, 2)) as stream,
        socket_to(served, short_token(eve, 2)) as other,
    ):
        await stream.heard("live")
        await stream.say(type="auth", token=eve.token)
        answer = await stream.heard("authenticated")
        assert answer["until"] > stream.of("hello")[0]["until"]
        await other.closed()
        position = await eve.adds()
        await stream.reached(position)
        assert stream.ended is None


async def test_anothers_token_does_not(
    served: RunningApp, ada: Person, eve: Person, eves: SocketStream
) -> None:
    await eves.say(type="auth", token=ada.token)
    assert await eves.closed() == (4401, "another-account")


async def test_membership_that_changes_while_one_connects_is_never_missed(
    served: RunningApp, ada: Person, eve: Person
) -> None:
    """Wherever in the course of connecting the removal falls, nothing after it is seen."""
    team = await ada.opens_workspace()
    for _ in range(10):
        await ada.invites(eve, team)

        async def listen() -> None:
            async with socket_to(served, eve.token) as stream:
                await stream.heard("live")
                last = await eve.adds("own")
                await stream.reached(last)
                assert "unseen" not in str(stream.events)

        async with asyncio.TaskGroup() as tasks:
            listening = [tasks.create_task(listen()) for _ in range(5)]
            await ada.removes(eve, team)
            await ada.adds("unseen", team)
        assert all(task.done() for task in listening)
