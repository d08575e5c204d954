"""Does the page on moving in say what the command takes, for every system?"""

import re
import shlex

import pytest

from commands.imports.catalog import SYSTEMS
from gateway.cli import parser
from infra.settings import DIALECTS, TABLE
from infra.settings_parts import ALIASES
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "moving-in.md").read_text()
COMMANDS = re.findall(r"^\.venv/bin/tasktrail (import .*)$", PAGE, re.MULTILINE)


def test_every_dialect_has_rows_that_move_in() -> None:
    assert sorted(SYSTEMS) == sorted(DIALECTS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_one(command: str) -> None:
    arguments = parser().parse_args(shlex.split(command.replace("<system>", "taskflow")))
    assert arguments.url.startswith("postgresql://")


def test_the_page_shows_every_option() -> None:
    assert len(COMMANDS) > 4
    for option in ("--dry-run", "--merge-by-email", "--files"):
        assert any(option in command for command in COMMANDS), option


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_system_has_its_prefix_its_settings_and_its_differences(name: str) -> None:
    assert f"| `{name}` | `/{name}` |" in PAGE
    assert len(re.findall(rf"^\| `{name}` \| ", PAGE, re.MULTILINE)) == 2


def test_every_setting_of_the_page_is_one() -> None:
    table = PAGE[PAGE.index("## Settings") : PAGE.index("## What differs")]
    named = set(re.findall(r"`([A-Z][A-Z_0-9]+)`", table))
    assert named > {"SECRET_KEY", "BETTER_AUTH_SECRET"}
    assert named <= {*TABLE, *ALIASES}
