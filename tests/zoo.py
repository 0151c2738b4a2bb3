"""The zoo: the economies that tests share, each in one place, with its answer where that is known."""

from pathlib import Path

import numpy as np

import pricegrad as pg
from pricegrad.model import Flow, Sector
from pricegrad.model.parts import Endowment, Household
from tests.chain import company_a, company_b, company_c

CHAIN_FILE = Path(__file__).with_name("chain.py")
CHAIN = CHAIN_FILE.read_text("utf-8")
CHAIN_PRICES = {"natgas": 1 / 24, "ethylene": 1 / 6, "polyethylene": 3 / 2, "tupperware": 1.0}

COMPANIES = {"ethylene": company_a, "polyethylene": company_b, "tupperware": company_c}


def three_companies(supply=4.0, *, numeraire="tupperware", price=1.0):
    """The chain of `chain.py`, from natural gas to tupperware; at 4 of gas the prices are `CHAIN_PRICES`."""
    economy = pg.Economy("three companies", numeraire=numeraire)
    for makes, company in COMPANIES.items():
        economy.firm(company, makes=makes)
    economy.supply("natgas", supply)
    economy.demand("tupperware", price=price)
    return economy


RECIPES = {
    "farm": ("grain", {"land": 0.5, "labour": 0.5}),
    "mill": ("flour", {"grain": 0.7, "labour": 0.3}),
    "bakery": ("bread", {"flour": 0.6, "labour": 0.4}),
}


def farm(land, labour, *, share=0.5):
    return land**share * labour ** (1 - share)


def mill(grain, labour, *, share=0.7):
    return grain**share * labour ** (1 - share)


def bakery(flour, labour, *, share=0.6):
    return flour**share * labour ** (1 - share)


def town(*, code=(), elasticity=None, scale=1.0, wants=None, without=()):
    """Farm, mill, bakery and people who own the land; labour is the numeraire. Prices: `TOWN_PRICES`.

    The firms named in `code` are Python functions; `elasticity` by firm makes a CES of a Cobb-Douglas;
    `scale` is the farm's; `wants` replaces a utility of bread alone; firms `without` are not there.
    """
    economy = pg.Economy("town", numeraire="labour")
    for name, (makes, shares) in RECIPES.items():
        factor = scale if name == "farm" else 1.0
        if name in without:
            continue
        if name in code:
            economy.firm({"farm": farm, "mill": mill, "bakery": bakery}[name], makes=makes)
        elif elasticity and name in elasticity:
            economy.firm(name=name, makes=makes, technology=pg.CES(shares, elasticity=elasticity[name]))
        else:
            economy.firm(name=name, makes=makes, technology=pg.CobbDouglas(shares, scale=factor))
    utility = pg.CobbDouglas({"bread": 1.0}) if wants is None else wants
    economy.household("people", endowment={"land": 50, "labour": 100}, utility=utility)
    return economy


def town_of_code():
    """The town with every firm a Python function."""
    return town(code=tuple(RECIPES))


def _town_prices():
    # What is spent on bread goes back up the chain in fixed shares: to land .6 * .7 * .5 of it.
    land_share = 0.6 * 0.7 * 0.5
    price = {"labour": 1.0, "land": land_share * (100 / (1 - land_share)) / 50}
    for makes, shares in RECIPES.values():
        price[makes] = float(np.prod([(price[good] / share) ** share for good, share in shares.items()]))
    return price


TOWN_PRICES = _town_prices()


def mills(rival=True, split=None):
    """Grain, an outside supply of 16, with two users whose products are sold outside at 2 and 1."""
    economy = pg.Economy(numeraire="money")
    economy.good("grain", rival=rival)
    economy.firm(name="flour mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.5}))
    economy.firm(name="brewery", makes="beer", technology=pg.CobbDouglas({"grain": 0.25}, scale=3.0))
    economy.supply("grain", 16.0)
    economy.demand("flour", price=2.0)
    economy.demand("beer", price=1.0)
    if split:
        economy.split("grain", split)
    return economy


def bread_and_cloth(utility, *, labour=100, **more):
    """A baker (2 labour a loaf) and a tailor (1 a cloth), and workers who like both."""
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 2.0}))
    economy.firm(name="tailor", makes="cloth", technology=pg.Leontief({"labour": 1.0}))
    economy.household("people", endowment={"labour": labour}, utility=utility, **more)
    return economy


def increasing_returns():
    """A bakery whose output is the square of its labour: no price-taking plan is best."""
    economy = pg.Economy(numeraire="labour")

    @economy.firm(makes="bread")
    def bakery(labour):
        return labour**2

    economy.household("people", endowment={"labour": 3}, utility=pg.CobbDouglas({"bread": 1.0}))
    return economy


