"""What is wrong with a body, said precisely, without a server."""

import time
import tracemalloc
from contextlib import suppress
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, field, json

from gateway.http import Body, Rejected
from gateway.json_body import check, decode


class Line(Body, frozen=True):
    amount: Annotated[int, Meta(ge=1)]


class Order(Body, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=10)]
    lines: list[Line] = field(default_factory=list)
    urgent: bool = False


class Sized(Body, frozen=True):
    name: str
    size: Literal["small", "large"]


def refused(body: bytes, **limits: int) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decode(body, Order, **limits)
    return caught.value


def test_a_good_body_is_what_it_must_be() -> None:
    body = b'{"name": "tea", "lines": [{"amount": 2}], "urgent": true}'
    assert decode(body, Order) == Order(name="tea", lines=[Line(amount=2)], urgent=True)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b'{"name": NaN}', b'{"name": "a",}', b'\xef\xbb\xbf{"name": "a"}'],
)
def test_what_is_no_json_is_a_400(body: bytes) -> None:
    problem = refused(body)
    assert (problem.status_code, problem.code) == (400, "malformed")


def test_a_body_that_is_not_utf8_is_a_400() -> None:
    assert refused(b'{"name": "\xff"}').code == "malformed"


def test_a_number_of_ten_thousand_digits_is_a_400() -> None:
    assert refused(b'{"name": %s}' % (b"1" * 10_000)).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (rb'{"name": "a\u0000"}', "name"),
        (rb'{"name": "a\ud800"}', "name"),
        (rb'{"name": "a", "lines": [{"note": "\u0000"}]}', "lines/0/note"),
    ],
)
def test_nul_and_lone_surrogates_are_a_400_that_names_the_field(body: bytes, field: str) -> None:
    problem = refused(body)
    assert (problem.status_code, problem.code, problem.field) == (400, "bad-text", field)


def test_escapes_that_mean_real_characters_pass() -> None:
    assert decode(rb'{"name": "\u00e4\ud83d\ude00\\u0000"}', Order).name == "ä😀\\u0000"


@pytest.mark.parametrize("body", [b'{"name": "a", "name": "b"}', rb'{"name": "a", "n\u0061me": 1}'])
def test_a_member_twice_is_a_400(body: bytes) -> None:
    problem = refused(body)
    assert (problem.status_code, problem.code, problem.field) == (400, "duplicate-member", "name")


def test_the_same_member_in_several_objects_passes() -> None:
    body = b'{"name": "a", "lines": [{"amount": 1}, {"amount": 2}]}'
    assert len(decode(body, Order).lines) == 2


def test_json_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    assert check(b"[" * 32 + b"]" * 32, max_depth=32)
    for body in (b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 1_000_000):
        with pytest.raises(Rejected) as caught:
            check(body, max_depth=32)
        assert caught.value.code == "too-deep"


def test_many_shallow_arrays_are_not_deep() -> None:
    assert len(check(b"[" + b",".join([b"[]"] * 200) + b"]", max_depth=32)) == 200


def test_an_array_may_be_as_long_as_the_limit_and_no_longer() -> None:
    body = b'{"name": [%s]}'
    assert check(body % b",".join([b"1"] * 10), max_array=10)
    problem = refused(body % b",".join([b"1"] * 11), max_array=10)
    assert (problem.status_code, problem.code, problem.field) == (400, "too-long", "name")


def test_commas_in_text_make_no_array() -> None:
    assert check(b'{"name": "%s"}' % (b"," * 5_000), max_array=1_000)


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        (b"{}", "name", "name is required"),
        (b'{"name": ""}', "name", "name must be str of length >= 1"),
        (b'{"name": "12345678901"}', "name", "name must be str of length <= 10"),
        (b'{"name": 1}', "name", "name must be str, not int"),
        (b'{"name": null}', "name", "name must be str, not null"),
        (b'{"name": "a", "urgent": "true"}', "urgent", "urgent must be bool, not str"),
        (b'{"name": "a", "size": 1}', "size", "size is not known here"),
        (b'{"name": "a", "lines": [{"amount": 0}]}', "lines/0/amount", None),
        (b'{"name": "a", "lines": [{}]}', "lines/0/amount", "lines/0/amount is required"),
        (b"[]", None, "the body must be object, not array"),
    ],
)
def test_a_value_that_may_not_be_is_a_422_that_names_it(
    body: bytes, field: str | None, detail: str | None
) -> None:
    problem = refused(body)
    assert (problem.status_code, problem.code, problem.field) == (422, "invalid", field)
    assert detail is None or problem.detail == detail


def test_every_fault_is_named_when_there_are_several() -> None:
    problem = refused(b'{"urgent": 1, "size": 2, "lines": [{"amount": "x"}]}')
    assert problem.errors is not None
    named = {error["field"] for error in problem.errors}
    assert named == {"name", "urgent", "size", "lines/0/amount"}
    assert problem.field == problem.errors[0]["field"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_is_either_taken_or_refused(content: Any) -> None:
    with suppress(Rejected):
        decode(json.encode(content), Order)


@given(st.binary())
def test_any_bytes_are_either_taken_or_refused(body: bytes) -> None:
    with suppress(Rejected):
        decode(body, Order)


def test_a_repeated_member_is_found_among_many() -> None:
    names = [*range(50_000), 49_999]
    began = time.process_time()
    assert refused(b"{%s}" % b",".join(b'"%d":0' % name for name in names)).field == "49999"
    assert time.process_time() - began < 2


def test_a_long_name_takes_no_more_memory_for_what_is_in_it() -> None:
    members = b",".join(b'"%d":0' % number for number in range(2_000))
    tracemalloc.start()
    problem = refused(b'{"%s":{"\\u0000":0,%s}}' % (b"K" * 100_000, members))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem.field == "K" * 200
    assert peak < 10 << 20


def test_not_all_of_very_many_faults_are_listed() -> None:
    problem = refused(b"{%s}" % b",".join(b'"%d":0' % number for number in range(2_000)))
    assert problem.errors is not None
    assert len(problem.errors) <= 100


def test_what_looks_like_a_place_in_a_value_is_none() -> None:
    for text in (" - at `$.name`", " - at `" * 100_000):
        began = time.process_time()
        body = json.encode({"name": "tea", "size": text})
        with pytest.raises(Rejected) as caught:
            decode(body, Sized)
        assert (caught.value.field, caught.value.errors) == ("size", None)
        assert time.process_time() - began < 2
