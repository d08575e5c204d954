"""Which pins of a lock file does an installation need that brings no embedded servers?

`python infra/container_lock.py requirements.lock` prints them, hashes and all. Run by a bare
interpreter while the container image is built, so from the standard library only.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def embedded_names(pyproject: str) -> set[str]:
    extras = tomllib.loads(pyproject)["project"]["optional-dependencies"]
    return {_name(requirement) for requirement in extras["embedded"]}


def without(unwanted: set[str], lock: str) -> str:
    """A pin is a line that begins with a name, and the indented lines of hashes below it."""
    missing = unwanted - {_name(pin) for pin in _pins(lock)}
    if missing:
        raise ValueError(f"the lock does not pin {', '.join(sorted(missing))}: is it current?")
    return "".join(pin for pin in _pins(lock) if _name(pin) not in unwanted)


def _pins(lock: str) -> Iterator[str]:
    return iter(re.findall(r"^\S.*\n(?:[ \t].*\n?)*", lock, re.MULTILINE))


def _name(requirement: str) -> str:
    found = NAME.match(requirement)
    if found is None:
        raise ValueError(f"not a requirement: {requirement.splitlines()[0]!r}")
    return re.sub(r"[._-]+", "-", found.group()).lower()


if __name__ == "__main__":
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    print(without(embedded_names(pyproject.read_text()), Path(sys.argv[1]).read_text()), end="")
