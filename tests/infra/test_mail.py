"""What a mail server receives, and what its answers mean."""

import msgspec
import pytest

from infra.embedded.ports import free_port
from infra.mail import MailDeferred, MailRefused, ServerAway, Smtp
from tests.support.mailbox import Mailbox, open_mailbox, parts_of

EVE = "eve@example.org"


class Letter(msgspec.Struct, frozen=True):
    to: str = EVE
    subject: str = "Ada assigned you “Build”"
    text: str = "Hello Eve,\n\nÄrger & <Co>\n"
    html: str = "<p>Hello Eve,</p>"
    message_id: str = "log.7.account@example.org"


def smtp(port: int) -> Smtp:
    sender = "Tasktrail <noreply@example.org>"
    return Smtp(host="127.0.0.1", port=port, user=None, password=None, sender=sender)


def answering(mailbox: Mailbox) -> Smtp:
    return smtp(mailbox.port)


async def test_a_mail_arrives_as_text_and_as_html() -> None:
    async with open_mailbox() as mailbox:
        await answering(mailbox).send(Letter())
        [message] = mailbox.received
    assert (message["To"], message["From"]) == (EVE, "Tasktrail <noreply@example.org>")
    assert message["Subject"] == "Ada assigned you “Build”"
    assert message["Message-ID"] == "<log.7.account@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = parts_of(message)
    assert (text, html.strip()) == ("Hello Eve,\n\nÄrger & <Co>\n", "<p>Hello Eve,</p>")


@pytest.mark.parametrize(
    "subject",
    [
        "Ada assigned you “مراجعة العقد مع العميل قبل نهاية الأسبوع”",
        "Илья Петров assigned you “" + "Срочно проверить договор " * 20 + "”",
        "“Ärger” " * 60,
        "修复登录页面上的错误并更新文档" * 20,
        "plain words " * 40,
    ],
)
async def test_a_subject_in_any_script_arrives_word_for_word(subject: str) -> None:
    async with open_mailbox() as mailbox:
        await answering(mailbox).send(Letter(subject=subject.strip()))
        [message] = mailbox.received
    assert message["Subject"] == subject.strip()
    assert max(map(len, message.as_bytes().splitlines())) < 100


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ("550 no such mailbox", MailRefused),
        ("451 greylisted", MailDeferred),
        ("421 closing", ServerAway),
    ],
)
async def test_what_the_server_says_of_the_address(answer: str, meant: type[Exception]) -> None:
    async with open_mailbox() as mailbox:
        mailbox.refuse[EVE] = answer
        with pytest.raises(meant):
            await answering(mailbox).send(Letter())


@pytest.mark.parametrize(
    ("answer", "meant"), [("554 spam", MailRefused), ("452 full", MailDeferred)]
)
async def test_what_the_server_says_of_the_mail(answer: str, meant: type[Exception]) -> None:
    async with open_mailbox() as mailbox:
        mailbox.answers.append(answer)
        with pytest.raises(meant):
            await answering(mailbox).send(Letter())


async def test_nobody_there_is_no_fault_of_the_mail() -> None:
    with pytest.raises(ServerAway):
        await smtp(free_port()).send(Letter())


async def test_a_password_is_not_sent_in_clear_to_another_machine() -> None:
    async with open_mailbox() as mailbox:
        here = answering(mailbox)
        there = Smtp(host="0.0.0.0", port=here.port, user="u", password="p", sender=here.sender)
        with pytest.raises(ServerAway):
            await there.send(Letter())
        assert mailbox.received == []
