"""Scarf's market, which never settles, and the small change of habit with which it does.

Three people own one good each, and each wants to use it together with the next one's, in equal amounts.
There is one equilibrium, all prices equal, and a child finds it. But let every price rise with the excess
demand for its good - the oldest story of how markets find prices - and prices circle for ever (Scarf 1960).
Nothing is wrong with the equilibrium: it is the rule. If agents also look at how demand is changing, one
step ahead, the circle closes.
"""

import pricegrad as pg

economy = pg.Economy("Scarf's market", numeraire="apples")
for own, other, name in (("apples", "bread", "Ann"), ("bread", "cider", "Bob"), ("cider", "apples", "Cleo")):
    economy.household(name, endowment={own: 1.0}, utility=pg.Leontief({own: 1.0, other: 1.0}))

START = {"apples": 1.0, "bread": 1.3, "cider": 0.8}


if __name__ == "__main__":
    plain = economy.market("tatonnement", step=0.05).run(rounds=2000, start=START)
    ahead = economy.market("optimistic", step=1.0).run(rounds=2000, start=START)
    print("The equilibrium:", ", ".join(f"{g} {p:.3f}" for g, p in economy.solve().prices.items()))
    print()
    print("round       price of bread and cider")
    print("        following demand      looking ahead")
    for t in (0, 25, 50, 100, 200, 400):
        row = [run.prices.iloc[min(t, len(run.prices) - 1)] for run in (plain, ahead)]
        print(f"{t:5}" + "".join(f"{prices['bread']:11.4f}{prices['cider']:9.4f}" for prices in row))
    print()
    for name, run in (("Following demand", plain), ("Looking ahead", ahead)):
        how = (
            f"settled after {run.rounds} rounds"
            if run.converged
            else f"not settled after {run.rounds} rounds"
        )
        print(f"{name}: {how}; {run.downhill_share:.0%} of its steps led downhill.")
