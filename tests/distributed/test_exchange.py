"""Private firms: the three companies, what their messages give away, and what a bad firm cannot do."""

import contextlib
import hmac
import json
import socket
import struct
import threading
from dataclasses import replace

import pytest
from scipy.optimize import brentq

from pricegrad.distributed import Absent, BadMessage, CutOff, DistributedError, Exchange, post
from pricegrad.distributed.member import Invitation, Member, serve
from pricegrad.distributed.message import SIZE, Kind, Message, decode, encode, session_key
from pricegrad.distributed.terms import Terms
from pricegrad.errors import ModelError
from tests.distributed.companies import Bakery, Brewery
from tests.distributed.helpers import chain, firm, process, threads

PRICES = {"natgas": 1 / 24, "ethylene": 1 / 6, "polyethylene": 3 / 2, "tupperware": 1.0}


def test_three_companies_as_three_processes_and_every_message_inspected(tmp_path):
    tap = []
    with chain(tap=lambda *heard: tap.append(heard)) as exchange:
        processes = [process(exchange, f"company_{c}", tmp_path) for c in "abc"]
        trade = exchange.run(50)
        assert len({p.pid for p in processes}) == 3
    assert [p.wait(10) for p in processes] == [0, 0, 0]
    assert trade.converged
    for good, price in PRICES.items():
        assert trade.prices[good] == pytest.approx(price, rel=1e-12)
    assert trade.quantities["polyethylene"] == pytest.approx(2 / 3, rel=1e-12)
    assert {(deal.seller, deal.buyer, deal.good) for deal in trade.deals} == {
        ("supply of natgas", "company_a", "natgas"), ("company_a", "company_b", "ethylene"),
        ("company_b", "company_c", "polyethylene"), ("company_c", "demand for tupperware", "tupperware"),
    }  # fmt: skip
    assert {deal.good: deal.amount for deal in trade.deals} == trade.quantities.to_dict()
    inspect(tap, exchange)


def inspect(tap, exchange):
    """Every frame is a numbered letter on the firm's own links; its numbers are the link's own x and y."""
    links = {
        name: {link.number for link in exchange.plan.links if i in (link.seller, link.buyer)}
        for i, name in exchange.names.items()
    }
    for way, name, frame in tap:
        assert len(frame) == SIZE
        message = decode(frame, None, signed=True)
        said = struct.unpack_from("<4sHHIIIIQQdd", frame)
        assert said[2] == message.kind
        if message.kind in (Kind.DELIVERY, Kind.BID):
            assert message.link in links[name]
        else:
            assert message.link == 0
            assert message.y == 0 or message.kind is Kind.HELLO
        assert message.kind in (
            {Kind.HELLO, Kind.DELIVERY, Kind.BID, Kind.STATUS}
            if way == "in"
            else {Kind.DELIVERY, Kind.BID, Kind.TICK, Kind.STOP}
        )


def test_nothing_private_is_in_any_message():
    """Two users of one good, with exponents that occur nowhere in what travels; nor does profit or source."""
    tap = []
    with threads_of_town(lambda *heard: tap.append(heard)) as (exchange, _):
        trade = exchange.run(400, tolerance=1e-9)
    assert trade.converged
    wire = b"".join(frame for _, _, frame in tap)
    secrets = [Bakery.SECRET, Brewery.SECRET, 0.21, 0.27, 1 - Bakery.SECRET, 1 - Brewery.SECRET]
    assert not [s for s in secrets if struct.pack("<d", s) in wire]
    for word in (b"make", b"marginal", b"SECRET", b"Bakery", b"pickle", b"companies"):
        assert word not in wire
    inspect(tap, exchange)


class threads_of_town:  # noqa: N801
    """Grain (10 units) and labour (8) for a bakery and a brewery; bread at 2, beer at 3 outside."""

    def __init__(self, tap=None, **more):
        firms = [
            firm("Bakery", "bread", ("grain", "labour"), name="bakery"),
            firm("Brewery", "beer", ("grain", "labour"), name="brewery"),
        ]
        self.exchange = Exchange(
            firms, supply={"grain": 10.0, "labour": 8.0}, demand={"bread": 2.0, "beer": 3.0}, tap=tap, **more
        )
        self.members = threads(self.exchange)

    def __enter__(self):
        return self.exchange, self.members.__enter__()

    def __exit__(self, *error):
        self.members.__exit__(*error)


