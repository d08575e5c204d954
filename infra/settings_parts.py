"""Which settings are said in parts, or in other words, by those who ran an older system?

Their names are put together to ours here, before anything is read. Each part is checked by
itself, so that a refusal names what was set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from infra import settings_values as read

ALIASES = {
    "NEON_DB_URL": "DATABASE_URL",
    "JWT_ALGORITHM": "ALGORITHM",
    "ALLOWED_ORIGINS": "CORS_ORIGINS",
    "CUSTOM_S3_ENDPOINT_URL": "S3_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID": "S3_ACCESS_KEY",
    "AWS_SECRET_ACCESS_KEY": "S3_SECRET_KEY",
    "AWS_SECRET_KEY": "S3_SECRET_KEY",
    "AWS_BUCKET": "S3_BUCKET",
    "AWS_REGION": "S3_REGION",
}
# Lists, of which one name's values stand beside those of another; all else is said once.
UNITED = frozenset({"CORS_ORIGINS"})


@dataclass(frozen=True)
class Parts:
    """A server's URL by its parts: `prefix` and HOST, PORT and so on. Without a host there is
    none, for platforms set the other names for purposes of their own."""

    url: str
    scheme: str
    prefix: str
    port: int
    path: str
    path_is: Callable[[str], object]
    usual_path: str
    usual_user: str = ""


PARTS = (
    Parts("DATABASE_URL", "postgresql", "DB_", 5432, "NAME", read.text(), "full_stack", "postgres"),
    Parts("REDIS_URL", "redis", "REDIS_", 6379, "DB", read.whole(0, 1_000), "0"),
)


def spellings(name: str) -> list[str]:
    return [name, *(alias for alias, meant in ALIASES.items() if meant == name)]


def put_together(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What is set, with the URLs that are made of parts; and what is wrong with those."""
    found, problems = dict(given), []
    for parts in PARTS:
        names = {each: parts.prefix + each for each in ("PORT", parts.path, "USER", "PASSWORD")}
        host = parts.prefix + "HOST"
        known = next((name for name in spellings(parts.url) if name in given), None)
        if host in given and known:
            problems.append(f"{host} and {known} both say where a server is: set one")
        elif host in given:
            faults = _faults(parts, host, given)
            problems += faults
            found |= {} if faults else {parts.url: _url(parts, given)}
        elif not known:
            lonely = [name for name in names.values() if name in given]
            problems += [f"{name} means nothing without {host}: set both" for name in lonely]
    if _means_aws(given):
        region = given.get("AWS_REGION", "us-east-1")
        found["S3_ENDPOINT_URL"] = f"https://s3.{region}.amazonaws.com"
    return found, problems


def said_twice(given: Mapping[str, str]) -> list[str]:
    return [
        f"{alias} and {name} are the same setting and differ: set one"
        for alias, name in ALIASES.items()
        if name not in UNITED
        and given.get(alias, given.get(name)) != given.get(name, given.get(alias))
    ]


def _faults(parts: Parts, host: str, given: Mapping[str, str]) -> list[str]:
    readers: dict[str, Callable[[str], object]] = {
        host: read.host,
        parts.prefix + "PORT": read.whole(1, 65_535),
        parts.prefix + parts.path: parts.path_is,
    }
    problems = []
    for name, reader in readers.items():
        try:
            reader(given.get(name, "1"))
        except ValueError as error:
            problems.append(f"{name} {error}")
    return problems


def _url(parts: Parts, given: Mapping[str, str]) -> str:
    def part(name: str, usual: str = "") -> str:
        return quote(given.get(parts.prefix + name, usual), safe="")

    host = given[parts.prefix + "HOST"]
    password = part("PASSWORD")
    login = part("USER", parts.usual_user) + (f":{password}" if password else "")
    at = f"{login}@" if login else ""
    place = f"[{host}]" if ":" in host else host
    port, path = part("PORT", str(parts.port)), part(parts.path, parts.usual_path)
    return f"{parts.scheme}://{at}{place}:{port}/{path}"


def _means_aws(given: Mapping[str, str]) -> bool:
    """A bucket by that name is no accident, as keys in a developer's shell may be."""
    wanted = ("AWS_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    named = any(name in given for name in spellings("S3_ENDPOINT_URL"))
    return all(name in given for name in wanted) and not named
