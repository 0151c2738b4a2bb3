"""`Economy`: the model a person writes, with the verbs that the floors above it offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self

from pricegrad.doors import DOORS
from pricegrad.errors import ModelError
from pricegrad.model import Model
from pricegrad.progress import working

if TYPE_CHECKING:
    from pricegrad.equilibrium import Equilibrium
    from pricegrad.market.market import Market
    from pricegrad.market.trajectory import Trajectory
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange


class Economy(Model):
    """An economy of firms, households and outside markets.

    Build it word by word (`firm`, `supply`, `demand`, `household`), then ask: `price()` prices a given plan
    by one sweep forward and one back, `solve()` finds the equilibrium, `market()` runs it out of equilibrium.
    """

    @classmethod
    def from_table(
        cls,
        Z: Any = None,
        *,
        make: Any = None,
        supply: Any = None,
        use: Any = None,
        value_added: Any = None,
        final_demand: Any = None,
        output: Any = None,
        technology: str = "leontief",
        elasticity: float | None = None,
        primary: Sequence[str] = (),
        groups: Any = None,
        name: str | None = None,
        numeraire: str = "money",
    ) -> Self:
        """An economy of firms calibrated to an input-output table, at prices of 1.

        Tables are pandas frames with labels, or paths of CSV files: a square `Z` of flows between industries
        (rows sell to columns; further rows are primary inputs, further columns final demand, or give
        `value_added`, `final_demand`, `output` by industry apart); or `use` (commodities x industries) with
        `make` (industries x commodities) or `supply` (commodities x industries), read by the
        industry-technology assumption; or the name of a table that ships, `"us71"`. `technology` is
        "leontief", "cobb-douglas", or "ces" with an `elasticity` between all inputs. `primary` names further
        commodities to count as primary inputs. `groups`: the sector of each industry, by which a page gathers
        them (a dict, a Series, a CSV file of two columns, or how many first characters of a label tell it; by
        default the first level of a label of several). `notes` tells what was decided. Raises TableError.
        Source: Miller and Blair, "Input-Output Analysis", 2nd ed. 2009, chapters 2 and 5.
        """
        from pricegrad.model.calibrate import calibrate, elasticity_of, gather, read_accounts

        substitution = elasticity_of(technology, elasticity)
        accounts = read_accounts(
            Z, primary, make=make, supply=supply, use=use,
            value_added=value_added, final_demand=final_demand, output=output,
        )  # fmt: skip
        label = name or (Z if isinstance(Z, str) else "table")
        made = calibrate(cls(label, numeraire=numeraire), accounts, substitution)
        gather(made, Z, groups, accounts)
        return made

    @classmethod
    def from_function(cls, f: Callable[..., Any], **amounts: float) -> Self:
        """A function read as an economy: every statement a firm, every variable a (non-rival) good.

        `amounts` of its parameters are supplied, what it returns is demanded at a price of 1. A loop or a
        branch is one firm. Raises SourceError for a statement that is none.
        """
        from pricegrad.model.function import fill

        return fill(cls(getattr(f, "__name__", "function")), f, amounts)

    @classmethod
    def from_pymrio(cls, io: Any, *, technology: str = "leontief", elasticity: float | None = None) -> Self:
        """An economy calibrated to a pymrio system (its `Z`, `x` and `Y`); see `from_table`."""
        from pricegrad.model.calibrate import pymrio_tables

        return cls.from_table(**pymrio_tables(io), technology=technology, elasticity=elasticity)

    def price(self, quantities: Mapping[str, float] | None = None) -> Prices | CostPrices:
        """Price the plan as given: no optimisation, one sweep of quantities and one of prices.

        Where the goods that come from outside are amounts (`supply(good, amount)`, or `quantities`, which
        override it), quantities flow down the chain and prices back up. Where they have prices and costs are
        all that matters, as in `from_table`, prices flow down and quantities back up. Raises ModelError for a
        circle of firms (`solve` takes those), or when something the sweep needs is not said.
        """
        from pricegrad.pricing.costpush import driven_by_costs

        if not quantities and driven_by_costs(self):
            from pricegrad.pricing.costs import price_by_costs

            return price_by_costs(self)
        from pricegrad.pricing.result import Prices
        from pricegrad.pricing.sweep import sweep

        return Prices(sweep(self, quantities), self)

    def shock(
        self, costs: Mapping[str, float] | None = None, prices: Mapping[str, float] | None = None
    ) -> PriceChange:
        """All prices when the costs of some firms, or prices of primary inputs, rise (0.1: by 10 per cent).

        For an economy whose primary inputs have given prices and whose firms have constant returns, as
        `from_table` makes. Raises ModelError when costs do not decide prices.
        """
        from pricegrad.pricing.shock import shock

        return shock(self, costs, prices, self.passed_over)

    @classmethod
    def from_json(cls, source: str | PathLike[str] | Mapping[str, Any]) -> Self:
        """An economy in the interchange format: a file, or the document already parsed.

        Raises ModelError naming the field that is wrong, with its path.
        """
        from pricegrad.model.interchange import load

        return load(source, cls)

    def to_json(self, path: str | PathLike[str] | None = None) -> dict[str, Any]:
        """The economy as a JSON document, also written to `path` when one is given; it reads back exactly.

        Raises ModelError for what only Python can say: production functions, utilities, curves.
        """
        from pricegrad.model.writing import document, save

        if path is not None:
            save(self, path)
        return document(self)

    def solve(
        self,
        *,
        start: Mapping[str, float] | Equilibrium | None = None,
        method: Literal["newton", "rounds"] | None = None,
        on: str | None = None,
        shards: int = 1,
    ) -> Equilibrium:
        """The prices at which everyone's plans fit, with an independent certificate.

        `start`: values of variables by name, or an earlier equilibrium (a warm start). `method`: "newton" on
        exact Jacobians, or "rounds" of local messages, which suit networks of thousands of firms with one
        seller a good; None: what suits the economy. `on="ray"`: rounds, with the technologies over
        `shards` processes under Ray. Raises ModelError for an economy that makes no sense and NotSolved when
        no point passes the certificate, saying what stands in the way.
        """
        from pricegrad.certify import certify
        from pricegrad.equilibrium import solve
        from pricegrad.market.market import RUNNERS
        from pricegrad.market.solve import solve_by_rounds, suits

        if method not in (None, "newton", "rounds"):
            raise ModelError(f'there is no method {method!r}; there are "newton" and "rounds"')
        if on is not None and (start is not None or method == "newton"):
            raise ModelError(f"on={on!r} plays rounds from prices of 1: leave start= and method= out")
        with working(f"solving {self.name!r}"):
            if on is not None:
                RUNNERS.setdefault("ray", _on_ray)
                return solve_by_rounds(self, certify, on=on, shards=shards)
            if method == "rounds" or (method is None and start is None and suits(self)):
                return solve_by_rounds(self, certify)
            return solve(self, certify, start)

    def equilibria(self, *, starts: int = 30, seed: int = 0) -> list[Equilibrium]:
        """The equilibria reached from several random starts, each with its `index`; see `solve`."""
        from pricegrad.certify import certify
        from pricegrad.equilibrium import equilibria

        return equilibria(self, certify, starts, seed)

    def change(
        self,
        *,
        productivity: Mapping[str, float] = MappingProxyType({}),
        endowment: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
        tax: Mapping[str | tuple[str, str], float] = MappingProxyType({}),
        elasticity: Mapping[str | tuple[str, str], float] = MappingProxyType({}),
        coefficients: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        supply: Mapping[str, float] = MappingProxyType({}),
        demand: Mapping[str, float] = MappingProxyType({}),
        fix: Mapping[str, float | None] = MappingProxyType({}),
        without: Sequence[str] = (),
        name: str | None = None,
    ) -> Self:
        """A new economy that differs in what is named.

        `productivity`: factors on all a firm makes; `endowment`: amounts by household and good; `tax`: the
        rate by agent, or by (agent, good); `elasticity`: by agent (its root), or by (agent, nest);
        `coefficients` of Python firms; `supply`, `demand`: the quantity (or price) of an outside market;
        `fix`: variables held (None: no longer); `without`: firms that are gone. Raises ModelError for names
        that are not there.
        """
        from pricegrad.model.change import change

        return change(
            self,
            productivity=productivity,
            endowment=endowment,
            tax=tax,
            elasticity=elasticity,
            coefficients=coefficients,
            supply=supply,
            demand=demand,
            fix=fix,
            without=without,
            name=name,
        )

    def market(
        self,
        rule: str | None = None,
        seed: int = 0,
        *,
        delay: int = 0,
        active: float = 1.0,
        **options: Any,
    ) -> Market:
        """This economy out of equilibrium: agents act by `rule` (None: what suits) on local information.

        `delay`: messages are up to so many rounds late; `active`: the share of agents that act in a
        round; both drawn under `seed`. `options` are the rule's own. See
        `pricegrad.market.market.Market.run`.
        """
        from pricegrad.market.market import RUNNERS, Market

        RUNNERS.setdefault("ray", _on_ray)

        return Market(self, rule, seed, delay=delay, active=active, **options)


def _on_ray(market: Market, **how: Any) -> Trajectory:
    from pricegrad.distributed.stalls import run_market

    return run_market(market, **how)


def _report(result: Any, path: str | PathLike[str]) -> Path:
    from pricegrad.report.page import report

    return report(result, path)


def _save(result: Any, path: str | PathLike[str]) -> None:
    from pricegrad.report.saved import save

    save(result, path)


def _ladder(result: Any, path: str | PathLike[str] | None) -> Any:
    from pricegrad.report.plots import ladder

    return ladder(result, path)


def _movers(result: PriceChange, path: str | PathLike[str] | None, top: int) -> Any:
    from pricegrad.report.plots import movers

    return movers(result, path, top)


def _function(f: Callable[..., Any], path: str | PathLike[str], amounts: Mapping[str, float]) -> Path:
    return _report(Economy.from_function(f, **amounts).price(), path)


DOORS.update(function=_function, report=_report, save=_save, ladder=_ladder, movers=_movers)
