"""Whom another issuer vouches for, and which account is theirs."""

from uuid import uuid4

import pytest

from commands.accounts import ACCOUNTS, LinkIdentity, claims, identity_value, secrets
from commands.base import Claim
from events.accounts import AccountRegistered, IdentityLinked
from events.refusals import NotFound
from tests.support.given import given

ADA = uuid4()
REGISTERED = AccountRegistered(email="", username=None, full_name="Ada")
LINKED = IdentityLinked(issuer="better-auth", subject="kW3x9")
LINK = LinkIdentity(stream=ADA, issuer="better-auth", subject="kW3x9")


def test_an_identity_is_linked_once() -> None:
    assert given(ACCOUNTS, [REGISTERED]).when(LINK, ADA) == [LINKED]
    assert given(ACCOUNTS, [REGISTERED, LINKED]).when(LINK, ADA) == []
    assert secrets(LINK) == []


def test_nobody_links_an_identity_to_the_account_of_somebody_else() -> None:
    for who in (uuid4(), None):
        with pytest.raises(NotFound):
            given(ACCOUNTS, [REGISTERED]).when(LINK, who)
    with pytest.raises(NotFound):
        given(ACCOUNTS).when(LINK, ADA)


def test_an_identity_belongs_to_one_account_letter_by_letter() -> None:
    assert claims(ACCOUNTS.initial, LINKED) == [Claim("identity", "better-auth\nkW3x9")]
    assert identity_value("better-auth", "kw3x9") != identity_value("better-auth", "kW3x9")
