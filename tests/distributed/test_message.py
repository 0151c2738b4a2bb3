"""The layout of a message, byte by byte, and everything it refuses."""

import hashlib
import hmac
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricegrad.distributed import BadMessage
from pricegrad.distributed.message import LARGEST, SIZE, Kind, Message, decode, encode

KEY = b"k" * 32
GOOD = Message(Kind.BID, 3, 0, 7, 0xDEADBEEF, 12, 99, 2.5, 0.125)


def test_layout_is_the_documented_one():
    frame = encode(GOOD, KEY)
    body = b"PGRD" + struct.pack("<HH", 1, 5) + struct.pack("<IIII", 3, 0, 7, 0xDEADBEEF)
    body += struct.pack("<QQ", 12, 99) + struct.pack("<dd", 2.5, 0.125)
    assert frame == body + hmac.new(KEY, body, hashlib.sha256).digest()
    assert len(frame) == SIZE == 88
    assert decode(frame, KEY) == GOOD


@given(
    kind=st.sampled_from([Kind.DELIVERY, Kind.BID]),
    numbers=st.tuples(*[st.integers(0, 2**32 - 1)] * 4),
    large=st.tuples(*[st.integers(0, 2**64 - 1)] * 2),
    x=st.floats(0, LARGEST),
    y=st.floats(0, LARGEST),
)
def test_every_good_message_comes_back(kind, numbers, large, x, y):
    message = Message(kind, *numbers, *large, x, y)
    assert decode(encode(message, KEY), KEY) == message


@given(at=st.integers(0, SIZE - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused(at, bit):
    frame = bytearray(encode(GOOD, KEY))
    frame[at] ^= 1 << bit
    with pytest.raises(BadMessage):
        decode(bytes(frame), KEY)


@given(st.binary(max_size=2 * SIZE))
def test_noise_is_refused_and_does_nothing_else(noise):
    with pytest.raises(BadMessage):
        decode(noise, KEY)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, 2 * LARGEST, -5e-324])
@pytest.mark.parametrize("field", ["x", "y"])
def test_values_that_are_no_prices_or_quantities_are_refused(field, value):
    frame = encode(Message(Kind.BID, 3, 0, 7, **{field: value}), KEY)
    with pytest.raises(BadMessage, match="BID"):
        decode(frame, KEY)


def test_a_quantity_below_zero_only_where_the_terms_say_so():
    frame = encode(Message(Kind.DELIVERY, 3, 0, 7, x=-0.4, y=1.0), KEY)
    assert decode(frame, KEY, signed=True).x == -0.4
    with pytest.raises(BadMessage, match="negative"):
        decode(frame, KEY)


@pytest.mark.parametrize("kind", [Kind.TICK, Kind.STOP, Kind.CHALLENGE, Kind.LEAVE])
def test_a_message_without_numbers_carries_none(kind):
    with pytest.raises(BadMessage, match="no numbers"):
        decode(encode(Message(kind, 3, 0, x=1.0), KEY), KEY)


def test_another_version_and_another_kind_are_named():
    body = bytearray(GOOD.body)
    body[4] = 2
    with pytest.raises(BadMessage, match="version 2"):
        decode(bytes(body) + hmac.digest(KEY, bytes(body), "sha256"), KEY)
    body = bytearray(GOOD.body)
    body[6] = 77
    with pytest.raises(BadMessage, match="kind 77"):
        decode(bytes(body) + hmac.digest(KEY, bytes(body), "sha256"), KEY)
