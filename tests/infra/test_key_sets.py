"""Where a set of keys comes from."""

from pathlib import Path

import pytest

from infra.embedded.ports import free_port
from infra.key_sets import MAX_BYTES, NoKeys, key_source
from tests.support.issuers import publishing

KEYS = b'{"keys": []}'


async def test_the_setting_may_be_the_keys_themselves() -> None:
    assert await key_source(KEYS.decode())() == KEYS


async def test_keys_are_read_from_a_file_each_time(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    read = key_source(str(file))
    with pytest.raises(NoKeys):
        await read()
    file.write_bytes(KEYS)
    assert await read() == KEYS


async def test_keys_are_fetched_each_time() -> None:
    async with publishing(KEYS) as published:
        read = key_source(published.url)
        assert [await read(), await read()] == [KEYS, KEYS]
        assert published.asked == 2


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
async def test_what_is_somewhere_else_is_not_fetched(status: int) -> None:
    async with publishing(KEYS) as published:
        published.status = status
        with pytest.raises(NoKeys, match=str(status)):
            await key_source(published.url)()
        assert published.asked == 1


async def test_what_is_too_much_is_not_read() -> None:
    async with publishing(b" " * (MAX_BYTES + 1)) as published:
        with pytest.raises(NoKeys):
            await key_source(published.url)()


async def test_a_server_that_is_away_has_no_keys() -> None:
    with pytest.raises(NoKeys):
        await key_source(f"http://127.0.0.1:{free_port()}/jwks")()
