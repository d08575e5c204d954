"""What does the environment decide, and what is refused?"""

import ast
import base64
from pathlib import Path

import pytest

from infra.settings import HIDDEN, TABLE, BadSettings, Settings
from tests.support.repository import nodes

KEY = base64.b64encode(bytes(range(32))).decode()
SECRET = "a secret of some length"
KEYS = {"TASKTRAIL_MASTER_KEY": KEY, "SECRET_KEY": SECRET}
S3_KEYS = {"S3_ACCESS_KEY": "tasktrail", "S3_SECRET_KEY": SECRET}
READ_BY_NOBODY = {"algorithm"}  # there is one only, so that any other value is refused


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env(environ)
    return refused.value.problems


def test_an_empty_environment_means_embedded_servers_on_port_8000() -> None:
    settings = Settings.from_env({"HOME": "/home/ann"})
    assert settings.database_url is settings.nats_url is settings.redis_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.master_key is None
    assert settings.secret_key is None


def test_data_goes_under_the_home_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert Settings.from_env({"HOME": "/home/ann"}).data == Path("/home/ann/.local/share/tasktrail")


def test_data_goes_under_var_lib_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert Settings.from_env({"HOME": "/root"}).data == Path("/var/lib/tasktrail")


def test_every_field_can_be_set_and_every_setting_has_a_field() -> None:
    assert sorted(field for field, _ in TABLE.values()) == sorted(Settings.__struct_fields__)


def test_every_setting_is_read_somewhere() -> None:
    read = {
        node.attr
        for path, node in nodes()
        if not str(path).startswith(("tests/", "infra/settings"))
        and isinstance(node, ast.Attribute)
        and named_settings(node.value)
    }
    assert set(Settings.__struct_fields__) - read == READ_BY_NOBODY


def named_settings(node: ast.expr) -> bool:
    """`settings`, `self._settings`, `log.settings`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.removeprefix("_") == "settings"
    return False


def test_a_cluster_of_nats_servers_is_a_list() -> None:
    settings = Settings.from_env({"NATS_URL": "nats://a:4222, nats://b:4222"})
    assert settings.nats_url == "nats://a:4222,nats://b:4222"


def test_a_foreign_database_needs_both_keys() -> None:
    named = problems(DATABASE_URL="postgresql://db/tasks")
    assert [line.split()[0] for line in named] == ["TASKTRAIL_MASTER_KEY", "SECRET_KEY"]


def test_a_foreign_object_store_needs_both_keys() -> None:
    named = problems(S3_ENDPOINT_URL="https://s3.example.org")
    assert [line.split()[0] for line in named] == ["S3_ACCESS_KEY", "S3_SECRET_KEY"]


def test_the_master_key_is_32_bytes() -> None:
    assert Settings.from_env(KEYS).master_key == bytes(range(32))
    assert "32 bytes" in problems(TASKTRAIL_MASTER_KEY=KEY[:-8])[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/tasks"),
        ("DATABASE_URL", "postgresql://db:no/tasks"),
        ("NATS_URL", "http://nats:4222"),
        ("NATS_URL", "ws://nats:8080"),
        ("REDIS_URL", "localhost:6379"),
        ("S3_ENDPOINT_URL", "s3://bucket"),
        ("S3_BUCKET", "Files"),
        ("S3_BUCKET", "a/b"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("SECRET_KEY", "fifteen letters"),
        ("CORS_ORIGINS", "a.example"),
        ("CORS_ORIGINS", '["https://a.example"'),
        ("TASKTRAIL_REQUIRE_IF_MATCH", "maybe"),
        ("TASKTRAIL_SUBJECT_PREFIX", "task trail"),
        ("TASKTRAIL_SUBJECT_PREFIX", "tasks.>"),
        ("TASKTRAIL_LOG_LEVEL", "loud"),
        ("TASKTRAIL_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TASKTRAIL_POOL_SIZE", "2"),
        ("TASKTRAIL_POOL_SIZE", "21"),
        ("TASKTRAIL_BCRYPT_COST", "3"),
        ("TASKTRAIL_RATE_LIMIT", "-1"),
        ("TASKTRAIL_POOL_WAIT_SECONDS", "nan"),
        ("TASKTRAIL_TASK_URL", "https://example.org/tasks"),
        ("TASKTRAIL_TASK_URL", "/tasks/{task}"),
        ("TASKTRAIL_TASK_URL", "javascript:open({task})"),
        ("TASKTRAIL_TASK_URL", "https://example.org/{task}/{version}"),
        ("TASKTRAIL_TASK_URL", "https://example.org/ {task}"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    given = {name: value} | (KEYS if name == "DATABASE_URL" else {})
    given |= S3_KEYS if name == "S3_ENDPOINT_URL" else {}
    assert [line.split()[0] for line in problems(**given)] == [name]


def test_all_bad_settings_are_named_at_once() -> None:
    assert problems(TASKTRAIL_POOLSIZE="5", PORT="x", TASKTRAIL_BCRYPT_COST="99") == (
        "TASKTRAIL_POOLSIZE is not a setting; is it TASKTRAIL_POOL_SIZE?",
        "PORT must be a whole number from 1 to 65535",
        "TASKTRAIL_BCRYPT_COST must be a whole number from 4 to 16",
    )


def test_an_empty_value_is_no_value() -> None:
    assert (
        Settings.from_env({"PORT": "", "DATABASE_URL": " ", "TASKTRAIL_MASTER_KEY": ""}).port
        == 8000
    )


def test_secrets_are_not_in_the_repr_nor_in_refusals() -> None:
    shown = repr(
        Settings.from_env({"DATABASE_URL": "postgresql://u:hush@db/t", "PORT": "81", **KEYS})
    )
    assert "port=81" in shown
    assert not any(secret in shown for secret in ("hush", SECRET, KEY, repr(bytes(range(32)))))
    assert "hush" not in str(problems(DATABASE_URL="mysql://u:hush@db/t"))


def test_what_is_hidden_exists() -> None:
    assert set(Settings.__struct_fields__) >= HIDDEN
