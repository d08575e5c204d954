"""Where may the servers keep their files, and who may reach them?"""

import fcntl
import os
import pwd
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec


class CannotStart(Exception):
    """Something outside the program stops it; the message is one line that says what to do."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    uid: int
    gid: int


class Lock:
    """Held until released or until this process is gone; the kernel sees to the latter."""

    def __init__(self, path: Path, busy: str) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CannotStart(f"cannot open {path}: {error.strerror}") from error
        if not _lock(self._file, fcntl.LOCK_EX):
            time.sleep(0.01)  # somebody may just be asking `is_held`, which takes microseconds
        if not _lock(self._file, fcntl.LOCK_EX):
            holder = os.pread(self._file, 20, 0).decode().strip() or "unknown"
            os.close(self._file)
            raise CannotStart(f"{busy} (process {holder})")
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)


def is_held(path: Path) -> bool:
    """Whether a live process holds the lock. Raises `CannotStart` if it is not ours to see."""
    try:
        file = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CannotStart(f"cannot open {path}: {error.strerror}") from error
    try:
        return not _lock(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def unprivileged_account() -> Account | None:
    """Whom a server that refuses root runs as; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise CannotStart(
        "Postgres refuses to run as root and there is no account 'postgres' or 'nobody': "
        "add one, run as another user, or set DATABASE_URL"
    )


def open_data_folder(path: Path) -> Path:
    """The folder, made if missing: others may pass through root's, nobody through a user's."""
    return make_folder(path.expanduser().resolve(), 0o711 if os.geteuid() == 0 else 0o700)


def make_folder(path: Path, mode: int, owner: Account | None = None) -> Path:
    """Make it and what is missing above it; what exists keeps its mode."""
    try:
        for missing in reversed([p for p in (path, *path.parents) if not p.exists()]):
            missing.mkdir()
            missing.chmod(mode if missing == path or os.geteuid() else 0o755)
            if missing == path and owner:
                os.chown(path, owner.uid, owner.gid)
        if not path.is_dir():
            raise CannotStart(f"{path} is not a folder")
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK) and not owner:
            raise CannotStart(f"{path} is not writable: choose another folder with TASKTRAIL_DATA")
    except OSError as error:
        raise CannotStart(
            f"{error.filename or path}: {error.strerror}: choose another folder with TASKTRAIL_DATA"
        ) from error
    return path


def stopping_folder(path: Path, account: Account) -> Path | None:
    """The topmost folder on the way to `path` (which counts) that the account may not enter."""
    real = path.resolve()
    for folder in (*reversed(real.parents), real):
        if folder.exists() and not _may_enter(folder.stat(), account):
            return folder
    return None


def demand_reachable(path: Path, account: Account | None) -> None:
    stopping = stopping_folder(path, account) if account else None
    if account and stopping:
        raise CannotStart(
            f"{stopping} keeps the account '{account.name}', which runs Postgres for root, from "
            f"{path}: choose another folder with TASKTRAIL_DATA, or open it with chmod o+x"
        )


def copy_for(account: Account, source: Path, beside: list[Path], target: Path) -> Path:
    """`source` as the account can run it: itself if reachable, else a copy under `target`.

    `beside` are folders that the copy needs at the same relative place.
    """
    if stopping_folder(source / "bin", account) is None:
        return source
    root = source.parent.parent
    if not target.exists():
        make_folder(target.parent, 0o755)
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
        for tree in (source, *beside):
            shutil.copytree(tree, draft / tree.relative_to(root), symlinks=True)
        _open_for_reading(draft)
        with suppress(OSError):  # another start was faster
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target / source.relative_to(root)


def kept_secret(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The secret in that file, made on first use; safe against a crash and a second starter."""
    if not path.exists():
        make_folder(path.parent, 0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
        _sync_folder(path.parent)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise CannotStart(f"cannot read {path}: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """Whole at once: others read it whenever they like."""
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(text)
    draft.replace(path)


def _lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _open_for_reading(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
