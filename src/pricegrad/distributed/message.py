"""One message between firms: 88 bytes of a fixed layout, numbers only, signed by its sender.

| offset | type    | field    | meaning                                                                    |
|--------|---------|----------|----------------------------------------------------------------------------|
| 0      | 4 bytes | magic    | `PGRD`                                                                     |
| 4      | uint16  | version  | 1                                                                          |
| 6      | uint16  | kind     | see `Kind`                                                                 |
| 8      | uint32  | sender   | number of the party; 0 is the exchange                                     |
| 12     | uint32  | receiver | likewise                                                                   |
| 16     | uint32  | link     | number of the link; 0 where the message is about none                      |
| 20     | uint32  | terms    | CRC-32 of the terms the party was given: both ends mean the same goods     |
| 24     | uint64  | round    |                                                                            |
| 32     | uint64  | seq      | counts a party's messages; never goes back                                 |
| 40     | float64 | x        | see `Kind`                                                                 |
| 48     | float64 | y        | see `Kind`                                                                 |
| 56     | 32 bytes| mac      | HMAC-SHA256 of the 56 bytes before, with the key of the session            |

Little-endian. Nothing in a message is ever executed, unpickled, or used as a length.
"""

from __future__ import annotations

import hmac
import math
import struct
from dataclasses import dataclass
from enum import IntEnum

from pricegrad.distributed.errors import BadMessage

MAGIC = b"PGRD"
VERSION = 1
LARGEST = 1e30  # no price or quantity beyond it is believed
EXCHANGE = 0
_LAYOUT = struct.Struct("<4sHHIIIIQQdd")
_MAC = 32
SIZE = _LAYOUT.size + _MAC


class Kind(IntEnum):
    """What a message says, and what x and y are.

    CHALLENGE  exchange to firm: round and seq are a random number to sign
    HELLO      firm to exchange: round and seq echo it, x = last round finished, y = a random number
    TICK       exchange to firm: play `round`
    DELIVERY   seller to buyer: x = quantity (units of the good), y = posted price (numeraire per unit)
    BID        buyer to seller: x = quantity ordered (units), y = worth of one unit more (numeraire per unit)
    STATUS     firm to exchange: `round` is played; x = largest relative change or unused gain it sees
    STOP       exchange to firm: the market is over
    LEAVE      firm to exchange: it cannot go on (its own log says why)
    """

    CHALLENGE = 1
    HELLO = 2
    TICK = 3
    DELIVERY = 4
    BID = 5
    STATUS = 6
    STOP = 7
    LEAVE = 8


_MAY_USE_X = {Kind.HELLO, Kind.DELIVERY, Kind.BID, Kind.STATUS}
_MAY_USE_Y = {Kind.HELLO, Kind.DELIVERY, Kind.BID}


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message; `x` and `y` are finite and within `LARGEST`."""

    kind: Kind
    sender: int
    receiver: int
    link: int = 0
    terms: int = 0
    round: int = 0
    seq: int = 0
    x: float = 0.0
    y: float = 0.0

    @property
    def body(self) -> bytes:
        """The signed bytes."""
        return _LAYOUT.pack(
            MAGIC, VERSION, self.kind, self.sender, self.receiver, self.link, self.terms, self.round,
            self.seq, self.x, self.y,
        )  # fmt: skip

    def check(self, *, signed: bool = False) -> None:
        """Raise `BadMessage` unless the values make sense; `signed` allows a quantity below 0."""
        for name, value in (("x", self.x), ("y", self.y)):
            if not math.isfinite(value):
                raise BadMessage(f"{name} of a {self.kind.name} is {value}")
            if abs(value) > LARGEST:
                raise BadMessage(f"{name} of a {self.kind.name} is {value:g}, beyond {LARGEST:g}")
        if self.y < 0 or (self.x < 0 and not (signed and self.kind is Kind.DELIVERY)):
            raise BadMessage(f"a {self.kind.name} with negative values ({self.x:g}, {self.y:g})")
        if (self.x and self.kind not in _MAY_USE_X) or (self.y and self.kind not in _MAY_USE_Y):
            raise BadMessage(f"a {self.kind.name} carries no numbers, this one has ({self.x:g}, {self.y:g})")


def session_key(key: bytes, challenge: Message, hello: Message) -> bytes:
    """The key of one session: of the firm's own key and both random numbers."""
    fresh = struct.pack("<QQd", challenge.round, challenge.seq, hello.y)
    return hmac.digest(key, fresh, "sha256")


def encode(message: Message, key: bytes) -> bytes:
    """The frame of `message`, `SIZE` bytes, signed with `key`."""
    body = message.body
    return body + hmac.digest(key, body, "sha256")


def decode(frame: bytes, key: bytes | None, *, signed: bool = False) -> Message:
    """The message in `frame`. Raises `BadMessage`; `key` None skips the signature (for a CHALLENGE only)."""
    if len(frame) != SIZE:
        raise BadMessage(f"a message has {SIZE} bytes, this one {len(frame)}")
    body, mac = frame[: _LAYOUT.size], frame[_LAYOUT.size :]
    magic, version, kind, *numbers = _LAYOUT.unpack(body)
    if magic != MAGIC:
        raise BadMessage(f"a message begins with {MAGIC!r}, this one with {magic!r}")
    if version != VERSION:
        raise BadMessage(f"version {version} of the protocol; this is version {VERSION}")
    if key is not None and not hmac.compare_digest(mac, hmac.digest(key, body, "sha256")):
        raise BadMessage("the signature is not the sender's")
    try:
        message = Message(Kind(kind), *numbers)
    except ValueError:
        raise BadMessage(f"there is no kind {kind} of message") from None
    message.check(signed=signed)
    return message
