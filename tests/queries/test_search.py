"""Is a text found by the words that stand in it, and shown as it was written?"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from commands.tasks import CreateTask
from events.ids import new_id
from events.refusals import Invalid, NotFound
from projections.search import SEARCH
from projections.workspaces import WORKSPACES
from queries.search import Hit, search
from tests.support.log import open_log
from tests.support.office import OWNER, Office, request
from tests.support.projections import project_all

TITLE = "Fix <Button> of PROJ-123 & co, v1.2.3"
BODY = (
    "See https://example.com/docs/README.md or mail ann.lee@example.org by 2026-11-20: "
    "List<String> costs +12.50~ in state-of-the-art snake_case."
)
SCRIPTS = "हिन्दी में, ภาษาไทย ที่นี่, שָׁלוֹם עולם, مَرْحَبًا, می‌خواهم, ÉCOLE"

LONG = f"{'straw ' * 4_000}Needle {'straw ' * 4_000}"


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        for title, description in ((TITLE, BODY), ("Scripts", SCRIPTS), ("Long", LONG)):
            made = CreateTask(
                stream=new_id(), workspace=office.workspace, title=title, description=description
            )
            await office.one.handle([made], request())
        for projection in (SEARCH, WORKSPACES):
            await project_all(log, projection)
        yield office


async def found(office: Office, text: str) -> list[Hit]:
    log = office.log
    page = await search(log.pool, log=log.log_id, account=OWNER, text=text)
    return page.items


async def test_words_are_found_whatever_stands_between_them(office: Office) -> None:
    """Postgres takes addresses, numbers, names of files and tags for words of their own."""
    for text in (
        *("Button", "<Button>", "PROJ-123", "123", "v1.2.3", "String", "README.md", "README", "md"),
        *("https://example.com/docs", "docs/readme", "ann.lee@example.org", "example.org", "lee"),
        *("2026-11-20", "20.11.2026", "12.50", "state-of-the-art", "art", "snake_case", "case"),
        *("fix button co", "'fix' & !button | (co)", "butt", "\u200fbutton\u200f", "😀 button"),
    ):
        assert [hit.title for hit in await found(office, text)] == [TITLE], text
    assert await found(office, "button script") == []


async def test_words_are_found_in_scripts_whose_vowels_are_marks(office: Office) -> None:
    for text in ("हिन्दी", "में", "ภาษาไทย", "ที่", "שָׁלוֹם", "עולם", "مَرْحَبًا", "می‌خواهم", "école"):
        assert [hit.title for hit in await found(office, text)] == ["Scripts"], text


async def test_a_hit_is_shown_as_it_was_written(office: Office) -> None:
    (hit,) = await found(office, "button")
    marked = "Fix &lt;<mark>Button</mark>&gt; of PROJ-123 &amp; co, v1.2.3"
    assert hit.title_html == marked
    (hit,) = await found(office, "readme")
    assert "<mark>README</mark>.md or mail ann.lee@example.org by 2026" in hit.snippet_html
    (hit,) = await found(office, "string")
    assert "List&lt;<mark>String</mark>&gt; costs +12.50~ in" in hit.snippet_html


async def test_a_long_text_shows_where_all_words_are(office: Office) -> None:
    for text in ("needle", "straw needle"):
        (hit,) = await found(office, text)
        assert "<mark>Needle</mark> " in hit.snippet_html, text


async def test_long_texts_full_of_hits_take_no_longer(office: Office) -> None:
    """Over the whole of these texts Postgres would take several times what a statement may."""
    body = "al0 be1 ga2 de3 ep4 " * 2_500
    commands = [
        CreateTask(stream=new_id(), workspace=office.workspace, title=f"t{n}", description=body)
        for n in range(60)
    ]
    await office.one.handle(commands, request())
    await project_all(office.log, SEARCH)
    log = office.log
    page = await search(log.pool, log=log.log_id, account=OWNER, text="a b g d e", limit=60)
    assert len(page.items) == 60
    assert all(hit.snippet_html.startswith("<mark>al0</mark>") for hit in page.items)


async def test_what_holds_no_word_is_refused(office: Office) -> None:
    for text in ("😀", "' & |", "_", "\u200d", "\u0301"):
        with pytest.raises(Invalid, match="at least one word"):
            await found(office, text)


async def test_a_stranger_finds_nothing_and_cannot_ask_for_a_workspace(office: Office) -> None:
    log, stranger = office.log, uuid4()
    asked: dict[str, Any] = {"log": log.log_id, "text": "button"}
    assert (await search(log.pool, account=stranger, **asked)).items == []
    with pytest.raises(NotFound):
        await search(log.pool, account=stranger, workspaces=[office.workspace], **asked)
    asked["text"] = "nowhere"
    assert (
        await search(log.pool, account=OWNER, workspaces=[office.workspace], **asked)
    ).items == []
