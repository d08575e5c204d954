"""Views are counted exactly, whoever looks at the same time and in whichever process."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from commands.handler import Handler
from commands.posts import CreatePost, DeletePost, EditPost
from commands.view_counter import ViewCounter, views_in
from commands.views import VIEWS, view_of
from events.ids import new_id
from events.posts import views_of
from events.refusals import NotFound
from events.sealing import claim_keys
from infra.appender import Appender
from infra.clock import utc_now
from tests.support.log import MASTER_KEY, open_log
from tests.support.office import MEMBER, Office, request


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


async def post_in(office: Office) -> UUID:
    made = CreatePost(stream=new_id(), workspace=office.workspace, title="Hello", content="text")
    return (await office.one.handle([made], request())).stream.id


async def test_each_view_is_told_a_number_of_its_own(office: Office) -> None:
    post = await post_in(office)
    counters = [ViewCounter(handler) for handler in (office.one, office.other, office.handler())]
    outcomes = await asyncio.gather(
        *(counter.count(post, request(MEMBER)) for counter in counters for _ in range(30))
    )
    assert sorted(views_in(outcome) for outcome in outcomes) == list(range(1, 91))
    assert await ViewCounter(office.handler()).of(post) == 90


async def test_a_view_and_an_edit_never_meet(office: Office) -> None:
    post = await post_in(office)
    counter = ViewCounter(office.one)

    async def edit() -> None:
        for version in range(1, 11):
            command = EditPost(stream=post, title=f"Hello {version}")
            await office.other.handle([command], request(if_match=version))

    await asyncio.gather(edit(), *(counter.count(post, request(MEMBER)) for _ in range(10)))
    assert await counter.of(post) == 10


async def test_a_count_is_known_from_its_newest_fact(office: Office) -> None:
    post = await post_in(office)
    await office.one.handle([view_of(post, office.workspace, 41)], request())
    outcome = await ViewCounter(office.one).count(post, request())
    assert views_in(outcome) == 42
    stream = await office.handler().load(views_of(post), VIEWS)
    assert (stream.version, stream.state.count) == (2, 42)


async def test_the_same_command_again_is_told_the_same_number(office: Office) -> None:
    post, command = await post_in(office), uuid4()
    counter = ViewCounter(office.one)
    first = await counter.count(post, request(command=command, content="view"))
    await counter.count(post, request())
    again = await ViewCounter(office.other).count(post, request(command=command, content="view"))
    assert (views_in(first), views_in(again), again.replayed) == (1, 1, True)
    assert await counter.of(post) == 2


async def test_what_is_not_there_cannot_be_seen(office: Office) -> None:
    counter = ViewCounter(office.one)
    with pytest.raises(NotFound):
        await counter.count(uuid4(), request())
    post = await post_in(office)
    await office.one.handle([DeletePost(stream=post)], request())
    with pytest.raises(NotFound):
        await counter.count(post, request())
    with pytest.raises(NotFound):
        await ViewCounter(office.other).count(await post_in(office), request(uuid4()))


async def test_while_nothing_can_be_written_the_known_count_is_told(office: Office) -> None:
    post = await post_in(office)
    counter = ViewCounter(office.one)
    assert await counter.seen(post, request()) == 1

    full = ViewCounter(_without_room(office))
    assert await full.seen(post, request()) == 1
    assert await counter.of(post) == 1


def _without_room(office: Office) -> Handler:
    log = office.log
    return Handler(
        store=log.store,
        reader=log.reader,
        appender=Appender(log.url, on_commit=lambda head: None, queue_size=0),
        keys=log.keys,
        claim_key=claim_keys(MASTER_KEY),
        clock=utc_now,
    )
