"""`Exchange`: where private firms meet. It passes orders and posted prices on, and knows nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pricegrad.distributed import checkpoint
from pricegrad.distributed.errors import Absent, BadMessage, CutOff, DistributedError
from pricegrad.distributed.firm import Firm
from pricegrad.distributed.member import Invitation
from pricegrad.distributed.message import SIZE, Kind, Message
from pricegrad.distributed.post import PostOffice, Tap
from pricegrad.distributed.result import Box, Trade, tally
from pricegrad.distributed.terms import Party, Plan, draw_up
from pricegrad.distributed.trader import open_outside
from pricegrad.distributed.traffic import Traffic
from pricegrad.errors import ModelError
from pricegrad.progress import working


class Exchange:
    """A market of private firms, who call in from their own processes.

    `supply` and `demand` name the outside markets: a fixed quantity of supply by good; a price by good at
    which any amount is supplied (`imports`) or taken (`demand`). `shared` are the non-rival goods. With
    `state`, a folder, every finished round is on disk, and a new `Exchange` on the same folder resumes.
    `patience` (seconds) is how long a firm may stay away. `tap` sees every frame both ways.
    """

    def __init__(
        self,
        firms: Sequence[Firm],
        *,
        supply: Mapping[str, float] | None = None,
        imports: Mapping[str, float] | None = None,
        demand: Mapping[str, float] | None = None,
        shared: Sequence[str] = (),
        units: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        state: str | Path | None = None,
        patience: float = 30.0,
        tap: Tap | None = None,
    ) -> None:
        self.firms = tuple(firms)
        supply, imports, demand = supply or {}, imports or {}, demand or {}
        outside = [Party(f"supply of {good}", good, ()) for good in [*supply, *imports]]
        outside += [Party(f"demand for {good}", "", (good,)) for good in demand]
        self.plan: Plan = draw_up(
            [*(firm.party() for firm in firms), *outside],
            takes_any=frozenset(f"demand for {good}" for good in demand),
            shared=frozenset(shared),
            units=units,
        )
        self.names = {i: party.name for i, party in enumerate(self.plan.parties, 1)}
        self._outside = open_outside(self.plan, supply, imports, demand)
        self.state = Path(state) if state is not None else None
        self.patience = patience
        self.round = 0
        self.mail: Box = {}
        self.residual = float("inf")
        self._incoming: dict[int, dict[int, Message]] = {}
        self._cut: tuple[str, str] | None = None
        self._playing = self._closing = False
        self._slowest = ""
        self._called: set[int] = set()  # who has been called for this round on the line it is on
        self.watch: Callable[[], None] = lambda: (
            None
        )  # raises when whoever hosts the firms knows of a failure
        members = range(1, len(self.firms) + 1)
        self._terms = {i: self.plan.terms(i) for i in members}
        self.keys = self._keys()
        self._resume()
        self.post = PostOffice(
            self,
            self.keys,
            self.names,
            {i: terms.digest for i, terms in self._terms.items()},
            host=host,
            port=port,
            tap=tap,
        )

    def invitation(self, firm: str) -> Invitation:
        """What `firm` needs to call in. It holds the firm's key: hand it over in private."""
        for number, terms in self._terms.items():
            if terms.name == firm:
                host, port = self.post.address
                return Invitation(host, port, self.keys[number], terms, self.patience)
        raise ModelError(
            f"no firm named {firm!r}; there are {', '.join(t.name for t in self._terms.values())}"
        )

    def run(self, rounds: int = 1000, *, tolerance: float = 1e-12) -> Trade:
        """Play until nobody reports more than `tolerance`, for at most `rounds` rounds.

        Raises `Absent` (names who), `CutOff` (names who and why); finished rounds are kept, and `run` goes on
        from there.
        """
        traffic, last, before = Traffic(), self.round + rounds, self.post.messages
        with working(f"a market of {len(self.firms)} private firms", tolerance):
            while self.round < last:
                self._play()
                traffic.messages = self.post.messages - before
                traffic.sent = traffic.messages * SIZE
                traffic.tell(self.round, self.residual, self._slowest)
                if self.residual <= tolerance:
                    break
        return tally(
            self.plan, self.mail, self.round, self.residual, self.residual <= tolerance, self.post.messages
        )

    def close(self) -> None:
        """Tell everybody that the market is over, whoever is just calling in as well."""
        if self._closing:
            return
        self._closing = True
        self.post.let_in(len(self.firms))
        for party in list(self.post.callers):
            self.post.send(party, [Message(Kind.STOP, 0, party, round=self.round)])
        self.post.close()

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def arrived(self, party: int, last_round: int) -> None:
        """See `Desk`. A firm that calls in the middle of a round hears it again."""
        if self._closing:
            return
        if last_round not in (self.round, self.round + 1):
            raise DistributedError(
                f"firm {self.names[party]!r} comes back at round {last_round} and the market has played "
                f"{self.round}: one of the two has lost its ledger; give it back, or start both anew"
            )
        self._incoming.pop(party, None)
        self._called.discard(party)
        if self._playing:
            self._tick(party)

    def letter(self, party: int, message: Message) -> None:
        """See `Desk`."""
        if message.kind is Kind.LEAVE:
            raise BadMessage("it left: its own function failed; the reason is in its own log")
        if self._closing:
            return
        terms = self._terms[party]
        said = self._incoming.setdefault(party, {})
        due = len(terms.sells) + len(terms.buys) + 1
        first = self.round * due
        if message.round != self.round + 1 or party not in self._called:
            raise BadMessage(f"a letter of round {message.round} in round {self.round + 1}")
        if message.seq != first + len(said) + 1:
            raise BadMessage(f"letter {message.seq} where {first + len(said) + 1} was due (of {due} a round)")
        if (message.kind is Kind.STATUS) != (len(said) == due - 1):
            raise BadMessage(f"a {message.kind.name} as letter {len(said) + 1} of {due}")
        if message.kind is not Kind.STATUS:
            links = {Kind.DELIVERY: terms.sells, Kind.BID: tuple(link for link, _ in terms.buys)}
            if message.link not in links.get(message.kind, ()):
                raise BadMessage(f"a {message.kind.name} on link {message.link}, which is not its own")
            message.check(signed=message.link in terms.signed)
            if any((m.kind, m.link) == (message.kind, message.link) for m in said.values()):
                raise BadMessage(f"two letters on link {message.link} in one round")
        said[message.seq] = message
        if len(said) == due:
            self._slowest = self.names[party]  # so far: who is complete last

    def cut(self, party: int, why: str) -> None:
        """See `Desk`."""
        self._cut = self.names[party], why

    def _play(self) -> None:
        """One round: call it, gather everybody's letters, keep them."""
        self.post.new_round()
        self._playing = True
        outside: Box = {}
        worst = 0.0
        saved = {number: dict(trader.memory) for number, trader in self._outside.items()}
        try:
            for number, trader in self._outside.items():
                post, moved = trader.act(self._letters(number))
                worst = max(worst, moved)
                outside |= {(link, kind): (x, y) for kind, link, x, y in post}
            for party in set(self.post.callers) - self._called:
                self._tick(party)
            self._gather()
        except BaseException:
            for number, memory in saved.items():
                trader = self._outside[number]
                trader.memory.clear()
                trader.memory.update(memory)
            raise
        finally:
            self._playing = False
        self.mail = outside
        for said in self._incoming.values():
            for message in said.values():
                if message.kind is Kind.STATUS:
                    worst = max(worst, message.x)
                else:
                    self.mail[message.link, message.kind] = message.x, message.y
        self._incoming.clear()
        self._called.clear()
        self.round += 1
        self.residual = worst
        self._save()

    def _gather(self) -> None:
        deadline = time.monotonic() + self.patience
        while True:
            if self._cut is not None:
                raise CutOff(*self._cut)
            missing = [
                i for i, t in self._terms.items() if not self._complete(i, len(t.sells) + len(t.buys) + 1)
            ]
            if not missing:
                return
            self.watch()
            left = deadline - time.monotonic()
            if left < 0:
                names = [self.names[i] for i in missing]
                raise Absent(
                    names,
                    f"round {self.round + 1}: nothing from {', '.join(map(repr, names))} "
                    f"for {self.patience:g} s. "
                    f"The {self.round} rounds played are kept; run() goes on from there when all are back",
                )
            self.post.pump(min(max(left, 0.01), 0.5))

    def _complete(self, party: int, due: int) -> bool:
        return len(self._incoming.get(party, ())) == due

    def _tick(self, party: int) -> None:
        letters = [
            Message(Kind.DELIVERY if link in dict(self._terms[party].buys) else Kind.BID, 0, party, link,
                    round=self.round, x=x, y=y)
            for link, (x, y) in sorted(self._letters(party).items())
        ]  # fmt: skip
        self._called.add(party)
        self.post.send(party, [*letters, Message(Kind.TICK, 0, party, round=self.round + 1)])

    def _letters(self, party: int) -> dict[int, tuple[float, float]]:
        got: dict[int, tuple[float, float]] = {}
        for (number, kind), values in self.mail.items():
            link = self.plan.links[number - 1]
            if party == (link.buyer if kind is Kind.DELIVERY else link.seller):
                got[number] = values
        return got

    def _keys(self) -> dict[int, bytes]:
        """A key a firm; with a state folder, kept in a file only the owner can read."""
        fresh = {i: secrets.token_bytes(32) for i in self._terms}
        if self.state is None:
            return fresh
        self.state.mkdir(parents=True, exist_ok=True)
        file = self.state / "keys.json"
        with contextlib.suppress(FileExistsError):
            with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
                json.dump({self.names[i]: key.hex() for i, key in fresh.items()}, out)
            return fresh
        kept = json.loads(file.read_text())
        if set(kept) != {terms.name for terms in self._terms.values()}:
            raise ModelError(f"{file} has the keys of another market: {', '.join(sorted(kept))}")
        return {i: bytes.fromhex(kept[terms.name]) for i, terms in self._terms.items()}

    def _save(self) -> None:
        if self.state is None:
            return
        said = {
            "terms": [self.plan.terms(i).to_json() for i in self.names],
            "round": self.round,
            "residual": self.residual,
            "mail": [[link, int(kind), x, y] for (link, kind), (x, y) in self.mail.items()],
            "outside": {str(i): trader.memory for i, trader in self._outside.items()},
        }
        checkpoint.save(self.state / "exchange", json.dumps(said).encode())

    def _resume(self) -> None:
        file = None if self.state is None else self.state / "exchange"
        if file is None or not file.exists():
            return
        said = json.loads(checkpoint.load(file))
        if said["terms"] != [self.plan.terms(i).to_json() for i in self.names]:
            raise ModelError(f"{file} is the state of another market: its firms and goods are not these")
        self.round, self.residual = int(said["round"]), float(said["residual"])
        self.mail = {(link, Kind(kind)): (x, y) for link, kind, x, y in said["mail"]}
        for number, memory in said["outside"].items():
            self._outside[int(number)].memory.update(memory)
