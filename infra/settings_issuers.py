"""Whose tokens are taken beside our own, and does what is set for that fit together?"""

import json
from collections.abc import Mapping

from infra import settings_values as read

SYSTEMS = ("todo", "phase3", "v1")


def key_set(value: str) -> str:
    """A URL, a file, or the document itself (RFC 7517, 5)."""
    if value.startswith("{"):
        try:
            keys = json.loads(value).get("keys")
        except (ValueError, RecursionError):
            keys = None
        if not isinstance(keys, list):
            raise ValueError("must be a JSON Web Key Set: an object whose `keys` is a list")
        return value
    if "://" in value:
        return read.url("http", "https")(value)
    return str(read.folder(value))


def systems(value: str) -> tuple[str, ...]:
    found = read.words(value)
    if not found or not set(found) <= set(SYSTEMS):
        raise ValueError(f"must list some of {', '.join(SYSTEMS)}")
    return found


def issuer_faults(given: Mapping[str, str]) -> list[str]:
    problems = []
    if given.get("BETTER_AUTH_SECRET", "") == given.get("SECRET_KEY"):
        problems.append(
            "BETTER_AUTH_SECRET must not be the SECRET_KEY too: who signs for a frontend's users"
            " could sign for everybody"
        )
    if "TASKTRAIL_JWKS" in given:
        if "TASKTRAIL_JWKS_ISSUER" not in given:
            problems.append(
                "TASKTRAIL_JWKS_ISSUER is required with TASKTRAIL_JWKS: the iss of its tokens"
            )
        native = "v1" in given.get("TASKTRAIL_JWKS_SYSTEMS", "")
        if native and "TASKTRAIL_JWKS_AUDIENCE" not in given:
            problems.append(
                "TASKTRAIL_JWKS_AUDIENCE is required for v1 in TASKTRAIL_JWKS_SYSTEMS: else what"
                " that issuer signs for others would be taken too"
            )
    else:
        problems += [
            f"{name} means nothing without TASKTRAIL_JWKS: set both"
            for name in (f"TASKTRAIL_JWKS_{each}" for each in ("ISSUER", "AUDIENCE", "SYSTEMS"))
            if name in given
        ]
    return problems