def test_two_users_of_a_rival_good_end_at_equal_marginal_values():
    with threads_of_town() as (exchange, _):
        trade = exchange.run(400, tolerance=1e-11)
    a, b = Bakery(), Brewery()

    def grain_to_a(labour):
        return brentq(
            lambda g: 2 * a.marginal(g, labour)[0] - 3 * b.marginal(10 - g, 8 - labour)[0],
            1e-9,
            10 - 1e-9,
            xtol=1e-14,
        )

    def gap(labour):
        g = grain_to_a(labour)
        return 2 * a.marginal(g, labour)[1] - 3 * b.marginal(10 - g, 8 - labour)[1]

    labour = brentq(gap, 1e-6, 8 - 1e-6, xtol=1e-14)
    grain = grain_to_a(labour)
    assert trade.prices["grain"] == pytest.approx(2 * a.marginal(grain, labour)[0], rel=1e-8)
    assert trade.prices["labour"] == pytest.approx(2 * a.marginal(grain, labour)[1], rel=1e-8)
    assert trade.quantities["bread"] == pytest.approx(a.make(grain, labour), rel=1e-8)


def test_two_users_of_a_shared_good_add_what_they_would_pay():
    firms = [
        firm("CompanyA", "ethylene", ("natgas",), name="designer"),
        firm("CompanyB", "chairs", ("ethylene",), name="chairs"),
        firm("CompanyB", "tables", ("ethylene",), name="tables"),
    ]
    exchange = Exchange(
        firms, supply={"natgas": 4.0}, demand={"chairs": 1.0, "tables": 2.0}, shared=["ethylene"]
    )
    with threads(exchange):
        trade = exchange.run(100)
    assert trade.prices["ethylene"] == pytest.approx((1 + 2) / 9, rel=1e-12)
    assert trade.quantities["ethylene"] == pytest.approx(2.0, rel=1e-12)
    assert trade.prices["natgas"] == pytest.approx(3 / 9 / 4, rel=1e-12)


def test_imports_at_a_fixed_price_are_bought_up_to_their_marginal_value():
    firms = [firm("CompanyA", "ethylene", ("natgas",), name="a")]
    exchange = Exchange(firms, imports={"natgas": 0.05}, demand={"ethylene": 1.0})
    with threads(exchange):
        trade = exchange.run(400, tolerance=1e-12)
    assert trade.converged
    assert trade.quantities["natgas"] == pytest.approx((0.5 / 0.05) ** 2, rel=1e-9)  # .5 x ** -.5 = .05


LINES = []


@pytest.fixture(autouse=True)
def _hang_up():
    yield
    while LINES:
        LINES.pop().close()


def call(exchange, name, key=None, last=0.0):
    """A hand-made member: connected, past the handshake, with its session key."""
    letter = exchange.invitation(name)
    line = socket.create_connection((letter.host, letter.port), timeout=10)
    LINES.append(line)
    stop = threading.Event()

    def serve_post():
        while not stop.is_set():
            exchange.post.pump(0.05)

    pumping = threading.Thread(target=serve_post)
    pumping.start()
    try:
        challenge = decode(line.recv(SIZE, socket.MSG_WAITALL), None)
    finally:
        stop.set()
        pumping.join(10)
    hello = Message(
        Kind.HELLO,
        letter.terms.party,
        0,
        terms=letter.terms.digest,
        round=challenge.round,
        seq=challenge.seq,
        x=last,
        y=5.0,
    )
    line.sendall(encode(hello, key or letter.key))
    return line, session_key(letter.key, challenge, hello), letter.terms


