"""Where is an export written until it is whole, and what of that did a killed process leave?"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "tasktrail-export-"


def export_folder() -> TemporaryDirectory[str]:
    """Named after this process, so that others know when nobody will remove it any more."""
    return TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")


def remove_abandoned_folders() -> None:
    """Tasks in clear text should not lie about for longer than they are needed."""
    for folder in list(_abandoned()):
        shutil.rmtree(folder, ignore_errors=True)


def _abandoned() -> Iterator[Path]:
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*-*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdigit() and not _runs(int(process)):
            yield folder


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
