"""Random economies: calibrated ones are always solved, wild ones solved or refused with a reason."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.equilibrium.economies import calibrated, viable, wild

import pricegrad as pg

SHAPES = st.fixed_dictionaries(
    {
        "goods": st.integers(1, 8),
        "factors": st.integers(1, 4),
        "homes": st.integers(1, 4),
        "taxes": st.sampled_from([0.0, 1.0]),
        "joint": st.booleans(),
        "idle": st.booleans(),
    }
)
FREE = ("worth nothing at the equilibrium", "worth next to nothing")
SEEDS = st.integers(0, 2**32 - 1)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))


def benchmark_is_found(seed, shape):
    """From a random start, the equilibrium of the table, at prices and activities of 1."""
    rng = np.random.default_rng(seed)
    economy = calibrated(rng, **shape)
    start = {
        name: float(rng.lognormal(0, 0.5))
        for name in [*economy.firms, *(f"g{i}" for i in range(shape["goods"]))]
    }
    eq = economy.solve(start=start)
    assert eq.certificate.worst < 1e-8
    return eq


def shocked_is_solved(seed, shape):
    """The same economy after technologies, endowments and taxes have changed."""
    rng = np.random.default_rng(seed)
    economy = calibrated(rng, **shape)
    homes = {
        name: {own.good: own.quantity * float(rng.lognormal(0, 0.5)) for own in home.endowments}
        for name, home in economy.households.items()
    }
    factors = {name: float(rng.lognormal(0, 0.4)) for name in economy.firms}
    try:
        eq = economy.change(endowment=homes, productivity=factors).solve()
    except pg.NotSolved as refused:
        # In fixed proportions the numeraire may become free; substitutes may make each other from nothing.
        reason = str(refused)
    else:
        reason = ""
        assert eq.certificate.worst < 1e-8
    known = ("worth nothing", "worth next to nothing", "unbounded")
    assert reason == "" or any(words in reason for words in known)


def is_solved_or_refused(economy, reasons=("",)):
    """Never a wrong answer."""
    try:
        eq = economy.solve()
    except pg.NotSolved as refused:
        reason = str(refused)
    else:
        reason = None
        assert eq.certificate.worst < 1e-8
    assert reason is None or any(words in reason for words in reasons)
    return reason is None


@QUICK
@given(SEEDS, SHAPES)
def test_a_calibrated_economy_is_solved_from_anywhere(seed, shape):
    benchmark_is_found(seed, shape)


@QUICK
@given(SEEDS, SHAPES)
def test_a_shocked_economy_is_solved(seed, shape):
    shocked_is_solved(seed, shape)


def test_most_wild_economies_are_solved_and_none_wrongly():
    solved = [is_solved_or_refused(wild(np.random.default_rng(seed))) for seed in range(25)]
    assert sum(solved) >= 19


def test_viable_economies_are_solved_unless_their_numeraire_is_free():
    solved = [is_solved_or_refused(viable(np.random.default_rng(seed)), FREE) for seed in range(40)]
    assert sum(solved) >= 37


@pytest.mark.fuzz
@LONG
@given(SEEDS, SHAPES)
def test_fuzz_calibrated(seed, shape):
    benchmark_is_found(seed, shape)
    shocked_is_solved(seed, shape)


@pytest.mark.fuzz
@LONG
@given(SEEDS)
def test_fuzz_wild(seed):
    is_solved_or_refused(wild(np.random.default_rng(seed)))


@pytest.mark.fuzz
@LONG
@given(SEEDS)
def test_fuzz_viable(seed):
    is_solved_or_refused(viable(np.random.default_rng(seed)))
