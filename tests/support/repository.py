"""Which files are ours, and what stands in them?"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("commands", "events", "gateway", "infra", "projections", "queries", "tests")


def sources(*suffixes: str) -> list[Path]:
    """Relative to the repository, committed or not."""
    return sorted(
        path.relative_to(ROOT)
        for folder in FOLDERS
        for suffix in suffixes
        for path in (ROOT / folder).rglob(f"*{suffix}")
        if "__pycache__" not in path.parts
    )


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    """Everything in every Python file of ours."""
    for path in sources(".py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            yield path, node


def modules() -> list[str]:
    """What can be imported of ours, tests left out."""
    names = [".".join(path.with_suffix("").parts) for path in sources(".py")]
    return [name.removesuffix(".__init__") for name in names if not name.startswith("tests")]


def tracked_files() -> list[Path]:
    """Of a checkout; there is nothing to check in a plain copy."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
