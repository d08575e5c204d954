"""Which account is that of somebody whom another issuer vouches for? Made when they first come."""

import unicodedata
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from commands.accounts import (
    IDENTITY,
    LinkIdentity,
    RegisterAccount,
    identity_value,
    normal,
)
from commands.base import Command
from commands.handler import Handler
from commands.workspaces import CreateWorkspace
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id, personal_workspace_of
from events.refusals import Conflict, Invalid
from gateway.resources.accounts import email_in
from gateway.signatures import Claims

ATTEMPTS = 5
MAX_NAME = 255


class Outsiders:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def account_of(self, issuer: str, subject: str, claims: Claims) -> UUID:
        """The same for all who ask at once: the identity is claimed with the account."""
        email = email_of(claims)
        for _ in range(ATTEMPTS):
            known = await self._handler.claimed_by(IDENTITY, identity_value(issuer, subject))
            if known is not None:
                return known
            if email and await self._handler.claimed_by("email", normal(email)):
                email = ""
            try:
                return await self._begin(issuer, subject, email, name_of(claims, subject))
            except Conflict as conflict:
                if conflict.field not in (IDENTITY, "email"):
                    raise
        raise Conflict("others keep registering the same; try again", code="contention")

    async def _begin(self, issuer: str, subject: str, email: str, name: str) -> UUID:
        account = new_id()
        commands: Sequence[Command] = [
            RegisterAccount(stream=account, email=email, full_name=name),
            LinkIdentity(stream=account, issuer=issuer, subject=subject),
            CreateWorkspace(
                stream=personal_workspace_of(account), owner=account, name="Personal", personal=True
            ),
        ]
        caller = Caller(account=account)
        request = CommandRequest(caller=caller, command_id=new_id(), correlation=new_id())
        await self._handler.handle(commands, request)
        return account


def email_of(claims: Claims) -> str:
    """Empty where there is none, or the issuer itself has not seen that it is theirs."""
    given: Any = claims.get("email")
    if not isinstance(given, str) or claims.get("email_verified") is False:
        return ""
    try:
        return email_in(given)
    except Invalid:
        return ""


def name_of(claims: Claims, subject: str) -> str:
    given: Any = claims.get("name")
    text = given if isinstance(given, str) else ""
    seen = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    return " ".join(seen.split())[:MAX_NAME].strip() or subject[:MAX_NAME]
