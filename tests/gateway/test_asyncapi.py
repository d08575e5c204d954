"""Is the description of the stream whole, and true of what is sent?"""

import json
import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from events.topics import TOPICS
from gateway.live.asyncapi import describe
from gateway.live.closing import CLOSE_CODES
from tests.support.app import RunningApp
from tests.support.streaming import person, socket_to

DOCUMENT = json.loads(msgspec.json.encode(describe("tasks.example.org", secure=True)))


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for each in value.values() for ref in references(each)]
    return [ref for each in value for ref in references(each)] if isinstance(value, list) else []


def resolved(ref: str) -> Any:
    found: Any = DOCUMENT
    for name in ref.removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_it_has_the_parts_of_an_asyncapi_document() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert all({"host", "protocol"} <= each.keys() for each in DOCUMENT["servers"].values())
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
    assert re.fullmatch(r"[\w.-]+", "".join(DOCUMENT["components"]["messages"]))


def test_every_reference_leads_somewhere() -> None:
    assert all(resolved(ref) for ref in references(DOCUMENT))


def test_every_topic_and_every_close_code_is_in_it() -> None:
    assert TOPICS.keys() <= DOCUMENT["components"]["messages"].keys()
    assert len(DOCUMENT["channels"]["stream"]["x-close-codes"]) == len(CLOSE_CODES)


@pytest.mark.parametrize(
    "frame",
    [b"\x81\x02{}", b"\x83\x80mask", b"\x81\x82\0\0\0\0\xff\xfe", b"\x81\xff\0" + b"\1" * 11],
)
async def test_a_broken_frame_ends_it_with_a_code_that_is_listed(
    served: RunningApp, frame: bytes
) -> None:
    ada = await person(served)
    async with socket_to(served, ada.token) as stream:
        await stream.heard("live")
        stream.socket.transport.write(frame)
        code, _ = await stream.closed()
    assert str(code) in DOCUMENT["channels"]["stream"]["x-close-codes"]
    assert str(code) in DOCUMENT["info"]["description"]


async def test_what_is_sent_is_as_described(served: RunningApp) -> None:
    ada = await person(served)
    answer = await served.client.get("/v1/asyncapi.json")
    assert answer.json()["components"] == DOCUMENT["components"]
    async with socket_to(served, ada.token, [("after", 0)]) as stream:
        await stream.heard("live")
        await ada.opens_workspace()
        await ada.adds()
        await stream.say(type="ping")
        await stream.say(type="auth", token=ada.token)
        await stream.heard("authenticated")
        await stream.heard("task.created")
        for frame in stream.frames:
            payload = DOCUMENT["components"]["messages"][frame["type"]]["payload"]
            schema = {**payload, "components": DOCUMENT["components"]}
            jsonschema_rs.validator_for(schema).validate(frame)