def first_letters(own, key, **wrong):
    """Round 1 of company_b, with something wrong in its first letter."""
    link = own.sells[0]
    good = dict(kind=Kind.DELIVERY, sender=own.party, receiver=0, link=link, terms=own.digest, round=1, seq=1)
    return encode(Message(**(good | {"x": 1.0, "y": 1.0} | wrong)), key)


NONSENSE = {
    "nan": (dict(x=float("nan")), "nan"),
    "infinite": (dict(y=float("inf")), "inf"),
    "negative": (dict(x=-1.0), "negative"),
    "absurd": (dict(x=1e200), "beyond"),
    "as another": (dict(sender=1), "from party 1"),
    "on another's link": (dict(link=1), "not its own"),
    "no such link": (dict(link=4_000_000_000), "not its own"),
    "wrong direction": (dict(kind=Kind.BID), "not its own"),
    "future round": (dict(round=2), "round 2"),
    "out of order": (dict(seq=2), "letter 2 where 1"),
    "other terms": (dict(terms=1), "other terms"),
    "early status": (dict(kind=Kind.STATUS, link=0, y=0.0), "STATUS as letter 1"),
    "to another": (dict(receiver=2), "to 2 on its line"),
    "a hello": (dict(kind=Kind.HELLO), "a HELLO on link"),
    "a stop": (dict(kind=Kind.STOP, link=0, x=0.0, y=0.0), "a STOP on link"),
    "minus infinity": (dict(x=float("-inf")), "-inf"),
    "a negative price": (dict(y=-1e-300), "negative"),
    "numbers in a tick": (dict(kind=Kind.TICK), "no numbers"),
    "a round that was": (dict(round=0), "round 0"),
    "the last round there is": (dict(round=2**64 - 1, seq=2**64 - 1), "round 18446744073709551615"),
    "a tick": (dict(kind=Kind.TICK, link=0, x=0.0, y=0.0), "TICK"),
    "leaves": (dict(kind=Kind.LEAVE, link=0, x=0.0, y=0.0), "it left"),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_firm_that_sends_nonsense_is_cut_off_by_name_and_the_others_are_untouched(what):
    wrong, why = NONSENSE[what]
    tap = []
    exchange = chain(tap=lambda *heard: tap.append(heard))
    with threads(exchange, skip=("company_b",)) as failures:
        line, key, terms = call(exchange, "company_b")
        line.sendall(first_letters(terms, key, **wrong))
        with pytest.raises(CutOff, match="company_b.*" + why) as caught:
            exchange.run(5)
        assert caught.value.firm == "company_b"
        assert exchange.round == 0
        assert exchange.mail == {}
        with pytest.raises(CutOff):
            exchange.run(1)
    assert failures == {}
    heard = [decode(frame, None).kind for way, name, frame in tap if way == "out" and name != "company_b"]
    assert set(heard) <= {Kind.TICK, Kind.STOP}


def cut_off(said, why):
    """What becomes of a firm that says some bytes after its handshake, and of the others."""
    exchange = chain()
    with threads(exchange, skip=("company_b",)) as failures:
        line, key, terms = call(exchange, "company_b")
        line.sendall(said(key, terms))
        with pytest.raises(CutOff, match="company_b.*" + why):
            exchange.run(5)
        assert exchange.mail == {}
        assert list(exchange.post.banned) == [2]
    assert failures == {}


def another_version(key, terms):
    body = bytearray(first_letters(terms, key)[:56])
    body[4] = 2
    return bytes(body) + hmac.digest(key, bytes(body), "sha256")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (lambda key, terms: first_letters(terms, key) * 2, "letter 1 where 2"),  # the same once more
        (another_version, "version 2"),
        (lambda key, terms: first_letters(terms, b"x" * 32), "signature is not"),
        (lambda key, terms: b"\x00" * SIZE, "begins with"),
        (lambda key, terms: b"\x80\x05cos\nsystem\n" * 20, "begins with"),
        (lambda key, terms: b"{" * 10_000, "begins with"),
    ],
    ids=["replay", "version", "forged", "zeros", "pickle", "json"],
)
def test_bytes_that_are_no_letters_end_in_a_named_error(said, why):
    cut_off(said, why)


