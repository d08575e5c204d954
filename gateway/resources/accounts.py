"""An account, its sessions and the tokens of one, as the native API shows them."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from events.refusals import Invalid
from gateway.resources.text import END, LINE

MAX_EMAIL = 254

Email = Annotated[
    str, Meta(min_length=3, max_length=MAX_EMAIL, pattern=LINE, examples=["ada@example.org"])
]
Username = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=50,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*" + END,
        description="Letters, digits, dots, dashes and underscores; letter case is kept but "
        "makes no difference.",
        examples=["ada"],
    ),
]
FullName = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=LINE, examples=["Ada Lovelace"])
]
NewPassword = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=1024,
        description="8 characters to 1024 bytes of UTF-8.",
        examples=["correct horse battery"],
    ),
]
Password = Annotated[str, Meta(min_length=1, max_length=1024, examples=["correct horse battery"])]
Login = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_EMAIL,
        pattern=LINE,
        description="The e-mail or the username.",
        examples=["ada@example.org"],
    ),
]
Token = Annotated[str, Meta(min_length=1, max_length=1024)]


AvatarUrl = Annotated[
    str,
    Meta(
        max_length=2_000,
        pattern=r"^https?://[^\s\x00-\x1f\x7f]+" + END,
        examples=["https://example.org/ada.png"],
    ),
]


ProfileZone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=LINE,
        description="The IANA time zone in which you live: analytics count days by it, unless "
        "they are asked for another.",
        examples=["Europe/Rome"],
    ),
]
Locale = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=64,
        pattern=r"^[A-Za-z0-9-]+" + END,
        description="A language tag (BCP 47); it is kept as that recommends to write it.",
        examples=["de-AT"],
    ),
]


class AccountResource(msgspec.Struct, frozen=True, kw_only=True):
    """The account as it shows itself to its person. `number` is its integer id, for clients that
    need one."""

    id: UUID
    number: int
    email: str
    username: str | None
    full_name: str
    avatar_url: str | None
    time_zone: str | None
    locale: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of a session. `expires_in` and `refresh_expires_in` are in seconds; a refresh
    token is good for one refresh, whose answer has the next one."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    session: UUID
    account: AccountResource


class SessionResource(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that has not ended. `current` is the one that asks; `used_at` is when it was
    opened or last refreshed."""

    id: UUID
    current: bool
    address: str | None
    user_agent: str | None
    opened_at: datetime
    used_at: datetime


def email_in(text: str, field: str = "email") -> str:
    """The address as mail systems write it. Raises `Invalid` naming `field`; only the form is
    checked."""
    from email_validator import EmailNotValidError, validate_email  # with idna and its tables

    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise Invalid(
            "must be an e-mail address such as ada@example.org", code="not-an-email", field=field
        ) from None
    return found.normalized


def line_in(text: str, field: str) -> str:
    """One line of text without what nobody sees around it. Raises `Invalid` naming `field`."""
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
        raise Invalid("must be one line without control characters", field=field)
    line = text.strip()
    if not line:
        raise Invalid("must not be blank", field=field)
    return line
