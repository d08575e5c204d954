"""What is written where about what happens: one JSON line each on standard output."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

ACCESS = "tasktrail.access"
_FRAMES = 12


class JsonLines(logging.Formatter):
    """A record as one line of JSON. `fields` of a record stand beside its message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = described(record.exc_info[1])
        return msgspec.json.encode(line, enc_hook=str).decode()


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """For a whole process; `level` is a name such as `info`."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def described(error: BaseException) -> str:
    """The error's kind and the places in the code that it went through. Its message is left out:
    it may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    kind = type(error)
    state = getattr(error, "sqlstate", None)
    said = f"{kind.__module__}.{kind.__qualname__}" + (f" {state}" if state else "")
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    after = f"; after {described(cause)}" if cause is not None else ""
    return f"{said} at {' > '.join(places)}{after}"


def _module(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