def test_a_firm_that_says_half_a_letter_and_waits_is_absent_by_name():
    exchange = chain(patience=1.0)
    with threads(exchange, skip=("company_b",)):
        line, key, terms = call(exchange, "company_b")
        line.sendall(first_letters(terms, key)[:40])
        with pytest.raises(Absent, match="nothing from 'company_b'"):
            exchange.run(5)


def test_callers_who_drip_are_shown_the_door_and_do_not_block_it(monkeypatch):
    """More strangers than there is room for, each with a byte now and then: the firms get in all the same."""
    monkeypatch.setattr(post, "_HANDSHAKE", 0.3)
    exchange = chain()
    slow = []
    for _ in range(60):
        slow.append(socket.create_connection(exchange.post.address, timeout=10))
        exchange.post.pump(0.0)
    LINES.extend(slow)
    done = threading.Event()

    def drip():
        while not done.wait(0.02):
            for line in slow:
                with contextlib.suppress(OSError):
                    line.send(b"P")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with threads(exchange):
            assert exchange.run(50).converged
    finally:
        done.set()
        dripping.join()
    assert exchange.post.refused >= 28


def test_a_hello_with_half_a_round_is_refused():
    exchange = chain(patience=1.0)
    with threads(exchange, skip=("company_b",)):
        call(exchange, "company_b", last=0.5)
        with pytest.raises(Absent, match="company_b"):
            exchange.run(1)
        assert exchange.post.refused == 1


BAD_LETTERS = {
    "not JSON": ("{", "not an invitation"),
    "a list": ("[]", "a list, not an object"),
    "nothing": ("{}", "it lacks 'host'"),
    "deep": ("[" * 200_000, "nested too deep"),
    "long": (" " * 10_000_001, "10000001 characters"),
    "twice": ('{"host": "a", "host": "b"}', "a name stands in it twice"),
    "digits": ('{"port": ' + "9" * 5000 + "}", "not an invitation"),
}


@pytest.mark.parametrize("what", BAD_LETTERS)
def test_what_is_no_invitation_is_refused_in_a_sentence(what):
    text, why = BAD_LETTERS[what]
    with pytest.raises(BadMessage, match=why):
        Invitation.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [("port", 0), ("port", 70_000), ("port", "x"), ("key", "zz"), ("key", "00"), ("patience", float("nan")),
     ("terms", "{}"), ("terms", 5), ("terms", '{"protocol": 2}')],
)  # fmt: skip
def test_an_invitation_with_a_wrong_field_is_refused(field, value):
    with chain() as exchange:
        said = json.loads(exchange.invitation("company_b").to_json())
    with pytest.raises(BadMessage, match="this is not"):
        Invitation.from_json(json.dumps(said | {field: value}))


@pytest.mark.parametrize(
    ("field", "value"), [("party", -1), ("party", 1.5), ("sells", [2**40]), ("buys", [1])]
)
def test_terms_with_a_wrong_field_are_refused(field, value):
    with chain() as exchange:
        said = json.loads(exchange.plan.terms(2).to_json())
    with pytest.raises(BadMessage, match="not terms"):
        Terms.from_json(json.dumps(said | {field: value}))


def test_an_exchange_that_floods_a_firm_with_other_rounds_is_left():
    with chain() as exchange:
        member = Member(exchange.invitation("company_b"), None)
    letter = Message(Kind.DELIVERY, 0, 2, exchange.plan.terms(2).buys[0][0], x=1.0, y=1.0)
    member._receive(letter)
    with pytest.raises(BadMessage, match="letter of round 7; 'company_b' has played 0"):
        member._receive(replace(letter, round=7))


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "..\\x", "line\nbreak", "x" * 201, "\u202egnp.exe", "nul\0"]
)
def test_a_name_that_is_none_is_refused(name):
    one = firm("CompanyA", "ethylene", ("natgas",), name=name)
    with pytest.raises(ModelError, match="is no name for a party"):
        Exchange([one], supply={"natgas": 1.0}, demand={"ethylene": 1.0})


