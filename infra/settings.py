"""What can be set from outside, to what, and what holds when it is not?"""

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

import msgspec

from infra import settings_values as read
from infra.settings_issuers import issuer_faults, key_set, systems
from infra.settings_parts import UNITED, put_together, said_twice, spellings
from infra.settings_values import Network

PREFIX = "TASKTRAIL_"
DIALECTS = ("taskflow", "todo", "taskhub", "phase3", "taskmanager")
HIDDEN = frozenset(
    {
        "database_url",
        "nats_url",
        "redis_url",
        "s3_secret_key",
        "master_key",
        "secret_key",
        "better_auth_secret",
        "smtp_password",
    }
)

# name in the environment: (field below, how its text is read)
TABLE: Mapping[str, tuple[str, Callable[[str], object]]] = {
    # servers; unset means the embedded one
    "DATABASE_URL": ("database_url", read.database_url),
    "NATS_URL": ("nats_url", read.urls("nats", "tls")),
    "REDIS_URL": ("redis_url", read.url("redis", "rediss")),
    "S3_ENDPOINT_URL": ("s3_endpoint_url", read.url("http", "https")),
    "S3_PUBLIC_URL": ("s3_public_url", read.url("http", "https")),
    "S3_ACCESS_KEY": ("s3_access_key", read.text()),
    "S3_SECRET_KEY": ("s3_secret_key", read.text()),
    "S3_BUCKET": ("s3_bucket", read.bucket),
    "S3_REGION": ("s3_region", read.text()),
    "TASKTRAIL_DATA": ("data", read.folder),
    "TASKTRAIL_SUBJECT_PREFIX": ("subject_prefix", read.subject),
    "TASKTRAIL_STREAM_MAX_AGE_HOURS": ("stream_max_age_hours", read.whole(1, 24 * 365)),
    "TASKTRAIL_STREAM_MAX_BYTES": ("stream_max_bytes", read.whole(1 << 20, 1 << 40)),
    "TASKTRAIL_POOL_SIZE": ("pool_size", read.whole(3, 20)),  # a rebuild alone needs 3
    "TASKTRAIL_POOL_WAIT_SECONDS": ("pool_wait_seconds", read.seconds(0.1, 60)),
    "TASKTRAIL_STATEMENT_SECONDS": ("statement_seconds", read.seconds(0.1, 600)),
    "TASKTRAIL_APPEND_QUEUE": ("append_queue", read.whole(1, 100_000)),
    "TASKTRAIL_LOG_LEVEL": ("log_level", read.one_of("debug", "info", "warning", "error")),
    # where we listen and to whom
    "HOST": ("host", read.text()),
    "PORT": ("port", read.whole(1, 65_535)),
    "CORS_ORIGINS": ("cors_origins", read.origins),
    "TASKTRAIL_ROOT_DIALECT": ("root_dialect", read.one_of(*DIALECTS)),
    "TASKTRAIL_TRUSTED_PROXIES": ("trusted_proxies", read.networks),
    # keys, tokens, passwords
    "TASKTRAIL_MASTER_KEY": ("master_key", read.key),
    "SECRET_KEY": ("secret_key", read.text(16)),
    "BETTER_AUTH_SECRET": ("better_auth_secret", read.text(16)),
    "TASKTRAIL_JWKS": ("jwks", key_set),
    "TASKTRAIL_JWKS_ISSUER": ("jwks_issuer", read.text()),
    "TASKTRAIL_JWKS_AUDIENCE": ("jwks_audience", read.text()),
    "TASKTRAIL_JWKS_SYSTEMS": ("jwks_systems", systems),
    "ALGORITHM": ("algorithm", read.algorithm),
    "ACCESS_TOKEN_EXPIRE_MINUTES": ("access_token_minutes", read.whole(1, 24 * 60)),
    "TASKTRAIL_REFRESH_DAYS": ("refresh_days", read.whole(1, 365)),
    "TASKTRAIL_BCRYPT_COST": ("bcrypt_cost", read.whole(4, 16)),
    "TASKTRAIL_MAX_PASSWORD_BYTES": ("max_password_bytes", read.whole(72, 4096)),
    # mail; without a server there is none
    "SMTP_HOST": ("smtp_host", read.text()),
    "SMTP_PORT": ("smtp_port", read.whole(1, 65_535)),
    "SMTP_USER": ("smtp_user", read.text()),
    "SMTP_PASSWORD": ("smtp_password", read.text()),
    "EMAIL_FROM": ("email_from", read.sender),
    "TASKTRAIL_TASK_URL": ("task_url", read.task_url),
    # rules
    "TASKTRAIL_REQUIRE_IF_MATCH": ("require_if_match", read.yes_or_no),
    "TASKTRAIL_COMMAND_RECORD_DAYS": ("command_record_days", read.whole(1, 365)),
    "TASKTRAIL_RATE_LIMIT": ("rate_limit", read.whole(0, 1_000_000)),
    "TASKTRAIL_LOGIN_LIMIT": ("login_limit", read.whole(1, 1_000)),
    "TASKTRAIL_CACHE_BYTES": ("cache_bytes", read.whole(0, 1 << 30)),
    "TASKTRAIL_TASKHUB_RATE_LIMIT": ("taskhub_rate_limit", read.whole(0, 1_000_000)),
    "TASKTRAIL_TASKMANAGER_LOGIN_LIMIT": ("taskmanager_login_limit", read.whole(0, 10_000)),
    "TASKTRAIL_TASKMANAGER_REGISTER_LIMIT": ("taskmanager_register_limit", read.whole(0, 10_000)),
    "TASKTRAIL_TASKMANAGER_TASK_LIMIT": ("taskmanager_task_limit", read.whole(0, 100_000)),
    "TASKTRAIL_TASKMANAGER_UPLOAD_LIMIT": ("taskmanager_upload_limit", read.whole(0, 100_000)),
    "MAX_FILE_SIZE": ("taskhub_max_file_bytes", read.whole(1024, 5 << 30)),
    "ALLOWED_FILE_TYPES": ("taskhub_file_types", read.media_types),
    # limits of a request
    "TASKTRAIL_MAX_BODY_BYTES": ("max_body_bytes", read.whole(1024, 64 << 20)),
    "TASKTRAIL_MAX_UPLOAD_BYTES": ("max_upload_bytes", read.whole(1024, 5 << 30)),
    "TASKTRAIL_MAX_DEPTH": ("max_depth", read.whole(4, 128)),
    "TASKTRAIL_MAX_ARRAY": ("max_array", read.whole(10, 100_000)),
    "TASKTRAIL_HEADER_SECONDS": ("header_seconds", read.seconds(1, 600)),
    "TASKTRAIL_BODY_SECONDS": ("body_seconds", read.seconds(1, 3600)),
    "TASKTRAIL_UPLOAD_SECONDS": ("upload_seconds", read.seconds(1, 3600)),
    "TASKTRAIL_REQUEST_SECONDS": ("request_seconds", read.seconds(1, 3600)),
    # limits of a live stream
    "TASKTRAIL_SOCKET_FRAME_BYTES": ("socket_frame_bytes", read.whole(1024, 1 << 20)),
    "TASKTRAIL_SOCKET_MESSAGES": ("socket_messages", read.whole(1, 10_000)),
    "TASKTRAIL_SOCKET_QUEUE": ("socket_queue", read.whole(10, 100_000)),
    "TASKTRAIL_HEARTBEAT_SECONDS": ("heartbeat_seconds", read.seconds(0.1, 3600)),
}


