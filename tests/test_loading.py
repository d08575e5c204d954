"""What a process loads before it does anything: only what it needs, for it may be one that comes
back after a crash."""

import subprocess
import sys

import pytest

from tests.support.repository import ROOT

_EVERY_FILE = {"altair", "openpyxl", "polars", "vl_convert", "xlsxwriter"}
_SELDOM = {*_EVERY_FILE, "minio", "rich"}
_SERVING = {"jwt", "litestar", "pydantic", "redis", "uvicorn", "websockets"}
_WORKING = {"aiosmtplib", "cryptography", "markdown_it", "nats"}


def loaded_with(module: str) -> set[str]:
    """The names at the top of what is loaded when a new process has imported the module."""
    script = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert "msgspec" in names
    return names


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("gateway.cli", _SELDOM | _SERVING | _WORKING),
        ("gateway.bootstrap.worker", _SELDOM | _SERVING),
        ("gateway.bootstrap.status", _SELDOM | _SERVING),
        ("gateway.bootstrap.api", _SELDOM | {"aiosmtplib", "dns"}),
    ],
)
def test_nothing_is_loaded_for_what_may_never_be_asked(module: str, unneeded: set[str]) -> None:
    assert loaded_with(module) & unneeded == set()
