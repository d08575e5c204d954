"""Whoever ran an older system brings its environment: which of its names are understood?"""

from urllib.parse import unquote, urlsplit

import pytest

from infra.limits import RateLimiter
from infra.postgres import connect
from infra.settings import DIALECTS, Settings
from tests.infra.test_settings import KEYS, S3_KEYS, SECRET, problems

URL = "postgresql://u:p@db/tasks"


@pytest.mark.parametrize("name", ["DATABASE_URL", "NEON_DB_URL"])
@pytest.mark.parametrize(
    "spelling",
    ["postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2", "postgres"],
)
def test_the_spellings_of_a_database_url_mean_the_same(name: str, spelling: str) -> None:
    settings = Settings.from_env({name: URL.replace("postgresql", spelling), **KEYS})
    assert settings.database_url == URL


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
@pytest.mark.parametrize("query", ["sslmode=require", "ssl=require"])
def test_a_database_url_says_whether_it_is_encrypted(scheme: str, query: str) -> None:
    settings = Settings.from_env({"DATABASE_URL": f"{scheme}://u:p@db:5433/t?{query}", **KEYS})
    assert settings.database_url == "postgresql://u:p@db:5433/t?sslmode=require"


def test_what_only_libpq_knows_is_not_sent_to_the_server() -> None:
    url = f"{URL}?sslmode=require&channel_binding=require&options=endpoint%3Dep-1"
    settings = Settings.from_env({"NEON_DB_URL": url, **KEYS})
    assert settings.database_url == f"{URL}?sslmode=require&options=endpoint%3Dep-1"


def test_a_database_is_said_once() -> None:
    named = problems(DATABASE_URL=URL, NEON_DB_URL="postgresql://u:p@neon/tasks", **KEYS)
    assert named == ("NEON_DB_URL and DATABASE_URL are the same setting and differ: set one",)
    assert problems(DATABASE_URL=URL, DB_HOST="db", **KEYS) == (
        "DB_HOST and DATABASE_URL both say where a server is: set one",
    )


def test_a_database_by_the_other_name_needs_keys_too() -> None:
    named = problems(NEON_DB_URL=URL, TASKTRAIL_MASTER_KEY=KEYS["TASKTRAIL_MASTER_KEY"])
    assert [line.split(",")[0] for line in named] == ["SECRET_KEY is required with NEON_DB_URL"]
    assert problems(DB_HOST="db", SECRET_KEY=SECRET)[0].startswith("TASKTRAIL_MASTER_KEY is")


def test_a_database_may_be_said_in_parts() -> None:
    parts = {"HOST": "db.internal", "PORT": "5433", "NAME": "hub", "USER": "ann", "PASSWORD": "a/@"}
    settings = Settings.from_env({**{f"DB_{k}": v for k, v in parts.items()}, **KEYS})
    assert settings.database_url == "postgresql://ann:a%2F%40@db.internal:5433/hub"


def test_parts_that_are_not_said_are_those_of_the_older_system() -> None:
    settings = Settings.from_env({"DB_HOST": "::1", "REDIS_HOST": "cache", **KEYS})
    assert settings.database_url == "postgresql://postgres@[::1]:5432/full_stack"
    assert settings.redis_url == "redis://cache:6379/0"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"PORT": "6380", "DB": "2"}, "redis://cache:6380/2"),
        ({"PASSWORD": "pa:ss"}, "redis://:pa%3Ass@cache:6379/0"),
        ({"USER": "ann", "PASSWORD": "x"}, "redis://ann:x@cache:6379/0"),
    ],
)
def test_redis_may_be_said_in_parts(given: dict[str, str], url: str) -> None:
    named = {f"REDIS_{name}": value for name, value in given.items()}
    assert Settings.from_env({"REDIS_HOST": "cache", **named}).redis_url == url


def test_parts_without_a_host_are_refused_unless_there_is_a_url() -> None:
    """A cluster sets REDIS_PORT to an address for every service of that name."""
    port = {"REDIS_PORT": "tcp://10.0.0.1:6379"}
    assert Settings.from_env({"REDIS_URL": "redis://cache", **port}).redis_url == "redis://cache"
    assert problems(**port) == ("REDIS_PORT means nothing without REDIS_HOST: set both",)
    assert problems(DB_NAME="hub") == ("DB_NAME means nothing without DB_HOST: set both",)


@pytest.mark.parametrize(
    "text", ["https://a.example, http://b:3000/", '["https://a.example", "http://b:3000"]']
)
@pytest.mark.parametrize("name", ["CORS_ORIGINS", "ALLOWED_ORIGINS"])
def test_origins_come_with_commas_or_as_json_under_either_name(name: str, text: str) -> None:
    assert Settings.from_env({name: text}).cors_origins == ("https://a.example", "http://b:3000")


