"""What becomes of half an export whose process was killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from queries.export_folders import export_folder, remove_abandoned_folders

_KILLED = """
import os, signal
from queries.export_folders import export_folder
folder = export_folder()
open(folder.name + "/tasks.csv", "w").write("secret")
print(folder.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_process_left_is_removed_and_nothing_else(places: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(places)}
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED], env=environment, capture_output=True, text=True
    )
    left = Path(killed.stdout.strip())
    assert (left / "tasks.csv").read_text() == "secret"
    others = [places / name for name in ("tasktrail-export-mine", "another", f"x-{left.name}")]
    for other in others:
        other.mkdir()
    with export_folder() as own:
        remove_abandoned_folders()
        assert not left.exists()
        assert Path(own).exists()
    assert [other.exists() for other in others] == [True, True, True]
