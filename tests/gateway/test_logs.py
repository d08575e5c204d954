"""What a log line says, and what it must never say."""

import io
import json
import logging

from gateway.logs import JsonLines, described

SECRET = "ada@example.org"


def failing() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"cannot do {SECRET}") from error


def caught() -> Exception:
    try:
        failing()
    except RuntimeError as error:
        return error
    raise AssertionError


def test_an_error_is_described_by_its_places_and_never_by_what_it_says() -> None:
    text = described(caught())
    assert "RuntimeError" in text
    assert "test_logs.py" in text
    assert "failing" in text
    assert "ValueError" in text
    assert SECRET not in text


def test_a_line_is_json_with_the_fields_of_its_record() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("%d of them", 3, extra={"fields": {"position": 7}})
    logger.error("it failed", exc_info=caught())
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["level"] == "warning"
    assert (first["message"], first["position"]) == ("3 of them", 7)
    assert "RuntimeError" in second["error"]
    assert SECRET not in stream.getvalue()
