"""How an equilibrium moves: implicit differentiation of its conditions, forward or adjoint.

With F(z, theta) = 0 over what is not at a bound, dz = -J^-1 F_theta dtheta. Forward, one solve a parameter
gives how everything moves with it; adjoint, one solve an outcome gives its gradient in all parameters. At an
undistorted equilibrium the gradient of real output in productivities is the sales shares (Hulten 1978), and
its second derivative is how sales shares move (Baqaee and Farhi 2019, theorem 2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.equilibrium.outcomes import Outcome, Outcomes
from pricegrad.equilibrium.parameters import Parameters
from pricegrad.errors import ModelError, did_you_mean
from pricegrad.network.forest import Floats, Ints

if TYPE_CHECKING:
    from pricegrad.equilibrium.result import Equilibrium

Names = str | Sequence[str] | None
DEGENERATE = 1e-9
BARE = ("productivity", "endowment", "outside", "coefficient", "fixed")  # what a name alone may stand for


class Differential:
    """The derivative of an equilibrium, ready to be asked."""

    def __init__(self, eq: Equilibrium) -> None:
        self.eq, self.problem = eq, eq.problem.unpinned()
        self.parameters = Parameters(eq)
        self.outcomes = Outcomes(eq, self.parameters)
        problem = self.problem
        with np.errstate(all="ignore"):
            value, state, code = problem.evaluate(eq.z)
            matrix = problem.jacobian(eq.z, state, code)
        room = (eq.z - problem.lower)[problem.free]
        self.busy = np.flatnonzero(~np.isfinite(room) | (room > np.maximum(value[problem.free], 0.0)))
        self.places = problem.free[self.busy]
        idle = np.setdiff1d(np.arange(len(problem.free)), self.busy)
        slack = np.maximum(np.abs(room[idle]), np.abs(value[problem.free[idle]]))
        tight = idle[slack < DEGENERATE]
        self.degenerate = [problem.layout.label(int(problem.free[i])) for i in tight]
        rows = _conditions(matrix, self.busy, tight)
        self.conditions = problem.free[rows]
        dense = isinstance(matrix, np.ndarray)
        self.matrix = matrix[np.ix_(rows, self.busy)] if dense else matrix[rows][:, self.busy].tocsc()

    def forward(self, chosen: Ints) -> Floats:
        """dz / d(parameter) over all variables, one column a chosen parameter."""
        moved = np.zeros((self.problem.layout.size, len(chosen)))
        moved[self.places] = -self._solve(self.parameters.columns(chosen)[self.conditions], False)
        return moved

    def adjoint(self, outcome: Outcome) -> Floats:
        """d(outcome) / d(parameter) for every parameter."""
        shadow = np.zeros(self.problem.layout.size)
        shadow[self.conditions] = self._solve(outcome.by_variable[self.places], True)
        p = self.parameters
        return outcome.by_parameter - np.bincount(p.cols, shadow[p.rows] * p.values, len(p))

    def table(self, outcomes: list[Outcome], chosen: Ints) -> Floats:
        """d(outcome) / d(parameter), outcomes by rows: by whichever direction takes fewer solves."""
        if len(outcomes) <= len(chosen):
            return np.array([self.adjoint(outcome)[chosen] for outcome in outcomes])
        moved = self.forward(chosen)
        return np.array([o.by_variable @ moved + o.by_parameter[chosen] for o in outcomes])

    def _solve(self, right: Floats, transposed: bool) -> Floats:
        try:
            if isinstance(self.matrix, np.ndarray):
                matrix = self.matrix.T if transposed else self.matrix
                return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
            from scipy.sparse.linalg import splu

            factors = splu(self.matrix.T.tocsc() if transposed else self.matrix)
            return np.asarray(factors.solve(right), dtype=np.float64)
        except (np.linalg.LinAlgError, RuntimeError):
            raise ModelError(
                "the equilibrium is not isolated (its Jacobian is singular), so it has no derivative"
            ) from None


def _conditions(matrix: Any, busy: Ints, tight: Ints) -> Ints:
    """The conditions that hold as equations: those of the busy variables; but the market of a good that
    nobody trades says nothing, and the idle activity whose break-even sets the good's price speaks in its
    place."""
    rows, left = busy.copy(), list(tight)
    if not len(tight) or not isinstance(matrix, np.ndarray):
        return rows
    size = np.abs(matrix[np.ix_(busy, busy)]).max(axis=1, initial=0.0)
    for k in np.flatnonzero(size < 1e-12):
        setting = [i for i in left if matrix[i, busy[k]] != 0]
        if setting:
            rows[k] = setting[0]
            left.remove(setting[0])
    return rows


def derivatives(eq: Equilibrium, of: Names, to: Names) -> Any:
    """d(outcome) / d(parameter): a number, a series or a frame as `of` and `to` are single names or not."""
    return _labelled(eq, of, to, False, lambda outcomes, levels, table: table)


def elasticities(eq: Equilibrium, of: Names, to: Names) -> Any:
    """d ln(outcome) / d ln(parameter); per point of the rate for taxes. nan where the outcome is 0."""

    def logs(outcomes: Floats, levels: Floats, table: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.where(outcomes[:, None] != 0, table * levels / outcomes[:, None], np.nan)

    return _labelled(eq, of, to, True, logs)


def second_order(eq: Equilibrium) -> Any:
    """d^2 ln(real output) / d ln(productivity)^2 at an undistorted equilibrium, a frame by firm: how the
    sales share of each firm moves with the productivity of each (Baqaee and Farhi 2019, theorem 2)."""
    found = derivatives(eq, ["sales share"], ["productivity"])
    found.index = [label.removeprefix("sales share of ") for label in found.index]
    found.columns = [label.removeprefix("productivity of ") for label in found.columns]
    return found.loc[list(found.columns)]


def _labelled(
    eq: Equilibrium, of: Names, to: Names, relative: bool, turn: Callable[[Floats, Floats, Floats], Floats]
) -> Any:
    from pricegrad.equilibrium.frames import Gradient, Sensitivities

    differential = eq.differential
    outcomes = [differential.outcomes.make(label) for label in _outcomes(differential.outcomes, of)]
    chosen = _parameters(differential.parameters, to)
    listed = [differential.parameters.listed[k] for k in chosen]
    levels = np.array([1.0 if p.kind == "tax" else p.level for p in listed])
    table = turn(np.array([o.value for o in outcomes]), levels, differential.table(outcomes, chosen))
    rows, columns = [o.label for o in outcomes], [p.label for p in listed]
    one_of, one_to = isinstance(of, str) and len(outcomes) == 1, isinstance(to, str) and len(listed) == 1
    if one_of and one_to:
        return float(table[0, 0])
    found: Gradient | Sensitivities
    if one_of:
        found = Gradient(table[0], index=columns, name=rows[0])
        found.one = "outcome"
    elif one_to:
        found = Gradient(table[:, 0], index=rows, name=columns[0])
        found.one = "parameter"
    else:
        found = Sensitivities(table, index=rows, columns=columns)
    found.equilibrium, found.relative = eq, relative
    found.attrs["degenerate"] = differential.degenerate
    return found


def _outcomes(known: Outcomes, of: Names) -> list[str]:
    """Labels of outcomes: exact, or all of a kind, or a bare name (a good: its price; a household: its
    utility).
    """
    if of is None:
        return list(known.names)
    found: list[str] = []
    for name in [of] if isinstance(of, str) else of:
        of_kind = [label for label, (kind, _) in known.names.items() if kind == name]
        bare = [
            f"{kind} of {name}"
            for kind in ("price", "utility", "activity", "aux")
            if f"{kind} of {name}" in known.names
        ]
        if name in known.names:
            found.append(name)
        elif of_kind:
            found += of_kind
        elif bare:
            found.append(bare[0])
        else:
            raise ModelError(f"there is no outcome {name!r}.{did_you_mean(name, known.names)}")
    return found


def _parameters(known: Parameters, to: Names) -> Ints:
    """Places of parameters: exact labels, or all of a kind, or a bare name (a firm: its productivity)."""
    labels = [p.label for p in known.listed]
    if to is None:
        return np.arange(len(labels))
    found: list[int] = []
    for name in [to] if isinstance(to, str) else to:
        exact = [k for k, label in enumerate(labels) if label == name]
        match = exact or [k for k, p in enumerate(known.listed) if p.kind == name]
        match = match or [k for k, p in enumerate(known.listed) if p.name == name and p.kind in BARE]
        if not match:
            raise ModelError(f"there is no parameter {name!r}.{did_you_mean(name, labels)}")
        found += match
    return np.array(found, np.int64)
