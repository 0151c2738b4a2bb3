"""Random economies: calibrated and viable ones that have an equilibrium, and wild ones that may have none."""

from dataclasses import replace

import numpy as np

import pricegrad as pg
from pricegrad.model import Flow, Nest, Sector, Tax
from pricegrad.model.parts import Endowment, Household

ELASTICITIES = (0.0, 0.25, 0.5, 1.0, 1.0 + 1e-9, 2.0, 4.0)


def nests(rng, flows, side, root_elasticity=None):
    """The flows hung at random into a random tree."""
    root = "S" if side == "in" else "T"

    def pick():
        return float(rng.choice([*ELASTICITIES, rng.uniform(0, 3)]))

    tree = [Nest(root, pick() if root_elasticity is None else root_elasticity, None, side)]
    for d in range(int(rng.integers(0, 3))):
        tree.append(Nest(f"{side}{d}", pick(), tree[int(rng.integers(len(tree)))].name, side))
    hung = [
        Flow(f.good, f.quantity, f.price, tree[int(rng.integers(len(tree)))].name, f.taxes) for f in flows
    ]
    return tuple(hung), tuple(tree)


def calibrated(rng, *, goods, factors, homes, taxes, joint, idle):
    """An economy in equilibrium at prices and activities of 1, from a balanced table of flows.

    Some goods are by-products (`joint`), some recipes too dear to be used (`idle`), some inputs taxed.
    """
    economy = pg.Economy("calibrated", numeraire="f0")
    made, owned = [f"g{i}" for i in range(goods)], [f"f{i}" for i in range(factors)]
    people = [f"h{i}" for i in range(homes)]
    shares = rng.uniform(0, 1, (goods, goods)) * (rng.random((goods, goods)) < 0.5)
    np.fill_diagonal(shares, 0.0)
    shares *= rng.uniform(0.1, 0.7, goods) / np.maximum(shares.sum(axis=0), 1e-9)
    final = rng.lognormal(1.0, 1.0, goods)
    output = np.linalg.solve(np.eye(goods) - shares, final)
    rate = np.where(rng.random((goods, factors)) < 0.3, rng.uniform(0, 0.5, (goods, factors)), 0.0) * taxes
    receipts, used = np.zeros(homes), np.zeros(factors)
    for j in range(goods):
        inputs = [Flow(made[i], shares[i, j] * output[j]) for i in range(goods) if shares[i, j] > 0]
        value = output[j] * (1 - shares[:, j].sum())
        split = rng.dirichlet(np.ones(factors)) * value
        for f in range(factors):
            if split[f] <= 1e-3 * value:
                split[f] = 1e-3 * value
        split *= value / split.sum()
        for f in range(factors):
            to = int(rng.integers(homes))
            amount = split[f] / (1 + rate[j, f])
            tax = (Tax(people[to], float(rate[j, f])),) if rate[j, f] else ()
            inputs.append(Flow(owned[f], amount, 1 + float(rate[j, f]), taxes=tax))
            receipts[to] += rate[j, f] * amount
            used[f] += amount
        outputs, extra = [Flow(made[j], output[j])], 0.0
        if joint and j == 0 and goods > 1:
            extra = 0.2 * output[j]
            outputs = [Flow(made[j], output[j] - extra), Flow("slag", extra)]
        hung_in, tree_in = nests(rng, inputs, "in")
        hung_out, tree_out = nests(rng, outputs, "out")
        economy.firms[f"s{j}"] = Sector(f"s{j}", hung_out, hung_in, tree_in + tree_out)
        if idle and j == goods - 1:
            dear = tuple(Flow(f.good, 1.3 * f.quantity, f.price, f.nest, f.taxes) for f in hung_in)
            economy.firms["dear"] = Sector("dear", hung_out, dear, tree_in + tree_out)
        if extra:
            final[0] -= extra
    wants = np.append(final, 0.2 * output[0]) if joint and goods > 1 else final
    names = [*made, "slag"][: len(wants)]
    _people(rng, economy, people, names, wants, owned, used, receipts)
    return economy


