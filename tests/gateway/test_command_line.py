"""What the command line is told wrongly, or finds missing, it says in one line."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from gateway.bootstrap.processes import CommandFailed
from gateway.cli import joined, main
from gateway.listening import place
from infra.embedded.folder import Lock
from infra.embedded.stack import announce
from infra.settings import PREFIX, TABLE
from infra.settings_parts import ALIASES
from infra.supervisor import LOCK
from tests.support.api import SECRET_KEY
from tests.support.log import MASTER_KEY

DATABASE = "postgresql://tasktrail@127.0.0.1:1/tasktrail"
NATS = "nats://127.0.0.1:1"
KEYS = {
    "TASKTRAIL_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    "SECRET_KEY": SECRET_KEY,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with nothing in it, and nothing else set."""
    for name in (*TABLE, *ALIASES, "DB_HOST", "REDIS_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{PREFIX}DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def beside(home: Path) -> Iterator[Path]:
    """That of a `tasktrail up` that runs; it has announced nothing yet."""
    lock = Lock(home / LOCK, "busy")
    yield home
    lock.release()


def environment(folder: Path, **given: str) -> Mapping[str, str]:
    return {f"{PREFIX}DATA": str(folder), **given}


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    """The exit code, and the one line on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    error = capsys.readouterr().err
    assert error.startswith("tasktrail: "), error
    assert error.count("\n") == 1, error
    return ended.value.code, error


def test_a_command_joins_the_servers_that_run_here(beside: Path) -> None:
    announce(beside, {"DATABASE_URL": DATABASE, "NATS_URL": NATS, **KEYS})
    settings = joined(environment(beside))
    assert (settings.database_url, settings.nats_url) == (DATABASE, NATS)


def test_a_command_joins_the_other_servers_beside_a_database_of_its_own(beside: Path) -> None:
    announce(beside, {"NATS_URL": NATS})
    settings = joined(environment(beside, DATABASE_URL=DATABASE, **KEYS))
    assert (settings.database_url, settings.nats_url) == (DATABASE, NATS)


def test_another_database_than_the_one_that_runs_here_is_not_joined(beside: Path) -> None:
    announce(beside, {"DATABASE_URL": DATABASE, "NATS_URL": NATS, **KEYS})
    with pytest.raises(CommandFailed, match="NATS_URL"):
        joined(environment(beside, DATABASE_URL=DATABASE.replace("tasktrail@", "b@"), **KEYS))


@pytest.mark.parametrize("name", ["NEON_DB_URL", "DATABASE_URL"])
def test_a_database_without_nats_names_what_is_missing(home: Path, name: str) -> None:
    with pytest.raises(CommandFailed, match="set NATS_URL"):
        joined(environment(home, **{name: DATABASE}, **KEYS))


def test_a_database_url_of_nothing_is_none(home: Path) -> None:
    with pytest.raises(CommandFailed, match="set DATABASE_URL"):
        joined(environment(home, DATABASE_URL=""))


def test_what_has_only_begun_to_run_is_not_joined(beside: Path) -> None:
    with pytest.raises(CommandFailed, match="nothing runs here"):
        joined(environment(beside))


@pytest.mark.parametrize("command", ["up", "status", "env"])
def test_a_folder_that_cannot_be_looked_into_is_named(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv(f"{PREFIX}DATA", str(home / ("long" * 64)))
    code, error = said(capsys, command)
    assert code == 1
    assert "longlong" in error
    assert "File name too long" in error


def test_a_file_is_no_folder_that_something_runs_in(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "file").touch()
    monkeypatch.setenv(f"{PREFIX}DATA", str(home / "file"))
    code, error = said(capsys, "status")
    assert (code, "nothing runs here" in error) == (1, True)


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")]
)
def test_what_is_said_to_answer_is_a_url(host: str, url: str) -> None:
    assert f"http://{place(host, 80)}" == url
    assert urlsplit(url).hostname == host


def test_a_place_that_is_not_ours_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")  # of documents, nobody's
    monkeypatch.setenv("PORT", "8000")
    code, error = said(capsys, "up")
    assert code == 1
    assert "cannot listen on 192.0.2.1:8000: " in error
    assert "HOST or PORT" in error


@pytest.mark.parametrize("option", ["--after", "--up-to"])
@pytest.mark.parametrize("value", ["-1", "1" + 18 * "0", "1e3", "٣"])
def test_what_is_no_position_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", f"{option}={value}"])
    assert ended.value.code == 2
    assert "must be a position" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["rebuild", "taks"], "there is no projection taks; there are accounts, "),
        (["dead-letters", "--replay", "taks", f"{UUID(int=7)}"], "there is no projection taks; "),
        (["dead-letters", "--replay", "tasks", "7"], "7 is not the id of a stream"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    answer: str,
) -> None:
    for name, value in {"DATABASE_URL": DATABASE, "NATS_URL": NATS, **KEYS}.items():
        monkeypatch.setenv(name, value)
    code, error = said(capsys, *arguments)
    assert code == 1
    assert answer in error


def test_help_says_what_every_command_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "every change is on the record" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "why"), [("nowhere/tasks.csv", "No such file"), ("folder.csv", "Is a directory")]
)
def test_a_place_where_no_file_can_be_written_is_named(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
    why: str,
) -> None:
    (home / "folder.csv").mkdir()
    for name, value in {"DATABASE_URL": DATABASE, "NATS_URL": NATS, **KEYS}.items():
        monkeypatch.setenv(name, value)
    code, error = said(capsys, "export", str(home / place))
    assert code == 1
    assert f"cannot write {home / place}: {why}" in error
    assert [file.name for file in home.iterdir()] == ["folder.csv"]
