"""Does the README's transcript do what it says?

Every `$` line of its console blocks is typed into one shell, beside a system of its own, and what
comes back is compared with the lines below it, in which `…` stands for anything.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.embedded.ports import free_port
from tests.support.servers import reachable_folder

ROOT = Path(__file__).parents[1]
ADDRESS = "127.0.0.1:8000"
STAND_IN = ROOT / "tests" / "support" / "curl.py"
END = "\x1e"


class Step(NamedTuple):
    command: str
    expected: str


def steps() -> list[Step]:
    text = (ROOT / "README.md").read_text()
    found: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            found.append(Step(command, expected.strip()))
    return found


def fits(expected: str, seen: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in expected.split("…"))
    return re.fullmatch(pattern, seen, re.DOTALL) is not None


class System(NamedTuple):
    port: int
    folder: str


@pytest.fixture
def system() -> Iterator[System]:
    """A system with nothing in it yet, on a port of its own."""
    with reachable_folder() as folder:
        port = free_port()
        environment = {**os.environ, "TASKTRAIL_DATA": str(folder), "PORT": str(port)}
        up = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "up"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert up.stdout is not None
        for line in up.stdout:
            if line.startswith("api "):
                break
        yield System(port, str(folder))
        up.terminate()
        up.communicate(timeout=30)


def test_the_transcript_comes_out_as_it_stands(system: System, tmp_path: Path) -> None:
    typed = "\n".join(f"{step.command}\nprintf '{END}'" for step in steps())
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = f"{_curl(tmp_path)}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh"],
        input=typed.replace(ADDRESS, f"127.0.0.1:{system.port}"),
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "TASKTRAIL_DATA": system.folder},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answers = [answer.strip().replace("\r", "") for answer in done.stdout.split(END)]
    for step, seen in zip(steps(), answers, strict=False):
        assert fits(step.expected, seen), f"$ {step.command}\n{seen}\nbut expected\n{step.expected}"
    assert len(answers) == len(steps()) + 1, done.stderr


def test_the_transcript_is_long_enough_to_show_something() -> None:
    assert len(steps()) > 10


def _curl(folder: Path) -> Path:
    """Where curl is; a stand-in on a machine without it, for the options that we use."""
    found = shutil.which("curl")
    if found is not None:
        return Path(found).parent
    stand_in = folder / "bin" / "curl"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    stand_in.chmod(0o755)
    return stand_in.parent
