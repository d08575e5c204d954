"""Which older system answers a path?

Each answers below its own prefix. The one that also answers at the root stands there no second
time: what is asked at the root is led below its prefix before anything looks at the path, so that
its words, its limits and its logs are the same in both places.
"""

from collections.abc import Sequence
from typing import Any

from gateway.dialects.manners import Manners
from infra.settings import DIALECTS

OURS = frozenset({"live", "ready", "metrics", "v1"})
AT_ROOT = "at_root"


class Mounts:
    def __init__(self, dialects: Sequence[Manners], root: str | None) -> None:
        self._manners = {each.name: each for each in dialects}
        self._root = root

    def enter(self, scope: Any) -> Manners | None:
        """Whose words and limits hold; None for ours. Leads a path of the root dialect's there."""
        first = first_of(scope["path"])
        if self._root is not None and first not in OURS and first not in DIALECTS:
            first = self._root
            scope["path"] = f"/{first}{scope['path']}"
            if scope.get("raw_path"):
                scope["raw_path"] = b"/" + first.encode() + scope["raw_path"]
            scope["state"][AT_ROOT] = True
        return self._manners.get(first)


def first_of(path: str) -> str:
    """The segment that names a dialect, or something of ours; to the router several slashes are
    one."""
    return path.lstrip("/").partition("/")[0]