def test_origins_of_two_systems_stand_side_by_side() -> None:
    given = {"CORS_ORIGINS": "https://a.example", "ALLOWED_ORIGINS": '["https://b.example"]'}
    assert Settings.from_env(given).cors_origins == ("https://a.example", "https://b.example")


def test_the_object_store_may_be_set_by_the_names_of_an_older_system() -> None:
    aws = {
        "AWS_ACCESS_KEY_ID": "ann",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_BUCKET": "files",
        "AWS_REGION": "eu-south-1",
    }
    settings = Settings.from_env({"CUSTOM_S3_ENDPOINT_URL": "https://s3.example.org", **aws})
    assert settings.s3_endpoint_url == "https://s3.example.org"
    assert (settings.s3_access_key, settings.s3_secret_key) == ("ann", SECRET)
    assert (settings.s3_bucket, settings.s3_region) == ("files", "eu-south-1")
    assert Settings.from_env(aws).s3_endpoint_url == "https://s3.eu-south-1.amazonaws.com"


def test_keys_of_aws_alone_name_no_object_store() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "ann", "AWS_SECRET_ACCESS_KEY": SECRET}
    assert Settings.from_env(keys).s3_endpoint_url is None


def test_mail_is_set_by_the_names_of_an_older_system() -> None:
    given = {
        "SMTP_HOST": "smtp.example.org",
        "SMTP_PORT": "2525",
        "SMTP_USER": "ann",
        "SMTP_PASSWORD": "x",
        "EMAIL_FROM": "noreply@example.org",
    }
    settings = Settings.from_env(given)
    assert (settings.smtp_host, settings.smtp_port) == ("smtp.example.org", 2525)
    assert (settings.smtp_user, settings.smtp_password) == ("ann", "x")
    assert settings.email_from == "noreply@example.org"


@pytest.mark.parametrize("text", ["image/png, Text/plain", '["image/png", "text/plain"]'])
def test_uploads_are_limited_by_the_names_of_an_older_system(text: str) -> None:
    settings = Settings.from_env({"MAX_FILE_SIZE": "10485760", "ALLOWED_FILE_TYPES": text})
    assert settings.taskhub_max_file_bytes == 10 << 20
    assert settings.taskhub_file_types == ("image/png", "text/plain")


@pytest.mark.parametrize("name", ["ALGORITHM", "JWT_ALGORITHM"])
def test_tokens_are_signed_by_one_algorithm(name: str) -> None:
    assert Settings.from_env({name: "HS256"}).algorithm == "HS256"
    assert problems(**{name: "RS256"}) == (f"{name} must be HS256: tokens are signed by no other",)


def test_how_long_a_token_lasts_is_each_systems_own_unless_it_is_set() -> None:
    assert Settings.from_env({}).access_token_minutes is None
    assert Settings.from_env({"ACCESS_TOKEN_EXPIRE_MINUTES": "30"}).access_token_minutes == 30


@pytest.mark.parametrize("name", DIALECTS)
def test_one_older_system_may_answer_at_the_root(name: str) -> None:
    assert Settings.from_env({}).root_dialect is None
    assert Settings.from_env({"TASKTRAIL_ROOT_DIALECT": name}).root_dialect == name


def test_an_unknown_root_dialect_is_one_clear_line() -> None:
    assert problems(TASKTRAIL_ROOT_DIALECT="django") == (
        "TASKTRAIL_ROOT_DIALECT must be one of taskflow, todo, taskhub, phase3, taskmanager",
    )


