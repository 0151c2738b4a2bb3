"""Markets of private firms for the tests: members as threads (fast) or as processes (real)."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pricegrad.backprop  # noqa: F401  (before threads would import it all at once)
from pricegrad.distributed import Exchange, Firm
from pricegrad.distributed.member import serve
from tests.zoo import CHAIN_FILE
from tests.zoo import COMPANIES as CHAIN_COMPANIES

HERE = Path(__file__).parent
COMPANIES = HERE / "companies.py"


def firm(which, makes, buys, **more):
    return Firm(f"{COMPANIES}:{which}", makes, buys, **more)


def chain(**more):
    """The three companies, as an exchange."""
    buys = {"ethylene": "natgas", "polyethylene": "ethylene", "tupperware": "polyethylene"}
    firms = [
        Firm(f"{CHAIN_FILE}:{company.__name__}", makes, (buys[makes],))
        for makes, company in CHAIN_COMPANIES.items()
    ]
    return Exchange(firms, supply={"natgas": 4.0}, demand={"tupperware": 1.0}, **more)


@contextmanager
def threads(exchange, ledgers=None, skip=()):
    """Every firm of the exchange as a thread; what goes wrong in one is in `failures`."""
    failures = {}

    def play(one):
        try:
            ledger = ledgers / f"{one.label}.ledger" if ledgers else None
            letter = replace(exchange.invitation(one.label), patience=10.0)
            serve(letter, one.source, coefficients=one.coefficients, ledger=ledger)
        except Exception as err:
            failures[one.label] = err

    running = [
        threading.Thread(target=play, args=(one,), daemon=True)
        for one in exchange.firms
        if one.label not in skip
    ]
    for thread in running:
        thread.start()
    try:
        yield failures
    finally:
        exchange.close()
        for thread in running:
            thread.join(10)


def process(exchange, label, folder):
    """A firm as a process of its own, as its owner would start it."""
    (one,) = [one for one in exchange.firms if one.label == label]
    letter = folder / f"{label}.json"
    letter.write_text(exchange.invitation(label).to_json())
    words = [
        sys.executable,
        "-m",
        "pricegrad.distributed.member",
        letter,
        one.source,
        folder / f"{label}.ledger",
    ]
    return subprocess.Popen([str(word) for word in words])