class BadSettings(Exception):
    """Names everything that is wrong with the environment, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str | None = None
    nats_url: str | None = None
    redis_url: str | None = None
    s3_endpoint_url: str | None = None
    s3_public_url: str | None = None  # where clients find it, if not there
    s3_access_key: str | None = None
    s3_secret_key: str | None = None
    s3_bucket: str = "tasktrail"
    s3_region: str = "us-east-1"
    data: Path
    subject_prefix: str = "tasktrail"
    stream_max_age_hours: int = 7 * 24
    stream_max_bytes: int = 1 << 30
    pool_size: int = 10
    pool_wait_seconds: float = 2.0
    statement_seconds: float = 4.5
    append_queue: int = 2_000
    log_level: str = "info"
    host: str = "127.0.0.1"
    port: int = 8000
    cors_origins: tuple[str, ...] = ()
    root_dialect: str | None = None  # which older system also answers at the root
    trusted_proxies: tuple[Network, ...] = ()
    master_key: bytes | None = None
    secret_key: str | None = None
    better_auth_secret: str | None = None  # of the tokens of /todo's and /phase3's frontends
    jwks: str | None = None  # keys of one more issuer: their URL, a file, or themselves
    jwks_issuer: str | None = None
    jwks_audience: str | None = None
    jwks_systems: tuple[str, ...] = ("todo", "phase3")  # where its tokens are good
    algorithm: str = "HS256"  # of tokens; there is no other
    access_token_minutes: int | None = None  # unset, 15 and each older system's own
    refresh_days: int = 14
    bcrypt_cost: int = 12
    max_password_bytes: int = 1024
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = None
    email_from: str = "Tasktrail <noreply@localhost>"
    task_url: str | None = None  # of a task in the frontend, for mails
    require_if_match: bool = False
    command_record_days: int = 30
    rate_limit: int = 6_000  # requests a minute and caller; 0 turns it off
    login_limit: int = 5  # bad ones a minute, account and address
    cache_bytes: int = 16 << 20  # of answers that a process keeps beside Valkey
    taskhub_rate_limit: int = 100  # below /taskhub, of each user or address
    taskhub_max_file_bytes: int = 10 << 20
    taskhub_file_types: tuple[str, ...] = (
        "image/png",
        "image/jpeg",
        "image/gif",
        "application/pdf",
        "application/msword",
        "text/plain",
        "application/zip",
    )
    taskmanager_login_limit: int = 5  # below /taskmanager, a minute and address; 0 turns it off
    taskmanager_register_limit: int = 10  # an hour and address
    taskmanager_task_limit: int = 100  # created an hour and user
    taskmanager_upload_limit: int = 20  # an hour and user
    max_body_bytes: int = 1 << 20
    max_upload_bytes: int = 25 << 20
    max_depth: int = 32
    max_array: int = 1_000
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    upload_seconds: float = 300.0  # for a body of files
    request_seconds: float = 30.0
    socket_frame_bytes: int = 64 << 10
    socket_messages: int = 20  # in, a second
    socket_queue: int = 1_000  # events out
    heartbeat_seconds: float = 15.0  # of silence, then a heartbeat

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """An empty value counts as unset, as compose files pass it."""
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        problems = [*_unknown(given), *said_twice(given)]
        given, faults = put_together(given)
        problems += faults
        found: dict[str, Any] = {"data": _default_data(given)}
        for name, (field, reader) in TABLE.items():
            for spelling in reversed([each for each in spellings(name) if each in given]):
                try:
                    value = reader(given[spelling])
                except ValueError as error:
                    problems.append(f"{spelling} {error}")
                else:
                    found[field] = _united(found.get(field), value) if name in UNITED else value
        problems += [*_missing(given), *issuer_faults(given)]
        if problems:
            raise BadSettings(problems)
        return cls(**found)

    def __rich_repr__(self) -> list[tuple[str, object]]:
        values = [(field, getattr(self, field)) for field in self.__struct_fields__]
        return [(f, "***" if value and f in HIDDEN else value) for f, value in values]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{k}={v!r}' for k, v in self.__rich_repr__())})"


def _unknown(given: Mapping[str, str]) -> list[str]:
    problems = []
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in TABLE:
            near = get_close_matches(name, TABLE, n=1)
            problems.append(f"{name} is not a setting{f'; is it {near[0]}?' if near else ''}")
    return problems


def _united(before: Any, more: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*more, *(before or ()))))


def _missing(given: Mapping[str, str]) -> list[str]:
    """Keys are made beside the embedded Postgres; another one outlives this machine's folder."""
    problems = []
    database = next((name for name in spellings("DATABASE_URL") if name in given), None)
    if database is not None:
        problems += [
            f"{name} is required with {database}, as from: openssl rand -base64 32"
            for name in ("TASKTRAIL_MASTER_KEY", "SECRET_KEY")
            if name not in given
        ]
    if any(spelling in given for spelling in spellings("S3_ENDPOINT_URL")):
        problems += [
            f"{name} is required with S3_ENDPOINT_URL"
            for name in ("S3_ACCESS_KEY", "S3_SECRET_KEY")
            if not any(spelling in given for spelling in spellings(name))
        ]
    return problems


def _default_data(given: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/tasktrail")
    home = Path(given["HOME"]) if "HOME" in given else Path.home()
    return home / ".local" / "share" / "tasktrail"
