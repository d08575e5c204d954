"""Whose tokens may be taken, as it is set."""

import pytest

from infra.settings import BadSettings, Settings

SECRET = "what the frontends' server signs with"
KEYS = "https://id.example.org/jwks"
ISSUER = {"TASKTRAIL_JWKS": KEYS, "TASKTRAIL_JWKS_ISSUER": "https://id.example.org"}


def test_nobody_elses_tokens_are_taken_by_default() -> None:
    settings = Settings.from_env({})
    assert (settings.better_auth_secret, settings.jwks) == (None, None)


def test_secrets_of_others_are_not_shown() -> None:
    settings = Settings.from_env({"BETTER_AUTH_SECRET": SECRET})
    assert settings.better_auth_secret == SECRET
    assert SECRET not in repr(settings)


def test_an_issuers_keys_are_good_where_frontends_have_their_own_users() -> None:
    settings = Settings.from_env(ISSUER)
    assert (settings.jwks, settings.jwks_issuer) == (KEYS, "https://id.example.org")
    assert settings.jwks_systems == ("todo", "phase3")
    more = {"TASKTRAIL_JWKS_SYSTEMS": "v1, todo", "TASKTRAIL_JWKS_AUDIENCE": "tasktrail"}
    assert Settings.from_env({**ISSUER, **more}).jwks_systems == ("v1", "todo")


@pytest.mark.parametrize("keys", ['{"keys": []}', "keys.json", "http://127.0.0.1:3000/api/jwks"])
def test_keys_may_be_set_as_such_as_a_file_or_as_a_url(keys: str) -> None:
    found = Settings.from_env({**ISSUER, "TASKTRAIL_JWKS": keys}).jwks
    assert found is not None
    assert found.endswith(keys)


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"BETTER_AUTH_SECRET": "short"}, "BETTER_AUTH_SECRET must have at least 16 characters"),
        (
            {"BETTER_AUTH_SECRET": SECRET, "SECRET_KEY": SECRET},
            "BETTER_AUTH_SECRET must not be the SECRET_KEY too",
        ),
        ({"TASKTRAIL_JWKS": KEYS}, "TASKTRAIL_JWKS_ISSUER is required"),
        ({**ISSUER, "TASKTRAIL_JWKS": '{"keys": {}}'}, "TASKTRAIL_JWKS must be a JSON Web Key Set"),
        ({**ISSUER, "TASKTRAIL_JWKS": "{"}, "TASKTRAIL_JWKS must be a JSON Web Key Set"),
        ({**ISSUER, "TASKTRAIL_JWKS": "ftp://a.b/c"}, "TASKTRAIL_JWKS must be a URL"),
        (
            {**ISSUER, "TASKTRAIL_JWKS_SYSTEMS": "taskhub"},
            "TASKTRAIL_JWKS_SYSTEMS must list some of todo, phase3, v1",
        ),
        ({**ISSUER, "TASKTRAIL_JWKS_SYSTEMS": "v1"}, "TASKTRAIL_JWKS_AUDIENCE is required"),
        (
            {"TASKTRAIL_JWKS_AUDIENCE": "x"},
            "TASKTRAIL_JWKS_AUDIENCE means nothing without TASKTRAIL_JWKS",
        ),
    ],
)
def test_what_does_not_fit_is_named(environment: dict[str, str], problem: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env(environment)
    [line] = refused.value.problems
    assert line.startswith(problem)
