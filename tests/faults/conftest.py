"""One system that many faults happen to, one after another: it must take that as well."""

from collections.abc import AsyncIterator

import pytest

from tests.support.servers import fast_places, reachable_folder
from tests.support.system import System, running


@pytest.fixture(scope="session")
async def shared_system() -> AsyncIterator[System]:
    with reachable_folder(fast_places()) as folder:
        async with running(folder / "data") as system:
            yield system


@pytest.fixture
async def system(shared_system: System) -> System:
    await shared_system.ready()
    return shared_system
