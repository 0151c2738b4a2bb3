"""Every case is differentiated right, or refused where the case allows it. Never wrong, never a crash."""

import collections
import contextlib
import io

import numpy as np
import pytest

import pricegrad as pg

from . import CASES, pending
from .pending import PENDING
from .registry import copied, judge, source_of

LANDED = [c for c in CASES if c.name not in PENDING]


def explain(case, verdict) -> str:
    return (
        f"{case.name}: {verdict.kind}: {verdict.detail}\n{source_of(case)}"
        f"  at {verdict.point}\n  got {verdict.got}\n  expected {verdict.expected}"
    )


@pytest.mark.parametrize("case", LANDED, ids=lambda c: c.name)
def test_right_or_refused(case):
    with contextlib.redirect_stdout(io.StringIO()):
        verdict = judge(case)
    assert verdict.kind == "right" or (verdict.kind == "refused" and case.may_refuse), explain(case, verdict)


@pytest.mark.parametrize("case", [c for c in LANDED if not c.may_refuse], ids=lambda c: c.name)
def test_value_is_the_functions_own(case):
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore" if case.quiet else "warn"):
        both = pg.value_and_grad(case.f, wrt=case.wrt)
        for point in case.points:
            value, _ = both(*copied(point))
            plain = case.f(*copied(point))
            assert np.allclose(value, plain, rtol=1e-14, atol=0), (
                f"{case.name} at {point}: {value} != {plain}"
            )


def test_names_of_pending_cases_exist():
    assert set(pending.PENDING + pending.AGAIN + pending.COMPILED + pending.LONG) <= {c.name for c in CASES}


def test_enough_cases_of_every_kind():
    groups = collections.Counter(c.group for c in CASES)
    assert len(CASES) >= 110
    assert min(groups.values()) >= 5, groups