def _people(rng, economy, people, names, wants, owned, used, receipts):
    """Households own the factors and buy what is left over; negative left-overs are bought by nobody."""
    income = np.zeros(len(people))
    parts = rng.dirichlet(np.ones(len(people)), len(owned))
    income += receipts
    for h in range(len(people)):
        income[h] += (parts[:, h] * used).sum()
    share = income / income.sum()
    for h, name in enumerate(people):
        endowments = tuple(Endowment(good, float(parts[f, h] * used[f])) for f, good in enumerate(owned))
        flows = [Flow(good, float(share[h] * x)) for good, x in zip(names, wants) if x > 1e-9]
        hung, tree = nests(rng, flows, "in", float(rng.choice([0.5, 1.0, 2.0])))
        economy.households[name] = Household(name, endowments, hung, tree)


def wild(rng):
    """Anything: unbalanced blocks, subsidies, decreasing returns, goods nobody wants, any numeraire."""
    factors = [f"f{i}" for i in range(int(rng.integers(1, 4)))]
    made = [f"g{i}" for i in range(int(rng.integers(2, 8)))]
    people = [f"h{i}" for i in range(int(rng.integers(1, 4)))]
    economy = pg.Economy("wild", numeraire=str(rng.choice(factors + made)))

    def taxed(flows, chance):
        return [
            Flow(
                f.good,
                f.quantity,
                f.price,
                f.nest,
                (Tax(str(rng.choice(people)), float(rng.uniform(-0.2, 0.4))),),
            )
            if rng.random() < chance
            else f
            for f in flows
        ]

    for j in range(len(made) + int(rng.integers(0, 4))):
        out = [made[j] if j < len(made) else str(rng.choice(made))]
        if rng.random() < 0.25:
            out = list(dict.fromkeys([*out, str(rng.choice(made))]))
        size = int(rng.integers(1, len(factors) + 1))
        ins = [str(x) for x in rng.choice(factors, size=size, replace=False)]
        more = rng.choice(made, size=int(rng.integers(0, min(4, len(made)))), replace=False)
        inputs = [Flow(good, float(rng.lognormal(0, 0.7))) for good in ins]
        inputs += [Flow(str(g), 0.4 * float(rng.lognormal(0, 0.7))) for g in more if g not in out]
        scale = sum(f.quantity for f in inputs) / len(out) * float(rng.lognormal(0, 0.3))
        outputs = [
            Flow(good, scale * float(rng.uniform(0.5, 1.5)), float(rng.lognormal(0, 0.3))) for good in out
        ]
        hung_in, tree_in = nests(rng, taxed(inputs, 0.25), "in")
        hung_out, tree_out = nests(rng, taxed(outputs, 0.1), "out")
        returns = float(rng.choice([1, 1, 1, 0.8]))
        economy.firms[f"s{j}"] = Sector(f"s{j}", hung_out, hung_in, tree_in + tree_out, returns)
    for h, name in enumerate(people):
        owned = tuple(
            Endowment(f, float(rng.lognormal(2, 1))) for f in factors if h == 0 or rng.random() < 0.8
        )
        wants = rng.choice(made + factors, size=int(rng.integers(1, 4)), replace=False)
        flows = [Flow(str(good), float(rng.lognormal(0, 0.7))) for good in wants]
        hung, tree = nests(rng, taxed(flows, 0.1), "in", float(rng.choice([0, 0.5, 1, 2])))
        economy.households[name] = Household(name, owned, hung, tree)
    return economy


def viable(rng):
    """A wild economy in which everybody owns some of everything that is not made, and nothing is subsidised,
    so that nobody is left without income."""
    economy = wild(rng)
    factors = sorted({own.good for home in economy.households.values() for own in home.endowments})

    def no_subsidy(flows):
        return tuple(replace(f, taxes=tuple(replace(t, rate=abs(t.rate)) for t in f.taxes)) for f in flows)

    for name, home in economy.households.items():
        owned = tuple(Endowment(factor, float(rng.lognormal(1, 1))) for factor in factors)
        economy.households[name] = replace(home, endowments=owned, demands=no_subsidy(home.demands))
    for name, firm in economy.firms.items():
        economy.firms[name] = replace(firm, inputs=no_subsidy(firm.inputs), outputs=no_subsidy(firm.outputs))
    economy.numeraire = factors[0]
    return economy
