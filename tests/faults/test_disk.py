"""What becomes of a full disk, and of everything once there is room again?"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.test_nats import demand_published
from tests.support.demands import demand_everything
from tests.support.servers import is_gone
from tests.support.system import starting
from tests.support.traffic import traffic
from tests.support.waiting import until

SIZE = "size=200m,mode=711"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-small-", dir="/tmp"))
    mounting = ["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
        reason = mounted.stderr
    except FileNotFoundError as error:
        reason = str(error)
    if not os.path.ismount(folder):
        folder.rmdir()
        pytest.skip(f"a small disk is mounted for this, which is not allowed here: {reason}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


async def test_a_full_disk_stops_commands_alone_and_only_while_it_is_full(
    small_disk: Path,
) -> None:
    async with starting(small_disk / "data") as system:
        await system.ready()
        async with traffic(system) as flow:
            await flow.more(40)
            fault = time.monotonic()
            filler = small_disk / "filler"
            fill(filler)
            await until(lambda: flow.refused > 20)
            reads = flow.answers["200"]
            await until(lambda: flow.answers["200"] > reads + 40 or flow.trouble)
            flow.tell("the disk full", fault)
            filler.unlink()
            freed = time.monotonic()
            await flow.more(60)
            flow.tell("the disk freed", freed)
            await demand_everything(system, flow)
            await demand_published(system)
            print("\npublished after", time.monotonic() - freed)
        family = system.family()
        assert await system.terminated() == 0, system.said
        await until(lambda: all(is_gone(process) for process in family))


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