def ces_network(firms, *, inputs=4, labour=0.3, land=0.0, returns=1.0, elasticity=(0.4, 1.6), seed=0):
    """A random network of CES firms, each buying from others and labour, with one household.

    `labour` and `land` are the factors' shares in every technology; the rest is spread over `inputs` goods.
    """
    draw = np.random.default_rng(seed)
    economy = pg.Economy("network", numeraire="labour")
    for i in range(firms):
        others = draw.choice([j for j in range(firms) if j != i], inputs, replace=False)
        weight = draw.uniform(0.5, 1.5, inputs)
        weight *= (1 - labour - land) / weight.sum()
        shares = {f"g{j}": float(w) for j, w in zip(others, weight, strict=True)} | {"labour": labour}
        if land:
            shares["land"] = land
        technology = pg.CES(shares, elasticity=float(draw.uniform(*elasticity)), returns=returns)
        economy.firm(name=f"f{i}", makes=f"g{i}", technology=technology)
    wants = {f"g{i}": float(draw.uniform(0.5, 1.5)) / firms for i in range(firms)}
    owned = {"labour": float(firms)} | ({"land": 0.3 * firms} if land else {})
    economy.household("people", endowment=owned, utility=pg.CES(wants, elasticity=0.7))
    return economy


def _block(name, output, first, second):
    """A Cobb-Douglas sector of the interchange format; each argument is (good, reference quantity)."""
    return {
        "name": name,
        "outputs": [{"good": output[0], "q": output[1]}],
        "inputs": [{"good": good, "q": quantity} for good, quantity in (first, second)],
        "nests": [{"name": "S", "elas": 1}],
    }


LABOUR, CAPITAL = {"good": "PL", "q": 100}, {"good": "PK", "q": 100}


def consumer(*endowments):
    """The household of `two_sectors`, which buys all welfare."""
    return {"name": "CONS", "demands": [{"good": "PU", "q": 200}], "endowments": list(endowments)}


def two_sectors(**document):
    """A document to extend: two goods from labour and capital, one household whose welfare is the numeraire.

    In balance at prices and activities of 1.
    """
    base = {
        "goods": ["PX", "PY", "PU", "PL", "PK"],
        "sectors": [
            _block("X", ("PX", 100), ("PL", 40), ("PK", 60)),
            _block("Y", ("PY", 100), ("PL", 60), ("PK", 40)),
            _block("U", ("PU", 200), ("PX", 100), ("PY", 100)),
        ],
        "households": [consumer(LABOUR, CAPITAL)],
        "fix": {"PU": 1},
    }
    return base | document


def scarf():
    """Scarf (1960): three Leontief consumers, each owning one good and wanting two; all prices are equal."""
    economy = pg.Economy("Scarf", numeraire="x")
    for own, other in (("x", "y"), ("y", "z"), ("z", "x")):
        economy.household(
            f"owner of {own}", endowment={own: 1.0}, utility=pg.Leontief({own: 1.0, other: 1.0})
        )
    return economy


def kehoe():
    """Kehoe (1985), "Multiplicity of equilibria and comparative statics", four goods and two activities."""
    economy = pg.Economy("Kehoe 1985", numeraire="g1")
    shares = [
        [0.52, 0.4, 0.04, 0.04],
        [0.86, 0.1, 0.02, 0.02],
        [0.5, 0.2, 0.2975, 0.0025],
        [0.06, 0.25, 0.0025, 0.6875],
    ]
    owned = [5.0, 5.0, 40.0, 40.0]
    for h in range(4):
        demands = tuple(Flow(f"g{i + 1}", shares[h][i]) for i in range(4))
        economy.households[f"h{h + 1}"] = Household(f"h{h + 1}", (Endowment(f"g{h + 1}", owned[h]),), demands)
    economy.firms["a"] = Sector("a", (Flow("g1", 6.0),), (Flow("g2", 1.0), Flow("g3", 4.0), Flow("g4", 1.0)))
    economy.firms["b"] = Sector("b", (Flow("g2", 3.0),), (Flow("g1", 1.0), Flow("g3", 1.0), Flow("g4", 1.0)))
    return economy


def shapley_shubik():
    """Shapley and Shubik (1977); Mas-Colell, Whinston and Green, exercise 15.B.10: prices 1/2, 1 and 2."""
    owned = 2 ** (8 / 9) - 2 ** (1 / 9)

    def one(a, b):
        return a - b**-8 / 8

    def two(a, b):
        return -(a**-8) / 8 + b

    economy = pg.Economy(numeraire="a")
    economy.household("one", endowment={"a": 2.0, "b": owned}, utility=one)
    economy.household("two", endowment={"a": owned, "b": 2.0}, utility=two)
    return economy
