"""What of a request counts against which share."""

import re
from uuid import uuid4

import pytest

from gateway.http import Rejected
from gateway.limits import PERIOD
from gateway.shares import HOUR, OLDER, Share, Taken
from infra.limits import RateLimiter

HERE = "192.0.2.7"


def request(method: str = "POST", path: str = "/x/tasks", address: str = HERE) -> dict[str, object]:
    return {"method": method, "path": path, "client": (address, 0)}


def share(name: str = "x", **changes: object) -> Share:
    fields: dict[str, object] = {"method": "POST", "path": re.compile("/x/tasks"), **changes}
    return Share(name, 2, PERIOD, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "counts"),
    [
        ("POST", "/x/tasks", True),
        ("POST", "//x///tasks/", True),
        ("GET", "/x/tasks", False),
        ("POST", "/x/tasks/7", False),
        (None, "/x/tasks", False),
    ],
)
async def test_a_share_is_of_one_method_and_path_as_the_router_takes_it(
    method: str, path: str, counts: bool
) -> None:
    taken = Taken(RateLimiter(None))
    await taken.take([share()], request(method, path), None)
    assert bool(taken.headers) == counts


async def test_everybody_has_their_own_share() -> None:
    limiter, me = RateLimiter(None), uuid4()
    for address, account in ((HERE, me), (HERE, uuid4()), (HERE, None), ("192.0.2.8", None)):
        for _ in range(2):
            await Taken(limiter).take([share()], request(address=address), account)
    with pytest.raises(Rejected):
        await Taken(limiter).take([share()], request(address="192.0.2.9"), me)


async def test_an_addresss_share_is_one_whoever_is_signed_in() -> None:
    limiter, own = RateLimiter(None), share(of="address")
    for account in (uuid4(), None):
        await Taken(limiter).take([own], request(), account)
    with pytest.raises(Rejected):
        await Taken(limiter).take([own], request(), uuid4())


async def test_an_accounts_share_does_not_concern_who_is_not_signed_in() -> None:
    limiter, own = RateLimiter(None), share(of="account")
    for _ in range(5):
        await Taken(limiter).take([own], request(), None)


async def test_a_limit_of_zero_is_none() -> None:
    limiter = RateLimiter(None)
    for _ in range(5):
        await Taken(limiter).take([Share("", 0)], request(), None)


async def test_a_body_that_made_no_sense_is_given_back() -> None:
    limiter, own = RateLimiter(None), share()
    for _ in range(5):
        taken = Taken(limiter)
        await taken.take([own], request(), None)
        await taken.answered(422)
    for status in (201, 401):
        taken = Taken(limiter)
        await taken.take([own], request(), None)
        await taken.answered(status)
    with pytest.raises(Rejected):
        await Taken(limiter).take([own], request(), None)


@pytest.mark.parametrize(("period", "unit"), [(PERIOD, "minute"), (HOUR, "hour")])
def test_a_refusal_says_how_much_and_until_when(period: float, unit: str) -> None:
    refused = Share("x", 5, period, words=OLDER).refusal(11.2)
    assert (refused.status_code, refused.code) == (429, "rate-limited")
    assert refused.detail == f"Rate limit exceeded: 5 per 1 {unit}"
    assert (refused.headers or {})["Retry-After"] == "12"
