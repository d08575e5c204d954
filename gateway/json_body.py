"""What is wrong with a request's JSON, and which input is at fault?"""

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from gateway.http import Rejected

_NAMED = re.compile(r"^Object (?:missing required|contains unknown) field `(.*)`$")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]")
_WORDS = [
    (re.compile(r"^Expected (.*), got (.*)$"), r"must be \1, not \2"),
    (re.compile(r"^Expected "), "must be "),
    (re.compile(r"^Invalid enum value "), "may not be "),
    (re.compile(r"^Invalid (.*)$"), r"is not a valid \1"),
    (re.compile(r"^Number out of range$"), "is out of range"),
]
_MOST = 100  # faults named
_LONGEST = 200  # characters of what names one


class _Duplicate(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key[:_LONGEST]


def decode(body: bytes, target: Any, *, max_depth: int = 32, max_array: int = 1_000) -> Any:
    """The body as `target`. Raises `Rejected`: 400 for what is no JSON text as we take it, 422
    for JSON that is not a `target`."""
    content = check(body, max_depth=max_depth, max_array=max_array)
    try:
        return _decoder(target).decode(body)
    except msgspec.ValidationError as error:
        errors = [_said(str(error)), *islice(_others(content, target), _MOST - 1)]
        raise _invalid(errors) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(str(error)) from None


def check(body: bytes, *, max_depth: int = 32, max_array: int = 1_000) -> Any:
    """The body's content as it stands. Raises `Rejected`."""
    content = _parse(body)
    harmless = (
        body.count(b"[") + body.count(b"{") <= max_depth
        and body.count(b",") < max_array
        and b"\\u" not in body
    )
    if not harmless:
        for path, value, depth in _walk(content):
            _check_value(path, value, depth, max_depth, max_array)
    return content


def _parse(body: bytes) -> Any:
    try:
        return _json.decode(body.decode())
    except UnicodeDecodeError:
        raise Rejected(400, "malformed", "the body is not UTF-8") from None
    except RecursionError:
        raise _too_deep("") from None
    except _Duplicate as error:
        raise Rejected(
            400, "duplicate-member", f"{error.key} is there more than once", field=error.key
        ) from None
    except json.JSONDecodeError as error:
        raise _malformed(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:  # a number with thousands of digits, NaN
        raise _malformed(str(error).split(";")[0]) from None


def _check_value(path: str, value: Any, depth: int, max_depth: int, max_array: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Rejected(
                400, "bad-text", "text may not have NUL or lone surrogates", field=path or None
            )
    elif depth >= max_depth:
        raise _too_deep(path)
    elif isinstance(value, list) and len(value) > max_array:
        raise Rejected(
            400, "too-long", f"an array may have at most {max_array} items", field=path or None
        )


def _walk(content: Any) -> Iterator[tuple[str, Any, int]]:
    """Every text, array and object; member names are texts of their own."""
    waiting = [("", content, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if isinstance(value, str | list | dict):
            yield path, value, depth
        if isinstance(value, dict):
            for name, member in value.items():
                yield path, name, depth
                waiting.append((_inside(path, name), member, depth + 1))
        elif isinstance(value, list):
            waiting += ((_inside(path, str(i)), v, depth + 1) for i, v in enumerate(value))


def _inside(path: str, step: str) -> str:
    """Names are as long as bodies may be, and everything in what one names has it in its path."""
    step = step[:_LONGEST]
    return f"{path}/{step}"[:_LONGEST] if path else step


def _others(content: Any, target: Any) -> Iterator[dict[str, str]]:
    """What else is wrong with the members of an object, beside the first fault found."""
    if not isinstance(content, Mapping) or not isinstance(target, type(msgspec.Struct)):
        return
    fields = msgspec.structs.fields(target)
    for unknown in sorted(content.keys() - {field.encode_name for field in fields}):
        yield _said(f"Object contains unknown field `{unknown}`")
    for field in fields:
        name = field.encode_name
        if name not in content:
            if field.required:
                yield _said(f"Object missing required field `{name}`")
            continue
        try:
            msgspec.convert(content[name], field.type)
        except msgspec.ValidationError as error:
            yield _said(str(error), name)


def _said(message: str, within: str = "") -> dict[str, str]:
    """msgspec's message, as a field and what is wrong with it."""
    detail, at, path = message.rpartition(" - at `")
    if not at or not path.endswith("`"):
        detail, path = message, ""
    steps = [within] if within else []
    if path:
        steps += _STEP.sub(r".\1", path[:-1].removeprefix("$")).strip(".").split(".")
    if named := _NAMED.match(detail):
        steps.append(named.group(1))
        detail = "is required" if "missing" in detail else "is not known here"
    field = "/".join(step for step in steps if step)
    return {"field": field[:_LONGEST], "detail": plain(detail)}


def plain(detail: str) -> str:
    """msgspec's sentence in words that a client knows."""
    if " matching regex " in detail:
        return "has characters that may not be there, or nothing visible"
    for pattern, words in _WORDS:
        detail = pattern.sub(words, detail)
    return detail.replace("`", "")


def _invalid(found: list[dict[str, str]]) -> Rejected:
    errors = list({error["field"]: error for error in reversed(found)}.values())[::-1]
    first = errors[0]
    return Rejected(
        422,
        "invalid",
        f"{first['field'] or 'the body'} {first['detail']}",
        field=first["field"] or None,
        errors=errors if len(errors) > 1 else None,
    )


def _malformed(detail: str) -> Rejected:
    return Rejected(400, "malformed", f"the body is not JSON: {detail}")


def _too_deep(path: str) -> Rejected:
    return Rejected(400, "too-deep", "the JSON is nested too deeply", field=path or None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(name for name, _ in pairs)
        raise _Duplicate(next(name for name in times if times[name] > 1))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


_json = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


@functools.cache
def _decoder(target: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(target)
