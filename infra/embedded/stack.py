"""Which embedded servers does an installation need, and how do its processes find them?"""

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.embedded.folder import is_held, kept_secret, write_private
from infra.embedded.nats import EmbeddedNats
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.s3 import EmbeddedS3
from infra.embedded.server import EmbeddedServer
from infra.embedded.valkey import EmbeddedValkey
from infra.settings import Settings
from infra.settings_parts import ALIASES

# in the order in which they start; a configured URL replaces one
SERVERS: Mapping[str, type[EmbeddedServer]] = {
    "DATABASE_URL": EmbeddedPostgres,
    "NATS_URL": EmbeddedNats,
    "REDIS_URL": EmbeddedValkey,
    "S3_ENDPOINT_URL": EmbeddedS3,
}


def needed_servers(settings: Settings) -> dict[str, EmbeddedServer]:
    """By the variable that each one's URL is given in."""
    return {
        name: server(settings.data)
        for name, server in SERVERS.items()
        if getattr(settings, name.lower()) is None
    }


def addresses(servers: Mapping[str, EmbeddedServer]) -> dict[str, str]:
    """How our processes find them, once they run."""
    found = {name: server.url for name, server in servers.items()}
    for server in servers.values():
        found |= server.credentials
    return found


def with_found(environ: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """What was found replaces what is set, under whatever name."""
    kept = {name: value for name, value in environ.items() if ALIASES.get(name) not in found}
    return {**kept, **found}


def generated_keys(settings: Settings) -> dict[str, str]:
    """The keys that settings leave open, made once and kept beside the embedded Postgres."""
    folder = settings.data / "secrets"
    keys = {}
    if settings.master_key is None:
        keys["TASKTRAIL_MASTER_KEY"] = kept_secret(folder / "master-key", _key)
    if settings.secret_key is None:
        keys["SECRET_KEY"] = kept_secret(folder / "secret-key")
    return keys


def announce(data_dir: Path, environment: Mapping[str, str]) -> None:
    """Leave word for commands that another shell runs on the same data."""
    write_private(data_dir / "running.json", json.dumps(environment))


def announced(data_dir: Path) -> dict[str, str] | None:
    """What the running supervisor announced; None when none runs, whatever it left behind."""
    if not is_held(data_dir / "supervisor.lock"):
        return None
    try:
        found: dict[str, str] = json.loads((data_dir / "running.json").read_text())
    except FileNotFoundError:  # it has just begun
        return None
    return found


def forget_announced(data_dir: Path) -> None:
    """What was announced in an earlier life holds no more."""
    (data_dir / "running.json").unlink(missing_ok=True)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
