"""Where did the package index put a server's program?"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from infra.embedded.folder import CannotStart


def program(name: str, distribution: str, setting: str) -> Path:
    try:
        for file in files(distribution) or []:
            if file.name == name and (path := Path(str(file.locate())).resolve()).is_file():
                return path
    except PackageNotFoundError:
        pass
    raise CannotStart(
        f"no embedded {name} is installed: install tasktrail[embedded] or set {setting}"
    )