@pytest.mark.parametrize("pair", [("Caf\u00e9", "Cafe\u0301"), ("A\uff22", "AB"), ("mill", "Mill ")])
def test_names_that_look_the_same_are_the_same(pair):
    firms = [firm("CompanyA", "ethylene", ("natgas",), name=name) for name in pair]
    with pytest.raises(ModelError, match="two parties named"):
        Exchange(firms, supply={"natgas": 1.0}, demand={"ethylene": 1.0})


def test_a_flood_is_cut_off():
    exchange = chain()
    with threads(exchange, skip=("company_b",)):
        line, key, terms = call(exchange, "company_b")
        flood = first_letters(terms, key) * 10_000

        def pour():
            with pytest.raises(OSError):  # noqa: PT012
                while True:
                    line.sendall(flood)

        pouring = threading.Thread(target=pour)
        pouring.start()
        with pytest.raises(CutOff, match="company_b.*letter 1 where 2"):
            exchange.run(5)
        pouring.join(10)
        assert exchange.post.messages < 100


def test_strangers_are_refused_and_nobody_is_blamed(tmp_path):
    exchange = chain()
    letter = exchange.invitation("company_b")
    with threads(exchange):
        call(exchange, "company_b", key=b"x" * 32)
        LINES.append(noise := socket.create_connection((letter.host, letter.port), timeout=10))
        noise.sendall(b"\x80\x05pickle of a stranger" * 100)
        trade = exchange.run(50)
        assert trade.converged
        assert exchange.post.refused == 2


def test_a_replayed_session_is_refused(tmp_path):
    """Frames recorded from one session mean nothing in the next: the challenge is another."""
    tap = []
    with chain(tap=lambda *heard: tap.append(heard), state=tmp_path) as exchange, threads(exchange, tmp_path):
        exchange.run(50)
    old = b"".join(frame for way, name, frame in tap if way == "in" and name == "company_b")
    again = chain(state=tmp_path, patience=1.0)
    with pytest.raises(Absent), threads(again, tmp_path, skip=("company_b",)):  # noqa: PT012
        LINES.append(line := socket.create_connection(again.post.address, timeout=10))
        line.sendall(old)
        again.run(1)
    assert again.post.refused == 1


def test_an_absent_firm_is_named_and_the_market_goes_on_when_it_comes():
    exchange = chain(patience=1.0)
    with threads(exchange, skip=("company_b",)):
        with pytest.raises(Absent, match="round 1: nothing from 'company_b'") as caught:
            exchange.run(5)
        assert caught.value.names == ["company_b"]
        one = exchange.firms[1]
        late = threading.Thread(
            target=serve,
            args=(replace(exchange.invitation("company_b"), patience=10.0), one.source),
            daemon=True,
        )
        late.start()
        exchange.patience = 20.0
        assert exchange.run(50).converged
    late.join(10)
    assert not late.is_alive()


def test_a_firm_whose_code_fails_says_so_and_not_why(tmp_path):
    firms = [firm("Failing", "polyethylene", ("ethylene",), name="failing")]
    tap = []
    exchange = Exchange(
        firms, supply={"ethylene": 4.0}, demand={"polyethylene": 1.0}, tap=lambda *heard: tap.append(heard)
    )
    with threads(exchange) as failures, pytest.raises(CutOff, match="its own function failed"):
        exchange.run(5)
    assert "secret recipe" in str(failures["failing"])
    assert b"secret" not in b"".join(frame for _, _, frame in tap)


def test_a_killed_firm_resumes_and_the_numbers_are_the_same_to_the_last_bit(tmp_path):
    plain, broken = tmp_path / "plain", tmp_path / "broken"
    plain.mkdir(), broken.mkdir()
    with chain() as exchange, threads(exchange, plain):
        want = [(exchange.run(1, tolerance=-1), dict(exchange.mail))[1] for _ in range(9)]
    with chain() as exchange, threads(exchange, broken, skip=("company_b",)):
        victim = process(exchange, "company_b", broken)
        got = []
        for n in range(9):
            exchange.run(1, tolerance=-1)
            got.append(dict(exchange.mail))
            if n in (1, 4):
                victim.kill()
                victim.wait()
                victim = process(exchange, "company_b", broken)
    assert victim.wait(10) == 0
    assert got == want


