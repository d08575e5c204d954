"""Following the log over a WebSocket: signing in, catching up, going on."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.streaming import Person, person, socket_to


@pytest.fixture
async def ada(served: RunningApp) -> Person:
    return await person(served)


async def test_what_happens_arrives_as_it_happens(served: RunningApp, ada: Person) -> None:
    async with socket_to(served, ada.token) as stream:
        hello = await stream.heard("hello")
        assert hello["account"] == ada.id
        assert len(hello["workspaces"]) == 1
        assert await stream.heard("live") == {"type": "live", "position": hello["position"]}
        position = await ada.adds("Buy milk")
        event = await stream.heard("task.created")
        assert event["position"] == position
        assert event["data"]["title"] == "Buy milk"
        assert event["workspace"] == hello["workspaces"][0]
        assert event["source"] == f"/logs/{hello['log']}"


async def test_from_a_position_everything_after_it_comes_first(
    served: RunningApp, ada: Person
) -> None:
    first = await ada.adds()
    rest = [await ada.adds() for _ in range(5)]
    await served.followed(rest[-1])
    async with socket_to(served, ada.token, [("after", first)]) as stream:
        live = await stream.heard("live")
        assert stream.positions == rest
        assert live["position"] >= rest[-1]
        rest.append(await ada.adds())
        await stream.reached(rest[-1])
        assert stream.positions == rest


async def test_from_the_start_ones_own_registration_is_there(
    served: RunningApp, ada: Person
) -> None:
    async with socket_to(served, ada.token, [("after", 0)]) as stream:
        await stream.heard("live")
        assert [event["type"] for event in stream.events] == [
            "account.registered",
            "workspace.created",
            "session.opened",
        ]
        assert stream.events[0]["account"] == ada.id


async def test_nobody_sees_what_is_anothers(served: RunningApp, ada: Person) -> None:
    eve = await person(served)
    async with socket_to(served, eve.token, [("after", 0)]) as stream:
        await stream.heard("live")
        await ada.adds()
        mine = await eve.adds()
        await stream.reached(mine)
        assert all(ada.id not in str(event) for event in stream.events)
        assert len(stream.of("task.created")) == 1


@pytest.mark.parametrize("how", ["message", "subprotocol"])
async def test_a_browser_signs_in_by_message_or_subprotocol(
    served: RunningApp, ada: Person, how: str
) -> None:
    offered = ["tasktrail.v1", f"bearer.{ada.token}"] if how == "subprotocol" else ["tasktrail.v1"]
    async with socket_to(served, None, subprotocols=offered) as stream:
        assert stream.socket.subprotocol == "tasktrail.v1"
        if how == "message":
            await stream.say(type="auth", token=ada.token)
        assert (await stream.heard("hello"))["account"] == ada.id


async def test_filters_leave_out_the_rest(served: RunningApp, ada: Person) -> None:
    team = await ada.opens_workspace()
    start = await ada.adds("elsewhere")
    task = (await ada.does("POST", "/v1/tasks", title="here", workspace=team)).json()["id"]
    other = await ada.adds("also here", team)
    wanted = {
        "workspace": [("workspace", team)],
        "noun": [("noun", "workspace"), ("noun", "account")],
        "resource": [("resource", f"task/{task}")],
    }
    for name, filters in wanted.items():
        async with socket_to(served, ada.token, [("after", start), *filters]) as stream:
            await stream.heard("live")
            await ada.does("POST", f"/v1/tasks/{task}/start")
            await ada.does("PATCH", f"/v1/workspaces/{team}", name=uuid4().hex)
            await ada.adds()
            last = await ada.adds()
            async with socket_to(served, ada.token, [("after", start)]) as all_of_it:
                await all_of_it.reached(last)
            kinds = {event["type"] for event in stream.events}
            match name:
                case "workspace":
                    await stream.heard("workspace.renamed")
                    assert {event["workspace"] for event in stream.events} == {team}
                    assert other in stream.positions
                case "noun":
                    await stream.heard("workspace.renamed")
                    assert kinds == {"workspace.renamed"}
                case "resource":
                    await stream.heard("task.started")
                    assert {event["subject"] for event in stream.events} == {f"task/{task}"}
            await ada.does("POST", f"/v1/tasks/{task}/reopen")


async def test_many_listeners_hear_the_same(served: RunningApp, ada: Person) -> None:
    async with asyncio.TaskGroup() as tasks:
        start, made = await ada.adds(), 30

        async def listen() -> None:
            async with socket_to(served, ada.token, [("after", start)]) as stream:
                await stream.heard("task.created", made)
                assert stream.positions == sorted(stream.positions)
                assert len(set(stream.positions)) == made

        for _ in range(20):
            tasks.create_task(listen())
        await ada.adds_many(made)
