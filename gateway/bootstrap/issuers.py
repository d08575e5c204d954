"""Whose tokens are good here beside ours, and where?"""

from collections.abc import Sequence

from gateway.issuers import BETTER_AUTH, Issuer, SharedSecret
from gateway.key_sets import KeySet
from infra.key_sets import key_source
from infra.settings import Settings

# A frontend that holds the secret may sign for its own users only, and only where they are.
OF_FRONTENDS = frozenset({"todo", "phase3"})


def issuers_of(settings: Settings) -> Sequence[Issuer]:
    found = []
    if settings.better_auth_secret is not None:
        secret = SharedSecret(settings.better_auth_secret)
        found.append(Issuer(BETTER_AUTH, OF_FRONTENDS, secret))
    if settings.jwks is not None and settings.jwks_issuer is not None:
        found.append(
            Issuer(
                settings.jwks_issuer,
                frozenset(settings.jwks_systems),
                KeySet(key_source(settings.jwks)),
                issuer=settings.jwks_issuer,
                audience=settings.jwks_audience,
            )
        )
    return found
