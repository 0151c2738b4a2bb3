"""A firm's side of the market: one connection out, nothing listens, one round at a time, one ledger on disk.

Run by its owner, on the owner's machine:

    python -m pricegrad.distributed.member INVITATION.json FILE.py:NAME [LEDGER]
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pricegrad.distributed import checkpoint
from pricegrad.distributed.errors import Absent, BadMessage, TornCheckpoint
from pricegrad.distributed.message import EXCHANGE, SIZE, Kind, Message, decode, encode, session_key
from pricegrad.distributed.producer import open_business
from pricegrad.distributed.terms import Terms, parsed, reading
from pricegrad.distributed.trader import FirmTrader, Post, Trader


@dataclass(frozen=True)
class Invitation:
    """What the exchange gives a firm, on paper: where to call, its key, its terms. Keep it secret."""

    host: str
    port: int
    key: bytes
    terms: Terms
    patience: float = 30.0

    def to_json(self) -> str:
        """Text for a file that only the owner can read."""
        return json.dumps(
            {
                "host": self.host,
                "port": self.port,
                "key": self.key.hex(),
                "terms": self.terms.to_json(),
                "patience": self.patience,
            }
        )

    @staticmethod
    def from_json(text: str) -> Invitation:
        """Read `to_json`. Raises `BadMessage` for anything else."""
        with reading("an invitation"):
            said = parsed(text)
            found = Invitation(
                str(said["host"]),
                int(said["port"]),
                bytes.fromhex(said["key"]),
                Terms.from_json(said["terms"]),
                float(said["patience"]),
            )
            if not (0 < found.port < 2**16 and len(found.key) == 32 and 0 < found.patience < 1e9):
                raise ValueError("its port, key or patience cannot be one")
        return found


class Member:
    """Plays a trader's rounds over a connection to the exchange. `ledger`: the file it resumes from."""

    def __init__(self, invitation: Invitation, trader: Trader, ledger: Path | None = None) -> None:
        self.invitation, self.trader, self.ledger = invitation, trader, ledger
        self.terms = invitation.terms
        self.selling = frozenset(self.terms.sells)
        self.buying = frozenset(link for link, _ in self.terms.buys)
        self.signed = frozenset(self.terms.signed)
        self.round = 0
        self.sent: Post = []
        self.residual = 0.0
        self.letters: dict[int, dict[int, tuple[float, float]]] = {}
        if ledger is not None and ledger.exists():
            self._take_up(ledger)

    def run(self) -> None:
        """Play until the exchange stops the market. Raises `Absent` when it cannot be reached for long."""
        since = time.monotonic()
        while True:
            try:
                with socket.create_connection(
                    (self.invitation.host, self.invitation.port), timeout=self.invitation.patience
                ) as line:
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                    if self._session(line):
                        return
                    since = time.monotonic()
            except OSError as err:
                if time.monotonic() - since > self.invitation.patience:
                    where = f"{self.invitation.host}:{self.invitation.port}"
                    raise Absent(["exchange"], f"the exchange at {where} does not answer: {err}") from None
            time.sleep(0.1)

    def _session(self, line: socket.socket) -> bool:
        """Shake hands and play; True when the market is over, False when the line broke."""
        frame = _read(line)
        if frame is None:
            return False
        challenge = decode(frame, None)
        if challenge.kind is not Kind.CHALLENGE:
            raise BadMessage(f"the exchange must begin with a CHALLENGE, not a {challenge.kind.name}")
        hello = Message(
            Kind.HELLO, self.terms.party, EXCHANGE, terms=self.terms.digest, round=challenge.round,
            seq=challenge.seq, x=float(self.round), y=float(secrets.randbits(52)),
        )  # fmt: skip
        line.sendall(encode(hello, self.invitation.key))
        key = session_key(self.invitation.key, challenge, hello)
        line.settimeout(None)  # between runs the exchange is silent for as long as it likes
        seen = 0
        while (frame := _read(line)) is not None:
            message = decode(frame, key, signed=True)
            seen += 1
            if (message.sender, message.receiver, message.seq) != (EXCHANGE, self.terms.party, seen):
                raise BadMessage(f"not the exchange's next message to {self.terms.name!r}: {message}")
            if message.terms != self.terms.digest:
                raise BadMessage("the exchange speaks of other terms than the invitation's")
            if message.kind is Kind.STOP:
                return True
            if message.kind is Kind.TICK:
                try:
                    self._play(message.round)
                except Exception:
                    line.sendall(self._farewell(key))
                    raise
                line.sendall(self._frames(key))
            else:
                self._receive(message)
        return False

    def _receive(self, message: Message) -> None:
        link, kind = message.link, message.kind
        mine = self.buying if kind is Kind.DELIVERY else self.selling if kind is Kind.BID else frozenset()
        if link not in mine:
            raise BadMessage(
                f"a {kind.name} on link {link}, which is not a link of {self.terms.name!r} for it"
            )
        message.check(signed=link in self.signed)
        if message.round not in (self.round - 1, self.round):
            raise BadMessage(
                f"a letter of round {message.round}; {self.terms.name!r} has played {self.round}"
            )
        self.letters.setdefault(message.round, {})[link] = (message.x, message.y)

    def _play(self, number: int) -> None:
        """Play round `number`; nothing to do when it is the one already played, and only to be said again."""
        if number == self.round + 1:
            letters = self.letters.get(number - 1, {})
            if number > 1 and set(letters) != self.selling | self.buying:
                missing = min((self.selling | self.buying) - set(letters))
                raise BadMessage(f"round {number} begins and link {missing} has brought nothing")
            self.sent, self.residual = self.trader.act(letters)
            self.round = number
            self.letters = {at: box for at, box in self.letters.items() if at >= number}
            if self.ledger is not None:
                checkpoint.save(self.ledger, self._entry())
        elif number != self.round:
            raise BadMessage(
                f"the exchange calls round {number}; {self.terms.name!r} has played {self.round}"
            )

    def _frames(self, key: bytes) -> bytes:
        first = (self.round - 1) * (len(self.sent) + 1)
        party, digest = self.terms.party, self.terms.digest
        frames = [
            encode(Message(kind, party, EXCHANGE, link, digest, self.round, first + k + 1, x, y), key)
            for k, (kind, link, x, y) in enumerate(self.sent)
        ]
        last = first + len(self.sent) + 1
        status = Message(Kind.STATUS, party, EXCHANGE, 0, digest, self.round, last, self.residual)
        return b"".join([*frames, encode(status, key)])

    def _farewell(self, key: bytes) -> bytes:
        return encode(
            Message(Kind.LEAVE, self.terms.party, EXCHANGE, terms=self.terms.digest, round=self.round), key
        )

    def _entry(self) -> bytes:
        said = {
            "terms": self.terms.to_json(),
            "round": self.round,
            "sent": [[int(kind), link, x, y] for kind, link, x, y in self.sent],
            "residual": self.residual,
            "memory": self.trader.memory,
        }
        return json.dumps(said).encode()

    def _take_up(self, ledger: Path) -> None:
        said = json.loads(checkpoint.load(ledger))
        if said["terms"] != self.terms.to_json():
            raise TornCheckpoint(f"{ledger} belongs to another market: its terms are not the invitation's")
        self.round = int(said["round"])
        self.sent = [(Kind(kind), link, x, y) for kind, link, x, y in said["sent"]]
        self.residual = float(said["residual"])
        self.trader.memory.update(said["memory"])


def serve(
    invitation: Invitation,
    source: str,
    *,
    coefficients: Mapping[str, Any] | None = None,
    ledger: Path | None = None,
    step: float = 1.0,
) -> None:
    """Open the business at `source` and trade until the market is over."""
    producer = open_business(source, coefficients)
    Member(invitation, FirmTrader(invitation.terms, producer, step=step), ledger).run()


def _read(line: socket.socket) -> bytes | None:
    """One frame, or None when the other side is gone. Never reads more than a frame."""
    frame = b""
    while len(frame) < SIZE:
        part = line.recv(SIZE - len(frame))
        if not part:
            return None
        frame += part
    return frame


def main(words: list[str]) -> None:
    """`INVITATION.json FILE.py:NAME [LEDGER]`."""
    if len(words) not in (2, 3):
        raise SystemExit(
            "usage: python -m pricegrad.distributed.member INVITATION.json FILE.py:NAME [LEDGER]"
        )
    ledger = Path(words[2]) if len(words) == 3 else None
    serve(Invitation.from_json(Path(words[0]).read_text()), words[1], ledger=ledger)


if __name__ == "__main__":
    main(sys.argv[1:])