@pytest.mark.parametrize("when", ["before its ledger", "after its ledger", "in the middle of its letters"])
def test_a_firm_that_dies_at_the_worst_moment_changes_nothing(tmp_path, monkeypatch, when):
    with chain() as exchange, threads(exchange):
        exchange.run(9, tolerance=-1)
        want = dict(exchange.mail)
    died = []
    play, frames = Member._play, Member._frames

    def dying_play(self, number):
        if when == "before its ledger" and number == 4 and self.terms.name == "company_b" and not died:
            died.append(1)
            raise ConnectionResetError
        play(self, number)

    def dying_frames(self, key):
        said = frames(self, key)
        if (
            self.round == 4
            and self.terms.name == "company_b"
            and len(died) < 2
            and when != "before its ledger"
        ):
            died.append(1)
            if when == "after its ledger":
                raise ConnectionResetError
            return Cut(said)
        return said

    class Cut(bytes):
        pass

    real = socket.socket.sendall

    def sendall(self, data, *flags):
        if isinstance(data, Cut):
            real(self, bytes(data[: SIZE + 10]))
            raise ConnectionResetError
        return real(self, data, *flags)

    monkeypatch.setattr(Member, "_play", dying_play)
    monkeypatch.setattr(Member, "_frames", dying_frames)
    monkeypatch.setattr(socket.socket, "sendall", sendall)
    monkeypatch.setattr(Member, "_farewell", lambda self, key: b"")
    with chain() as exchange, threads(exchange, tmp_path):
        exchange.run(9, tolerance=-1)
        assert exchange.mail == want
    assert died


def test_a_restarted_exchange_resumes_from_disk_to_the_last_bit(tmp_path):
    with chain() as exchange, threads(exchange):
        exchange.run(9, tolerance=-1)
        want = dict(exchange.mail)
    with chain(state=tmp_path) as exchange, threads(exchange, tmp_path):
        exchange.run(4, tolerance=-1)
    with chain(state=tmp_path) as exchange, threads(exchange, tmp_path):
        assert exchange.round == 4
        exchange.run(5, tolerance=-1)
        assert exchange.mail == want
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_lost_ledger_is_reported_not_papered_over(tmp_path):
    with chain(state=tmp_path) as exchange, threads(exchange, tmp_path):
        exchange.run(4, tolerance=-1)
    (tmp_path / "company_b.ledger").unlink()
    exchange = chain(state=tmp_path)
    with pytest.raises(DistributedError, match="'company_b' comes back at round 0.*played 4"):
        with threads(exchange, tmp_path):
            exchange.run(1)


def test_what_cannot_be_a_market_is_refused_by_name():
    a = firm("CompanyA", "ethylene", ("natgas",))
    with pytest.raises(ModelError, match="'CompanyA' buys 'natgas', and nobody makes it"):
        Exchange([a], demand={"ethylene": 1.0})
    with pytest.raises(ModelError, match="'CompanyA' makes 'ethylene', and nobody buys it"):
        Exchange([a], supply={"natgas": 1.0})
    with pytest.raises(ModelError, match="two parties named 'CompanyA'"):
        Exchange([a, a], supply={"natgas": 1.0}, demand={"ethylene": 1.0})
    with pytest.raises(ModelError, match="supply of 'natgas' is nan"):
        Exchange([a], supply={"natgas": float("nan")}, demand={"ethylene": 1.0})
    nameless = type(a)(lambda x: x, "y")
    with pytest.raises(ModelError, match="no lambda"):
        nameless.source  # noqa: B018


def test_it_listens_on_loopback_alone():
    with chain() as exchange:
        assert exchange.post.address[0] == "127.0.0.1"
