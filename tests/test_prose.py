"""Do the files and targets that our documents name exist?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import FOLDERS, ROOT

DOCUMENTS = [
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", ROOT / "DECISIONS.md", *sorted(ROOT.glob("docs/**/*.md")))
]
FILE_ENDINGS = (".cfg", ".lock", ".md", ".py", ".sh", ".sql", ".toml", ".yaml", ".yml")
TARGET = re.compile(r"`make ([a-z-]+)|^\$? ?make ([a-z-]+)", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\.?[\w<>*-][\w.<>*-]*(?:/[\w.<>*-]+)*/?")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    assert [path for path in paths(text, (ROOT / document).parent) if not exists(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {one or other for one, other in TARGET.findall((ROOT / document).read_text())}
    assert named <= set(targets)


def test_make_help_prints_ten_targets_at_most() -> None:
    assert len(re.findall(r"^[a-z-]+:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)) <= 10


def test_a_path_is_told_from_other_code() -> None:
    text = "`events/gone.py` `docs/` `Gone.md` [a](b.md) `/v1/tasks` `text/plain` `a.b` `x.py --y`"
    named = [str(path.relative_to(ROOT)) for path in paths(text, ROOT)]
    assert named == ["events/gone.py", "docs", "Gone.md", "b.md"]


def paths(text: str, folder: Path) -> Iterator[Path]:
    """Code that is a path from the repository's root, then links from the document's folder."""
    for code in CODE.findall(FENCED.sub("", text)):
        if PATH.fullmatch(code) and (
            code.endswith(FILE_ENDINGS) or code.split("/")[0] in {*FOLDERS, "docs", ".ci"}
        ):
            yield ROOT / code
    for link in LINK.findall(text):
        if "://" not in link and not link.startswith(("#", "/", "mailto:")):
            yield folder / link.split("#")[0]


def exists(path: Path) -> bool:
    """`<noun>` and `*` stand for any name."""
    return any(ROOT.glob(re.sub(r"<\w+>", "*", str(path.relative_to(ROOT)))))
