"""Who sells what to whom: the links of a market of private firms, and the part of them each firm is told."""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pricegrad.distributed.errors import BadMessage
from pricegrad.errors import ModelError, did_you_mean

_LONGEST = 10**7


@dataclass(frozen=True)
class Party:
    """Somebody in the market as the others see it: a name, what it makes, what it buys."""

    name: str
    makes: str
    buys: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """One good from one seller to one buyer (numbers of parties).

    `signed`: the buyer takes any amount at a fixed price, negative ones included (net sales).
    """

    number: int
    good: str
    seller: int
    buyer: int
    signed: bool = False


@dataclass(frozen=True)
class Terms:
    """What one party is told: its number, and its own links. `rival` False: all buyers get it whole."""

    party: int
    name: str
    makes: str
    rival: bool
    sells: tuple[int, ...]
    buys: tuple[tuple[int, str], ...]
    signed: tuple[int, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Canonical text: the same terms give the same bytes."""
        return json.dumps(
            {
                "protocol": 1,
                "party": self.party,
                "name": self.name,
                "makes": self.makes,
                "rival": self.rival,
                "sells": list(self.sells),
                "buys": [[link, good] for link, good in self.buys],
                "signed": list(self.signed),
                "units": dict(sorted(self.units.items())),
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(text: str) -> Terms:
        """Read `to_json`. Raises `BadMessage` for anything else, another protocol version included."""
        with reading("terms"):
            said = parsed(text)
            if said.get("protocol") != 1:
                raise ValueError(f"they are of protocol {said.get('protocol')!r}; this program speaks 1")
            return Terms(
                _number(said["party"]),
                str(said["name"]),
                str(said["makes"]),
                bool(said["rival"]),
                tuple(_number(link) for link in said["sells"]),
                tuple((_number(link), str(good)) for link, good in said["buys"]),
                tuple(_number(link) for link in said["signed"]),
                {str(good): str(unit) for good, unit in said["units"].items()},
            )

    @property
    def digest(self) -> int:
        """CRC-32 of the canonical text, carried by every message."""
        return zlib.crc32(self.to_json().encode())


def parsed(text: str) -> dict[str, Any]:
    """A JSON object of reasonable size, each name once. Raises ValueError, TypeError, RecursionError."""
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters; more than {_LONGEST} are not read")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name stands in it twice")
        return found

    said = json.loads(text, object_pairs_hook=once)
    if not isinstance(said, dict):
        raise TypeError(f"it is a {type(said).__name__}, not an object")
    return said


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn whatever is wrong with a text into a `BadMessage` that says what it should be."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as err:
        said = f"it lacks {err}" if isinstance(err, KeyError) else str(err)
        raise BadMessage(f"this is not {what}: {said}") from None
    except RecursionError:
        raise BadMessage(f"this is not {what}: it is nested too deep") from None


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**32:
        raise ValueError(f"{value!r} is no number of a party or a link")
    return value


def _named(name: str) -> str:
    """A name as it is compared: what looks the same is the same. Raises `ModelError` for what is no name."""
    plain = unicodedata.normalize("NFKC", name)
    if not plain.strip() or not plain.isprintable() or set(plain) & set("/\\") or len(plain) > 200:
        raise ModelError(
            f"{name!r} is no name for a party: 1 to 200 characters that can be printed, without / and \\"
        )
    return plain.strip().casefold()


@dataclass(frozen=True)
class Plan:
    """All links, which only the exchange holds. Party i + 1 is `parties[i]`."""

    parties: tuple[Party, ...]
    links: tuple[Link, ...]
    shared: frozenset[str]
    units: Mapping[str, str]

    def terms(self, number: int) -> Terms:
        """The terms of one party."""
        party = self.parties[number - 1]
        sells = tuple(link.number for link in self.links if link.seller == number)
        buys = tuple((link.number, link.good) for link in self.links if link.buyer == number)
        signed = tuple(
            link.number for link in self.links if link.signed and number in (link.seller, link.buyer)
        )
        goods = {party.makes, *party.buys}
        units = {good: unit for good, unit in self.units.items() if good in goods}
        return Terms(
            number, party.name, party.makes, party.makes not in self.shared, sells, buys, signed, units
        )


def draw_up(
    parties: Sequence[Party],
    *,
    takes_any: frozenset[str] = frozenset(),
    shared: frozenset[str] = frozenset(),
    units: Mapping[str, str] | None = None,
) -> Plan:
    """Link every maker of a good to every buyer of it.

    `takes_any`: parties that take any net amount at their own price. `shared`: the non-rival goods.
    Raises `ModelError` when two parties share a name, or a good has a buyer and no maker, or no buyer.
    """
    names = [party.name for party in parties]
    plain = [_named(name) for name in names]
    if len(set(plain)) < len(plain):
        twice = next(name for name, same in zip(names, plain, strict=True) if plain.count(same) > 1)
        raise ModelError(f"there are two parties named {twice!r}; give one of them name='...'")
    links: list[Link] = []
    made = [party.makes for party in parties if party.makes]
    for buyer, party in enumerate(parties, 1):
        for good in party.buys:
            sellers = [i for i, other in enumerate(parties, 1) if other.makes == good and i != buyer]
            if not sellers:
                near = did_you_mean(good, made)
                raise ModelError(f"{party.name!r} buys {good!r}, and nobody makes it or supplies it.{near}")
            signed = party.name in takes_any
            links += [Link(len(links) + 1 + k, good, i, buyer, signed) for k, i in enumerate(sellers)]
    for seller, party in enumerate(parties, 1):
        if party.makes and not any(link.seller == seller for link in links):
            raise ModelError(f"{party.name!r} makes {party.makes!r}, and nobody buys it: add a demand for it")
    unknown = set(shared) - set(made)
    if unknown:
        raise ModelError(f"nobody makes the shared good {min(unknown)!r}.{did_you_mean(min(unknown), made)}")
    return Plan(tuple(parties), tuple(links), shared, dict(units or {}))
