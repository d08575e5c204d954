"""Which trace a request belongs to stands in the log in clear, so nothing else may."""

import pytest

from gateway.http import traceparent_in

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_is_kept() -> None:
    assert traceparent_in(TRACE) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Ada Lovelace, ada@example.org",
        f"{TRACE}-more",
        f"{TRACE}\n",
        TRACE.upper(),
        TRACE.replace("00-4", "ff-4"),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
    ],
)
def test_what_is_no_trace_is_not(header: str | None) -> None:
    assert traceparent_in(header) is None
