"""The exchange's post: one listening socket, a signed session a firm, nothing believed unchecked."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pricegrad.distributed.errors import BadMessage
from pricegrad.distributed.message import EXCHANGE, SIZE, Kind, Message, decode, encode, session_key

_HANDSHAKE = 5.0  # seconds a caller has to say who it is
_STRANGERS = 32  # callers who have not said it yet
_SWALLOW = 64 * SIZE  # bytes taken from one caller before the others have their turn
_CALLS = 20  # calls a firm may make in one round (a firm that restarts calls once)

Tap = Callable[[str, str, bytes], None]  # ("in" or "out", the firm's name, the frame)


class Desk(Protocol):
    """Whoever the letters are for."""

    def arrived(self, party: int, last_round: int) -> None:
        """A firm has shown its key; it has played `last_round`."""

    def letter(self, party: int, message: Message) -> None:
        """A letter with a good signature. Raise `BadMessage` to have the sender cut off."""

    def cut(self, party: int, why: str) -> None:
        """The firm was shut out."""


@dataclass(eq=False)
class _Caller:
    line: socket.socket
    since: float
    challenge: Message
    party: int = 0
    key: bytes = b""
    sent: int = 0
    inbox: bytearray = field(default_factory=bytearray)
    outbox: bytearray = field(default_factory=bytearray)


class PostOffice:
    """Listens on one address for the holders of `keys` (by number of party; `names` likewise)."""

    def __init__(
        self,
        desk: Desk,
        keys: Mapping[int, bytes],
        names: Mapping[int, str],
        terms: Mapping[int, int],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tap: Tap | None = None,
    ) -> None:
        self.desk, self.keys, self.names, self.terms, self.tap = desk, keys, names, terms, tap
        self.callers: dict[int, _Caller] = {}
        self.banned: set[int] = set()
        self.calls: dict[int, int] = {}
        self.refused = 0
        self.messages = 0
        self._strangers: set[_Caller] = set()
        self._door = socket.create_server((host, port), backlog=_STRANGERS)
        self._door.setblocking(False)
        self._select = selectors.DefaultSelector()
        self._select.register(self._door, selectors.EVENT_READ)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port listened on."""
        host, port = self._door.getsockname()[:2]
        return str(host), int(port)

    def send(self, party: int, messages: list[Message]) -> None:
        """Send letters to a firm, if it is there; they are numbered and signed here."""
        caller = self.callers.get(party)
        if caller is None:
            return
        for message in messages:
            caller.sent += 1
            numbered = Message(
                message.kind, EXCHANGE, party, message.link, self.terms[party], message.round, caller.sent,
                message.x, message.y,
            )  # fmt: skip
            frame = encode(numbered, caller.key)
            self._record("out", party, frame)
            caller.outbox += frame
        self._flush(caller)

    def pump(self, seconds: float) -> None:
        """Serve whoever calls, for at most `seconds`; returns after one batch of events."""
        for key, events in self._select.select(max(seconds, 0.0)):
            if key.fileobj is self._door:
                self._accept()
                continue
            caller: _Caller = key.data
            if events & selectors.EVENT_WRITE:
                self._flush(caller)
            if events & selectors.EVENT_READ:
                self._read(caller)
        now = time.monotonic()
        for stranger in [s for s in self._strangers if now - s.since > _HANDSHAKE]:
            self._refuse(stranger)

    def let_in(self, expected: int) -> None:
        """Serve those at the door until `expected` firms are in, or half a second brings nobody more."""
        quiet = time.monotonic() + 0.5
        while len(self.callers) + len(self.banned) < expected and time.monotonic() < quiet:
            self.pump(0.05)

    def new_round(self) -> None:
        """Allow each firm its calls anew."""
        self.calls.clear()

    def close(self) -> None:
        """Hang up on everybody and stop listening."""
        deadline = time.monotonic() + 2.0
        while any(c.outbox for c in self.callers.values()) and time.monotonic() < deadline:
            self.pump(0.05)
        everybody = [*self.callers.values(), *self._strangers]
        self._listen_out(everybody)
        for caller in everybody:
            self._hang_up(caller)
        self._select.close()
        self._door.close()

    def _listen_out(self, callers: list[_Caller]) -> None:
        """Wait a second for the others to hang up: closing on unread bytes would lose what we said last."""
        for caller in callers:
            if caller.line.fileno() >= 0:
                with contextlib.suppress(OSError):
                    caller.line.shutdown(socket.SHUT_WR)
                caller.line.settimeout(0.05)
        deadline = time.monotonic() + 1.0
        waiting = [caller for caller in callers if caller.party and caller.line.fileno() >= 0]
        while waiting and time.monotonic() < deadline:
            for caller in list(waiting):
                try:
                    if not caller.line.recv(_SWALLOW):
                        waiting.remove(caller)
                except TimeoutError:
                    continue
                except OSError:
                    waiting.remove(caller)

    def _accept(self) -> None:
        try:
            line, _ = self._door.accept()
        except OSError:
            return
        if len(self._strangers) >= _STRANGERS:
            # the one that has said nothing for longest goes: whoever has a key needs the door for a moment
            self._refuse(min(self._strangers, key=lambda stranger: stranger.since))
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        challenge = Message(
            Kind.CHALLENGE, EXCHANGE, EXCHANGE, round=secrets.randbits(64), seq=secrets.randbits(64)
        )
        caller = _Caller(line, time.monotonic(), challenge)
        self._strangers.add(caller)
        caller.outbox += encode(challenge, b"")
        self._select.register(line, selectors.EVENT_READ, caller)
        self._flush(caller)

    def _read(self, caller: _Caller) -> None:
        try:
            data = caller.line.recv(_SWALLOW)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(caller)
            return
        caller.inbox += data
        while len(caller.inbox) >= SIZE and caller.line.fileno() >= 0:
            frame = bytes(caller.inbox[:SIZE])
            del caller.inbox[:SIZE]
            if caller.party:
                self._letter(caller, frame)
            else:
                self._hello(caller, frame)

    def _hello(self, caller: _Caller, frame: bytes) -> None:
        """A stranger is refused without a word: it may be anybody, and the firm it names is not to blame."""
        try:
            claimed = decode(frame, None)
            key = self.keys.get(claimed.sender)
            if key is None or claimed.kind is not Kind.HELLO or claimed.sender in self.banned:
                raise BadMessage("nobody we know")
            hello = decode(frame, key)
            echo = caller.challenge.round, caller.challenge.seq
            if (hello.round, hello.seq) != echo or hello.terms != self.terms[hello.sender]:
                raise BadMessage("not an answer to this challenge, or of other terms")
            if hello.x != int(hello.x):
                raise BadMessage("a last round that is no whole number")
        except BadMessage:
            self._refuse(caller)
            return
        party = hello.sender
        self.calls[party] = self.calls.get(party, 0) + 1
        before = self.callers.get(party)
        if before is not None:
            self._hang_up(before)
        self._strangers.discard(caller)
        caller.party, caller.key = party, session_key(key, caller.challenge, hello)
        self.callers[party] = caller
        self._record("in", party, frame)
        if self.calls[party] > _CALLS:
            self._cut(caller, f"it called {self.calls[party]} times in one round; {_CALLS} are allowed")
            return
        self.desk.arrived(party, int(hello.x))

    def _letter(self, caller: _Caller, frame: bytes) -> None:
        self._record("in", caller.party, frame)
        try:
            message = decode(frame, caller.key, signed=True)
            if message.sender != caller.party or message.receiver != EXCHANGE:
                raise BadMessage(f"a letter from party {message.sender} to {message.receiver} on its line")
            if message.terms != self.terms[caller.party]:
                raise BadMessage("a letter under other terms than its own")
            self.desk.letter(caller.party, message)
        except BadMessage as err:
            self._cut(caller, str(err))

    def _cut(self, caller: _Caller, why: str) -> None:
        self.banned.add(caller.party)
        self._hang_up(caller)
        self.desk.cut(caller.party, why)

    def _refuse(self, caller: _Caller) -> None:
        self.refused += 1
        self._hang_up(caller)

    def _hang_up(self, caller: _Caller) -> None:
        self._strangers.discard(caller)
        if self.callers.get(caller.party) is caller:
            del self.callers[caller.party]
        if caller.line.fileno() >= 0:
            self._select.unregister(caller.line)
            caller.line.close()

    def _flush(self, caller: _Caller) -> None:
        try:
            while caller.outbox:
                del caller.outbox[: caller.line.send(caller.outbox)]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up(caller)
            return
        if caller.line.fileno() >= 0:
            wish = selectors.EVENT_READ | (selectors.EVENT_WRITE if caller.outbox else 0)
            self._select.modify(caller.line, wish, caller)

    def _record(self, way: str, party: int, frame: bytes) -> None:
        self.messages += 1
        if self.tap is not None:
            self.tap(way, self.names[party], frame)