ENVIRONMENTS = {
    "taskflow": {
        "DATABASE_URL": "postgresql://u:p@ep-1.neon.tech/flow?sslmode=require",
        "SECRET_KEY": "your-super-secret-key",
    },
    "todo": {
        "DATABASE_URL": "postgresql://user:password@host:5432/database?sslmode=require",
        "BETTER_AUTH_SECRET": "your_secure_random_secret_min_32_chars",
        "JWT_ALGORITHM": "HS256",
        "ALLOWED_ORIGINS": "https://your-frontend.vercel.app,https://your-frontend.com",
        "PORT": "7860",
        "HOST": "0.0.0.0",
    },
    "taskhub": {
        "APP_NAME": "TaskHub",
        "DEBUG": "false",
        "ALGORITHM": "HS256",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "1440",
        "DB_HOST": "localhost",
        "DB_PORT": "5432",
        "DB_NAME": "full_stack",
        "DB_USER": "postgres",
        "DB_PASSWORD": "newpassword",
        "REDIS_HOST": "localhost",
        "REDIS_PORT": "6379",
        "REDIS_DB": "0",
        "REDIS_USER": " ",
        "REDIS_PASSWORD": "",
        "AWS_ACCESS_KEY_ID": "",
        "AWS_BUCKET": "",
        "CUSTOM_S3_ENDPOINT_URL": "",
        "CORS_ORIGINS": "http://localhost:5173",
        "SMTP_HOST": "smtp.gmail.com",
        "SMTP_PORT": "587",
        "SMTP_USER": "",
        "EMAIL_FROM": "noreply@taskhub.com",
        "MAX_FILE_SIZE": "10485760",
        "ALLOWED_FILE_TYPES": "image/png,image/jpeg",
    },
    "phase3": {
        "BETTER_AUTH_SECRET": "your_better_auth_secret_here",
        "BETTER_AUTH_URL": "http://localhost:8000",
        "SECRET_KEY": "your_secret_key_here_must_be_32_chars_at_least",
        "ALGORITHM": "HS256",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "30",
        "NEON_DB_URL": "postgresql://username:password@ep-xxx.us-east-1.aws.neon.tech/todo_db",
        "ALLOWED_ORIGINS": '["*"]',
    },
    "taskmanager": {"ALGORITHM": "HS256", "ACCESS_TOKEN_EXPIRE_MINUTES": "60"},
}


@pytest.mark.parametrize("system", ENVIRONMENTS)
def test_the_environment_in_each_ones_manual_is_understood(system: str) -> None:
    """Together with the one key that none of them had."""
    given = ENVIRONMENTS[system]
    settings = Settings.from_env({**KEYS, **given})
    assert (settings.database_url is not None) == (system != "taskmanager")
    assert settings.port == int(given.get("PORT", "8000"))
    assert len(settings.cors_origins) == {"todo": 2, "taskhub": 1, "phase3": 1}.get(system, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEON_DB_URL", "mysql://db/tasks"),
        ("NEON_DB_URL", "postgresql://db/tasks?sslmode=please"),
        ("DB_HOST", "postgresql://db"),
        ("DB_PORT", "five"),
        ("REDIS_HOST", "a b"),
        ("REDIS_PORT", "0"),
        ("REDIS_DB", "first"),
        ("ALLOWED_ORIGINS", "a.example"),
        ("ALLOWED_ORIGINS", '{"a": 1}'),
        ("CUSTOM_S3_ENDPOINT_URL", "s3://files"),
        ("AWS_BUCKET", "Files"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "half an hour"),
        ("MAX_FILE_SIZE", "10MB"),
        ("ALLOWED_FILE_TYPES", "png"),
        ("SMTP_PORT", "smtp"),
        ("EMAIL_FROM", "nobody"),
        ("PORT", "seven"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_it_was_given(name: str, value: str) -> None:
    prefix = name.partition("_")[0]
    hosts = {f"{prefix}_HOST": "server"} if prefix in ("DB", "REDIS") else {}
    named = problems(**{**KEYS, **S3_KEYS, **hosts, name: value})
    assert [line.split()[0] for line in named] == [name]


def test_passwords_in_parts_are_not_in_refusals() -> None:
    assert "hush" not in str(problems(DB_HOST="a b", DB_PASSWORD="hush", **KEYS))
    assert "hush" not in repr(Settings.from_env({"DB_HOST": "db", "DB_PASSWORD": "hush", **KEYS}))


async def test_parts_and_spellings_lead_to_the_servers(postgres_url: str, redis_url: str) -> None:
    postgres, redis = urlsplit(postgres_url), urlsplit(redis_url)
    parts = {
        "DB_HOST": str(postgres.hostname),
        "DB_PORT": str(postgres.port),
        "DB_NAME": postgres.path.strip("/"),
        "DB_USER": unquote(postgres.username or ""),
        "DB_PASSWORD": unquote(postgres.password or ""),
        "REDIS_HOST": str(redis.hostname),
        "REDIS_PORT": str(redis.port),
        "REDIS_USER": unquote(redis.username or ""),
        "REDIS_PASSWORD": unquote(redis.password or ""),
    }
    base = postgres_url.partition("?")[0].replace("postgresql", "postgresql+asyncpg")
    for given in (parts, {"DATABASE_URL": f"{base}?ssl=prefer&channel_binding=prefer"}):
        settings = Settings.from_env({**KEYS, **given})
        assert settings.database_url is not None
        connection = await connect(settings.database_url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    url = Settings.from_env({**KEYS, **parts}).redis_url
    async with RateLimiter(url) as limiter:
        assert (await limiter.allow("parts", 5, 60)).allowed
        assert not limiter.away
