"""Three firms agree on prices without telling each other how they work.

Each runs in a process of its own, on its own machine if it likes, and its production function never leaves
it. What crosses the line are orders and prices, signed: numbers, no code. Still they end where someone who
knew all three functions would have put them, since a firm's own derivative is all that its part of the
gradient needs.

(Here all three stand in one file, so that it can be tried at once. In earnest every owner has a file of
their own and gets an invitation, and runs `python -m pricegrad.distributed.member INVITATION.json
FILE.py:FUNCTION`.)
"""

import subprocess
import sys
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import pricegrad as pg


def refinery(crude):
    return 1.4 * crude**0.6


def moulder(plastic):
    return log(1 + 2.5 * plastic)


def toymaker(parts):
    return 3.0 * parts**0.8


economy = pg.Economy("consortium", numeraire="dollars")  # what nobody in the consortium knows
economy.firm(refinery, makes="plastic")
economy.firm(moulder, makes="parts")
economy.firm(toymaker, makes="toys")
economy.supply("crude", 5.0)
economy.demand("toys", price=2.0)


def invite(exchange, folder):
    """Every firm in a process of its own, with the invitation that its owner was given."""
    running = []
    for firm in exchange.firms:
        letter = Path(folder, f"{firm.label}.json")
        letter.write_text(exchange.invitation(firm.label).to_json())
        member = [sys.executable, "-m", "pricegrad.distributed.member", str(letter), firm.source]
        running.append(subprocess.Popen(member, stdout=subprocess.DEVNULL))
    return running


if __name__ == "__main__":
    from pricegrad.distributed import Exchange, Firm

    here = Path(__file__)
    firms = [
        Firm(f"{here}:refinery", makes="plastic", buys=("crude",)),
        Firm(f"{here}:moulder", makes="parts", buys=("plastic",)),
        Firm(f"{here}:toymaker", makes="toys", buys=("parts",)),
    ]
    exchange = Exchange(firms, supply={"crude": 5.0}, demand={"toys": 2.0})
    with TemporaryDirectory() as folder:
        members = invite(exchange, folder)
        try:
            trade = exchange.run()
        finally:
            exchange.close()
            for member in members:
                member.wait()
    known = economy.solve()
    print("good          agreed in private     found by one who knows all")
    for good, price in known.prices.items():
        print(f"{good:8}{trade.prices[good]:25.6f}{price:27.6f}")
    print()
    print(f"Settled after {trade.rounds} rounds: {trade.converged}")
