"""A machine that stands still for a moment is not taken for a Valkey that is away.

What one process then counts by itself is another sum than the one that is asked for here.
"""

from collections.abc import Iterator

import pytest

from infra import limits


@pytest.fixture(scope="package", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "TIMEOUT_SECONDS", 10.0)
        yield
