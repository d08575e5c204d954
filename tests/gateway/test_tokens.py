"""What tokens prove, and what they do not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from events.envelope import Caller
from events.refusals import Unauthenticated
from gateway.tokens import AccessTokens, RefreshToken

KEY = "a secret key for tests of tokens"
ACCOUNT, SESSION = uuid4(), uuid4()
TOKENS = AccessTokens(KEY, timedelta(minutes=15))


def signed(key: str = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    """A token like ours, changed in some way; a claim of None is left out."""
    headers = changes.pop("headers", None)
    now = int(datetime.now(UTC).timestamp())
    claims = {"sub": str(ACCOUNT), "sid": str(SESSION), "iat": now, "exp": now + 3600, **changes}
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(given, key, algorithm, headers=headers)


def test_a_token_stands_for_its_account_and_session_until_it_expires() -> None:
    now = datetime.now(UTC)
    caller, expires = TOKENS.verify(TOKENS.sign(ACCOUNT, SESSION, now))
    assert caller == Caller(account=ACCOUNT, session=SESSION)
    assert expires == int((now + timedelta(minutes=15)).timestamp())


def test_an_expired_token_says_so() -> None:
    old = TOKENS.sign(ACCOUNT, SESSION, datetime.now(UTC) - timedelta(minutes=16))
    with pytest.raises(Unauthenticated) as refused:
        TOKENS.verify(old)
    assert refused.value.code == "token-expired"


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": str(ACCOUNT), "sid": str(SESSION)})
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b".".join((*coded, b"")).decode()


@pytest.mark.parametrize(
    "token",
    [
        signed(key="another secret key, as long as it"),
        signed(algorithm="HS512", key=KEY * 2),
        signed(algorithm="HS384", key=KEY * 2),
        signed(sub=None),
        signed(sid=None),
        signed(exp=None),
        signed(iat=None),
        signed(sub="ada"),
        signed(sid="1"),
        signed(aud="somebody else"),
        signed(nbf=2**40),
        signed(headers={"crit": ["b64"], "b64": True}),
        signed(headers={"crit": ["exp"]}),
        signed(headers={"crit": []}),
        unsigned(),
        signed()[:-2],
        "",
        "a.b.c",
        "ä",
        "\ud800",
    ],
)
def test_a_token_that_is_not_ours_in_every_way_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        TOKENS.verify(token)
    assert refused.value.code == "token-invalid"


def test_a_refresh_token_survives_its_text() -> None:
    token = RefreshToken.of(SESSION)
    assert RefreshToken.parse(token.text) == token
    assert token.text not in repr(token.kept())
    for text in ("", "a", "ä", token.text[:-4], token.text + "AAAA", "\ud800", "*" * 86):
        assert RefreshToken.parse(text) is None


def test_every_token_of_a_family_is_told_from_a_guess() -> None:
    first = RefreshToken.of(SESSION)
    second = first.next()
    third = second.next()
    stored = third.kept(second)
    assert third.compared(stored) == "current"
    assert second.compared(stored) == "previous"
    assert first.compared(stored) == "older"
    assert RefreshToken.of(SESSION).compared(stored) == "unknown"


def test_only_the_used_token_opens_the_one_that_follows() -> None:
    first = RefreshToken.of(SESSION)
    second = first.next()
    stored = second.kept(first)
    assert first.follower(stored) == second
    assert second.secret not in stored
    with pytest.raises(ValueError, match="seal"):
        RefreshToken.of(SESSION).follower(stored)
