"""Are both locks whole, and do they agree?"""

import re
import tomllib

import pytest

from tests.support.repository import ROOT

RUN, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)(?: ; [^\\\n]*)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.mark.parametrize("lock", [RUN, DEVELOPMENT])
def test_a_lock_has_pins_and_hashes_and_no_index(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []


def test_what_is_tested_is_what_runs() -> None:
    run, development = pins(RUN), pins(DEVELOPMENT)
    assert {name: development.get(name) for name in run} == run


def test_every_requirement_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    runs = [*project["dependencies"], *extras["embedded"], *extras["build"]]
    assert {name_of(requirement) for requirement in runs} <= pins(RUN).keys()
    assert {name_of(requirement) for requirement in extras["dev"]} <= pins(DEVELOPMENT).keys()


def pins(lock: str) -> dict[str, str]:
    """Each name with its version, its marker and its hashes."""
    blocks = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {block.split("==")[0]: block for block in blocks if block}


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()
