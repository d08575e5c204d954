"""A mail server for tests, on a port of this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope


class Mailbox:
    """`received` is what arrived, taken or not. `refuse` says what an address is answered;
    `answers` are given to the next mails instead of 250. While `held`, a mail that has arrived
    waits for its answer."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.answers: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self._arrived = asyncio.Condition()

    async def arrived(self, count: int = 1, within: float = 20.0) -> list[EmailMessage]:
        """Once so many have arrived."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= count)
        return list(self.received)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        async with self._arrived:
            self.received.append(message)
            self._arrived.notify_all()
        await self.open.wait()
        return self.answers.pop(0) if self.answers else "250 OK"


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    mailbox, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        mailbox.open.set()
        server.close()
        await server.wait_closed()


def parts_of(message: EmailMessage) -> tuple[str, str]:
    """Its text and its HTML."""
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    lines = [part.get_content().replace("\r\n", "\n") for part in (text, html)]
    return lines[0], lines[1]
