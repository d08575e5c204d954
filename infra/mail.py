"""Handing a mail to a server, and what its answer means."""

from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from typing import Protocol

import aiosmtplib
import msgspec

from infra.clock import utc_now

_SECONDS = 20.0
_IMPLICIT_TLS = 465
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Mail(Protocol):
    """`message_id` without its brackets: the same for the same mail, however often it is sent."""

    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def message_id(self) -> str: ...


class _Subject(UnstructuredHeader, BaseHeader):
    """Encoded as a whole: word by word, the library loses spaces between those of other scripts."""

    def fold(self, *, policy: Policy) -> str:
        if self.isascii():
            return super().fold(policy=policy)
        folded = Header(str(self), "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {folded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_POLICY = EmailPolicy(header_factory=_HEADERS)


class MailRefused(Exception):
    """This mail will never be taken."""


class MailDeferred(Exception):
    """This mail may be taken later."""


class ServerAway(Exception):
    """No mail is taken now."""


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """A server to send by. With a user, and not on this machine, only encrypted: by STARTTLS, or
    from the start on port 465."""

    host: str
    port: int
    user: str | None
    password: str | None
    sender: str

    async def send(self, mail: Mail) -> None:
        """Once the server has taken it. Raises `MailRefused`, `MailDeferred` or `ServerAway`."""
        implicit = self.port == _IMPLICIT_TLS
        must = bool(self.user) and self.host not in _HERE
        try:
            await aiosmtplib.send(
                self._message(mail),
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=implicit,
                start_tls=False if implicit else True if must else None,
                timeout=_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise _meant(max(codes)) from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            raise _meant(error.code) from error
        except aiosmtplib.SMTPNotSupported as error:
            if mail.to.isascii():
                raise ServerAway(_told(error)) from error
            raise MailRefused("the server takes no such address") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerAway(_told(error)) from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(_POLICY)
        message["From"] = self.sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(utc_now())
        message["Message-ID"] = f"<{mail.message_id}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message


def _meant(code: int) -> Exception:
    """421 is about the connection; of the rest, 4xx may change and 5xx will not."""
    if code == aiosmtplib.SMTPStatus.domain_unavailable:
        return ServerAway(f"the server answers {code}")
    kind = MailRefused if code >= 500 else MailDeferred
    return kind(f"the server answers {code}")


def _told(error: BaseException) -> str:
    """Without the server's words, which may quote an address."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"
