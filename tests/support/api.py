"""Settings for an API in this process, and who signs in there."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from infra.settings import Settings
from tests.support.log import MASTER_KEY

SECRET_KEY = "a secret key for tests of tokens"
PASSWORD = "correct horse battery"


def settings_for(database: str, nats_url: str, **changes: Any) -> Settings:
    """Cheap passwords, and subjects that no other test listens to."""
    return Settings(
        database_url=database,
        nats_url=nats_url,
        data=Path("/nonexistent"),
        subject_prefix=f"test-{uuid4().hex}",
        master_key=MASTER_KEY,
        secret_key=SECRET_KEY,
        bcrypt_cost=4,
        **changes,
    )


def person(full_name: str = "Ada Lovelace") -> dict[str, str]:
    """A registration that nobody else has sent."""
    name = f"u{uuid4().hex[:20]}"
    return {
        "email": f"{name}@example.org",
        "username": name,
        "full_name": full_name,
        "password": PASSWORD,
    }


def bearer(tokens: dict[str, Any], **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Authorization": f"Bearer {tokens['access_token']}", **named}
