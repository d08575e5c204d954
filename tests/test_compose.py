"""Does docker-compose.yml describe a system that starts, with settings that exist?"""

import base64
import re
from typing import Any

import pytest
import yaml

from gateway.cli import parser
from infra.settings import TABLE, Settings
from infra.settings_parts import ALIASES
from tests.support.repository import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "worker")
SERVERS = ("postgres", "nats", "valkey", "s3")
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[-?])(?P<text>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$")


@pytest.mark.parametrize("service", OURS)
def test_every_setting_that_is_passed_exists(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= {*TABLE, *ALIASES}


@pytest.mark.parametrize("service", OURS)
def test_every_required_setting_is_passed(service: str) -> None:
    settings = Settings.from_env(environment(service, with_values=True))
    for url in ("database_url", "nats_url", "redis_url", "s3_endpoint_url"):
        assert getattr(settings, url), f"{url} would ask for an embedded server"


@pytest.mark.parametrize("service", OURS)
def test_settings_that_compose_leaves_open_are_unset(service: str) -> None:
    environ = {"TASKTRAIL_MASTER_KEY": sample("TASKTRAIL_MASTER_KEY")}
    settings = Settings.from_env(environment(service, with_values=False) | environ)
    assert settings.cors_origins == ()


@pytest.mark.parametrize("service", OURS)
def test_both_call_the_command_line_as_it_is(service: str) -> None:
    program, *arguments = SERVICES[service]["healthcheck"]["test"][1:]
    calls = [SERVICES[service]["command"], *([arguments] if program == "tasktrail" else [])]
    for call in calls:
        assert parser().parse_args(call), "else it exits"


def test_both_run_on_the_same_settings() -> None:
    api, worker = (environment(service, with_values=True) for service in OURS)
    assert worker.items() <= api.items()
    assert api.keys() - worker.keys() == {"HOST", "PORT"}


def test_the_servers_are_all_that_can_be_embedded_and_have_versions() -> None:
    assert set(SERVICES) == {*OURS, *SERVERS}
    assert [name for name in SERVERS if not re.search(r":v?\d", SERVICES[name]["image"])] == []
    assert SERVICES["postgres"]["image"].startswith("postgres:18")


@pytest.mark.parametrize("service", [*SERVERS, *OURS])
def test_every_service_says_whether_it_is_well(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("service", OURS)
def test_ours_start_when_every_server_is_well(service: str) -> None:
    waiting = SERVICES[service]["depends_on"]
    assert waiting == {name: {"condition": "service_healthy"} for name in SERVERS}


@pytest.mark.parametrize("service", ["postgres", "nats", "s3"])
def test_what_must_outlive_a_container_lies_in_a_volume(service: str) -> None:
    [volume] = SERVICES[service]["volumes"]
    assert volume.split(":")[0] in COMPOSE["volumes"]


def test_only_the_api_can_be_reached_from_outside() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["api"]
    assert SERVICES["api"]["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8000"]


def test_secrets_stand_nowhere_in_clear() -> None:
    variables = {found["name"]: found["kind"] for found in VARIABLE.finditer(TEXT)}
    secrets = {name for name in variables if SECRET.search(name)}
    assert secrets >= {"POSTGRES_PASSWORD", "TASKTRAIL_MASTER_KEY", "SECRET_KEY"}
    others = {"SMTP_PASSWORD", "BETTER_AUTH_SECRET"}
    assert {name for name in secrets if variables[name] != "?"} == others, (
        "those of servers which are not ours and may not exist"
    )
    clear = [
        f"{service}: {name}"
        for service, description in SERVICES.items()
        for name, value in description.get("environment", {}).items()
        if (SECRET.search(name) or ("://" in str(value) and "@" in str(value)))
        and not (VARIABLE.search(str(value)) or name.endswith("ACCESS_KEY"))
    ]
    assert not clear


def test_every_secret_is_one_that_the_instructions_make() -> None:
    instructions = TEXT.split("x-tasktrail:")[0]
    needed = {found["name"] for found in VARIABLE.finditer(TEXT) if found["kind"] == "?"}
    assert [name for name in needed if not re.search(rf"\b{name}\b", instructions)] == []


def environment(service: str, *, with_values: bool) -> dict[str, str]:
    """As the service gets it: with every variable set, or with the required ones only."""

    def value(found: re.Match[str]) -> str:
        if found["kind"] == "?":
            return sample(found["name"])
        return found["text"] or (sample(found["name"]) if with_values else "")

    passed: dict[str, str] = SERVICES[service]["environment"]
    return {name: VARIABLE.sub(value, str(text)) for name, text in passed.items()}


def sample(name: str) -> str:
    if name == "TASKTRAIL_MASTER_KEY":
        return base64.b64encode(bytes(32)).decode()
    urls = {
        "CORS_ORIGINS": "https://tasks.example.org",
        "S3_PUBLIC_URL": "https://files.example.org",
        "SMTP_PORT": "587",
        "EMAIL_FROM": "Tasktrail <noreply@example.org>",
        "TASKTRAIL_TASK_URL": "https://tasks.example.org/{task}",
        "TASKTRAIL_ROOT_DIALECT": "todo",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "60",
        "BETTER_AUTH_SECRET": "what the frontends' server signs with",
    }
    return urls.get(name, "0123456789abcdef" * 3)
