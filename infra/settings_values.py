"""How is the text of an environment variable read? Each reader returns a value or raises ValueError
with the end of the sentence that begins with the variable's name."""

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

KEY_BYTES = 32
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(least: int = 1) -> Callable[[str], str]:
    def read(value: str) -> str:
        if len(value) < least:
            raise ValueError(f"must have at least {least} characters")
        return value

    return read


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return read


def seconds(lowest: float, highest: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not lowest <= number <= highest:
            raise ValueError(f"must be a number of seconds from {lowest:g} to {highest:g}")
        return number

    return read


def one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value.lower()

    return read


def yes_or_no(value: str) -> bool:
    try:
        return {
            "1": True, "true": True, "yes": True, "on": True,
            "0": False, "false": False, "no": False, "off": False,
        }[value.lower()]  # fmt: skip
    except KeyError:
        raise ValueError("must be true or false") from None


def url(*schemes: str) -> Callable[[str], str]:
    expected = " or ".join(f"{scheme}://" for scheme in schemes)

    def read(value: str) -> str:
        try:
            parts = urlsplit(value)
            complete = parts.scheme in schemes and parts.hostname and parts.port != 0
        except ValueError:  # a port that is no number
            complete = False
        if not complete:
            raise ValueError(f"must be a URL with a host that begins with {expected}")
        return value

    return read


def host(value: str) -> str:
    """A name or an address, without a scheme and a port."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9._-]+", value):
            raise ValueError("must be a host name or an address, and nothing more") from None
    return value


def algorithm(value: str) -> str:
    """Another one would leave the tokens of the frontends' own servers unread."""
    if value.upper() != "HS256":
        raise ValueError("must be HS256: tokens are signed by no other")
    return "HS256"


def urls(*schemes: str) -> Callable[[str], str]:
    one = url(*schemes)
    return lambda value: ",".join(one(each.strip()) for each in value.split(","))


def database_url(value: str) -> str:
    """The drivers' spellings of one thing, as asyncpg wants it."""
    scheme, separator, rest = value.partition("://")
    if scheme == "postgres" or re.fullmatch(r"postgresql\+(asyncpg|psycopg2?)", scheme):
        value = "postgresql" + separator + rest
    base, _, query = value.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs = [("sslmode" if name == "ssl" else name, word) for name, word in pairs]
    # What libpq alone knows, asyncpg would send to the server, which refuses it.
    pairs = [pair for pair in pairs if pair[0] != "channel_binding"]
    if any(name == "sslmode" and word not in SSL_MODES for name, word in pairs):
        raise ValueError(f"must have one of {', '.join(SSL_MODES)} as sslmode")
    value = f"{base}?{urlencode(pairs, safe='/')}" if pairs else base
    socket = dict(pairs).get("host")
    if value.startswith("postgresql://") and socket:
        return value
    return url("postgresql")(value)


def key(value: str) -> bytes:
    try:
        found = base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64, as from: openssl rand -base64 32")
    return found


def folder(value: str) -> Path:
    if value.startswith("~") and not value.startswith("~/"):
        raise ValueError("must be a path; of the forms with ~ only ~/ is known")
    return Path(value).expanduser().absolute()


def words(value: str) -> tuple[str, ...]:
    """`a, b` or `["a", "b"]`."""
    if not value.startswith("["):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise ValueError("must be a list with commas or a JSON list of texts")
    return tuple(found)


def bucket(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) or ".." in value:
        raise ValueError("must name an S3 bucket: 3 to 63 of a-z, 0-9, - and .")
    return value


def origins(value: str) -> tuple[str, ...]:
    found = tuple(word.rstrip("/") for word in words(value))
    for origin in found:
        if origin != "*" and (urlsplit(origin).path or not urlsplit(origin).netloc):
            raise ValueError(f"must list origins like https://tasks.example.org, not {origin!r}")
    return found


def networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word) for word in words(value))
    except ValueError as error:
        raise ValueError(f"must list addresses or networks: {error}") from None


def subject(value: str) -> str:
    tokens = value.split(".")
    if not all(token and token.replace("-", "").replace("_", "").isalnum() for token in tokens):
        raise ValueError("must be a NATS subject: letters, digits, - and _, joined by dots")
    return value


def sender(value: str) -> str:
    """An address, with or without a name before it."""
    _, address = parseaddr(value)
    if not value.isprintable() or not all(address.rpartition("@")):
        raise ValueError("must be an e-mail address such as Tasktrail <noreply@example.org>")
    return value


def task_url(value: str) -> str:
    """Where a frontend shows a task, with its id and perhaps its workspace's to be put in."""
    url("https", "http")(value)
    left = value.replace("{task}", "").replace("{workspace}", "")
    if "{task}" not in value or not re.fullmatch(r"[!-z|~]+", left):
        raise ValueError("must be a URL such as https://example.org/tasks/{task}")
    return value


def media_types(value: str) -> tuple[str, ...]:
    found = tuple(word.strip().lower() for word in words(value))
    if not found or not all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", each) for each in found):
        raise ValueError("must be media types joined by commas, such as image/png,text/plain")
    return found
