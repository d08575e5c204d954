"""How values of an older system's database are read, whatever they are.

One that Python cannot hold, such as text in no encoding or a moment before the year 1, comes as an
exception in its place: the rest of its row and of its page is read all the same.
"""

from datetime import UTC, date, datetime, timedelta

from infra.postgres import Connection

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = date(2000, 1, 1)
_TEXTS = ("text", "varchar", "bpchar")


async def decode_tolerantly(connection: Connection) -> None:
    if await connection.fetchval("SHOW server_encoding") == "SQL_ASCII":
        # Any bytes may be in there; asked for UTF-8, the server would refuse the whole page.
        await connection.execute("SET client_encoding = 'SQL_ASCII'")
    for kind in _TEXTS:
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=str.encode, decoder=_text, format="binary"
        )
    for kind, decoder in (
        ("timestamptz", _moment),
        ("timestamp", _moment_without_zone),
        ("date", _date),
    ):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_never, decoder=decoder, format="tuple"
        )


def _text(value: bytes) -> str | Exception:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError as error:
        return ValueError(f"is no UTF-8 from byte {error.start + 1} on")


def _moment(value: tuple[int]) -> datetime | Exception:
    try:
        return _EPOCH + timedelta(microseconds=value[0])
    except OverflowError:
        return ValueError("is a moment beyond the years 1 to 9999")


def _moment_without_zone(value: tuple[int]) -> datetime | Exception:
    found = _moment(value)
    return found.replace(tzinfo=None) if isinstance(found, datetime) else found


def _date(value: tuple[int]) -> date | Exception:
    try:
        return _DAY + timedelta(days=value[0])
    except OverflowError:
        return ValueError("is a date beyond the years 1 to 9999")


def _never(value: object) -> tuple[int]:
    raise TypeError("moments are read only")
