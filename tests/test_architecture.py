"""Does the code keep the shape that its design gives it? Who imports whom: `make lint`."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.repository import FOLDERS, ROOT, modules, nodes, sources, tracked_files

SOURCES = (".py", ".sql", ".lua")
MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 40

READERS_OF_THE_ENVIRONMENT = ("gateway/cli.py", "gateway/cli/", "infra/embedded/", "tests/")
WAITING = Path("tests/support/waiting.py")

INDEX = re.compile(
    r"\bpypi\.org|pythonhosted\.org|:/{2}\S+/simple\b"
    r"|^\s*(?:--index-url|--extra-index-url|--find-links|--trusted-host)\s",
    re.MULTILINE,
)
MACHINE = re.compile(r"(?<![\w~.:/-])/(?:home|Users|root)/(?!ann\b)\w")  # Ann is nobody


def test_no_file_is_too_long_to_read_at_once() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in sources(*SOURCES)}
    too_long = {str(path): n for path, n in lengths.items() if n > MOST_LINES_IN_A_FILE}
    assert not too_long


def test_no_function_is_too_long_to_read_at_once() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name} has {lines} lines"
        for path, node in nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_IN_A_FUNCTION
    ]
    assert not too_long


@pytest.mark.parametrize("name", FOLDERS)
def test_a_top_level_name_is_ours(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__
    assert Path(module.__file__) == ROOT / name / "__init__.py"


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for path in sources(*SOURCES)}
    assert [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


def test_every_folder_of_ours_but_the_tests_is_installed() -> None:
    """Python's own path hides a forgotten one until somebody installs the package elsewhere."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = settings["packages"]["find"]["include"]
    assert sorted(found) == [f"{folder}*" for folder in FOLDERS if folder != "tests"]


def test_imports_name_the_whole_path() -> None:
    relative = [
        f"{path}:{node.lineno}"
        for path, node in nodes()
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_the_environment_is_read_in_the_command_line_only() -> None:
    reading = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, node in nodes()
        if reads_environment(node) and not str(path).startswith(READERS_OF_THE_ENVIRONMENT)
    ]
    assert not reading


def test_importing_reaches_nobody_and_needs_no_environment() -> None:
    command = [sys.executable, "-m", "tests.support.importing", *modules()]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_tests_wait_for_a_state_and_never_for_the_clock() -> None:
    sleeping = [
        f"{path}:{node.lineno}"
        for path, node in nodes()
        if path.parts[0] == "tests"
        and path != WAITING
        and isinstance(node, ast.Call)
        and is_sleep(node)
    ]
    assert not sleeping


def test_no_file_tells_where_it_was_written() -> None:
    places = [re.escape(str(p)) for p in (ROOT, Path.home()) if len(p.parts) > 2]
    here = re.compile(rf"(?:{'|'.join(places)})(?![\w-])") if places else MACHINE
    telling = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked_files()
        for pattern in (INDEX, MACHINE, here)
        if (found := pattern.search(path.read_text(errors="replace")))
    ]
    assert not telling


def reads_environment(node: ast.AST) -> bool:
    names = ("environ", "environb", "getenv")
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=attribute):
            return attribute in names
        case ast.ImportFrom(module="os", names=imported):
            return any(alias.name in names for alias in imported)
    return False


def is_sleep(call: ast.Call) -> bool:
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="asyncio" | "time"), attr="sleep")
            | ast.Name(id="sleep"),
            args=[ast.Constant(value=int() | float() as seconds), *_],
        ):
            return seconds > 0
    return False
