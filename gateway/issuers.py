"""Which tokens does each system take, beside those that we issue ourselves?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from events.refusals import Unauthenticated
from gateway.signatures import SHARED, Claims, Header, Signer, invalid

NATIVE = "v1"
BETTER_AUTH = "better-auth"
Meaning = Literal["id", "email", "username", "outsider"]

# In the older systems' paths a user stands where these do.
RESERVED = frozenset(
    {
        *("auth", "tasks", "analytics", "notifications", "health"),
        *("v1", "docs", "redoc", "openapi.json", "ws"),
    }
)


@dataclass(frozen=True)
class Accepts:
    """`older` is what may be the subject of a token that the replaced server signed with the
    same key as we do, in the order in which it is tried; none of them and such a token is not
    taken. `subject` are the claims that name it. `outside_first` says whose key is tried first.
    Tokens of others may be `endless`. What we issued to a frontend of one system is good there
    and nowhere else, but for those that `also` names."""

    older: Sequence[Meaning] = ()
    subject: Sequence[str] = ("sub",)
    outside_first: bool = False
    endless: bool = False
    also: Sequence[str] = ()


ACCEPTED: Mapping[str, Accepts] = {
    NATIVE: Accepts(also=("taskhub",)),  # its people share a workspace, and see it here too
    "taskflow": Accepts(older=("email",)),
    "todo": Accepts(older=("id", "outsider"), outside_first=True, endless=True),
    "taskhub": Accepts(older=("id",)),
    "phase3": Accepts(older=("id", "outsider"), subject=("sub", "user_id")),
    "taskmanager": Accepts(older=("username",)),
}


class Keys(Protocol):
    async def fitting(self, header: Header) -> Sequence[Any]:
        """Raises `Unavailable` when nobody can say which keys there are."""
        ...


class SharedSecret:
    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    async def fitting(self, header: Header) -> Sequence[Any]:
        return [self._key] if header.algorithm == SHARED else []


@dataclass(frozen=True)
class Issuer:
    """A server of others that signs tokens, and the systems where they are good. Whom it knows
    is told apart by its `name`, for ever. `issuer` and `audience` are what its tokens must say."""

    name: str
    systems: frozenset[str]
    keys: Keys
    issuer: str | None = None
    audience: str | None = None

    async def signers(self, header: Header) -> Sequence[Signer]:
        return [
            Signer(self.name, header.algorithm, key, self.issuer, self.audience)
            for key in await self.keys.fitting(header)
        ]


def subject_in(claims: Claims, names: Sequence[str]) -> str:
    """Raises `Unauthenticated`."""
    subject = next((claims[name] for name in names if claims.get(name)), None)
    if subject is None:
        raise Unauthenticated("the token names nobody", code="subject-missing")
    if not isinstance(subject, str) or not subject.isprintable():
        raise invalid("its subject is no text that can be shown")
    if subject in RESERVED:
        raise invalid("its subject is a word that paths need")
    return subject
