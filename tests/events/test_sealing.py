"""What a seal keeps out."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.sealing import SealBroken, derive, new_key, seal, unseal

KEY = AESGCM(new_key())
PLACE = b"stream 1"
SEALED_IN_FORMAT_1 = "2c67a66fe583ad69ad38f2eac39afb8abc49cc20653786fea5993fe894e6"


def test_a_sealed_value_opens_at_its_place_under_its_key() -> None:
    assert unseal(KEY, seal(KEY, b"plain", PLACE), PLACE) == b"plain"


def test_an_empty_value_can_be_sealed() -> None:
    assert unseal(KEY, seal(KEY, b"", PLACE), PLACE) == b""


def test_a_sealed_value_does_not_contain_the_plain_one() -> None:
    assert b"plain" not in seal(KEY, b"plain", PLACE)


def test_the_same_value_is_never_sealed_the_same_way_twice() -> None:
    assert seal(KEY, b"plain", PLACE) != seal(KEY, b"plain", PLACE)


def test_a_sealed_value_does_not_open_elsewhere() -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"plain", PLACE), b"stream 2")


def test_a_sealed_value_does_not_open_under_another_key() -> None:
    with pytest.raises(SealBroken):
        unseal(AESGCM(new_key()), seal(KEY, b"plain", PLACE), PLACE)


def test_a_change_of_any_byte_breaks_the_seal() -> None:
    sealed = seal(KEY, b"plain", PLACE)
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(SealBroken):
            unseal(KEY, bytes(changed), PLACE)


@pytest.mark.parametrize("length", range(len(seal(KEY, b"plain", PLACE))))
def test_a_shortened_value_is_broken(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"plain", PLACE)[:length], PLACE)


def test_a_format_1_value_still_opens() -> None:
    key = AESGCM(bytes(range(32)))
    sealed = "01" + "000102030405060708090a0b" + SEALED_IN_FORMAT_1
    assert unseal(key, bytes.fromhex(sealed), b"place") == b"kept for years"


def test_derived_keys_differ_by_purpose_and_by_master_key() -> None:
    master = os.urandom(32)
    keys = {derive(master, "wrap"), derive(master, "claims"), derive(os.urandom(32), "wrap")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
