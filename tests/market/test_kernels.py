"""What is compiled against what it stands for: exp and log, the two passes, the books, the mixing."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed")

from numba import njit

from pricegrad.market import books_numba, books_numpy, mixing_numba, mixing_numpy
from pricegrad.market.cells import cell_bounds
from pricegrad.market.ces import random_economy
from pricegrad.market.rounds import Round
from pricegrad.market.rows import Rows
from pricegrad.market.vector_numba import SWIFT, exp, log

OPTIONS = {**SWIFT, "cache": False}


@njit(**OPTIONS)
def exp_of(x, out):
    for k in range(len(x)):
        out[k] = exp(x[k])


@njit(**OPTIONS)
def log_of(x, out):
    for k in range(len(x)):
        out[k] = log(x[k])


def ulps(function, x, exact):
    found = np.empty_like(x)
    function(x, found)
    true = exact(x.astype(np.longdouble))
    return float(np.abs((found - true) / np.spacing(np.abs(true.astype(float)))).max())


@pytest.mark.parametrize("width", [1e-9, 0.1, 3.0, 690.0])
def test_exp_and_log_are_good_to_two_units_in_the_last_place(width):
    x = np.random.default_rng(0).uniform(-width, width, 200_003)
    assert ulps(exp_of, x, np.exp) < 1.1
    assert ulps(log_of, np.exp(x), np.log) < 2.1


def test_exp_and_log_of_what_is_no_usual_number():
    out = np.empty(6)
    exp_of(np.array([np.nan, 800.0, np.inf, -800.0, -np.inf, 0.0]), out)
    assert np.isnan(out[0])
    assert out[1] == out[2] > 1e304
    assert 0 < out[3] == out[4] < 1e-303
    assert out[5] == 1.0
    log_of(np.array([np.nan, np.inf, 0.0, -1.0, 1.0, 1e-310]), out)
    assert np.isnan(out[:2]).all()
    assert (out[[2, 3, 5]] == -np.inf).all()
    assert out[4] == 0.0


def test_a_number_has_the_same_bits_wherever_it_stands():
    x = np.random.default_rng(1).normal(size=67)
    for function in (exp_of, log_of):
        whole, one = np.empty(67), np.empty(1)
        x = np.abs(x)
        function(x, whole)
        for k in range(67):
            function(x[k : k + 1], one)
            assert one[0] == whole[k]


def rows_of(engine, count=5000, entries=3000, hub=True, far=False, cells=8, near=False):
    draw = np.random.default_rng(7)
    degree = draw.integers(1, 12, count)
    ptr = np.concatenate([[0], np.cumsum(degree)])
    entry = draw.integers(0, entries - 1, ptr[-1])
    if hub:
        entry[ptr[:-1]] = entries - 1
    weight = draw.uniform(0.1, 1.0, ptr[-1])
    weight /= np.repeat(np.add.reduceat(weight, ptr[:-1]), degree)
    power = draw.uniform(-1.5, 0.9, count)
    if near:
        power[::3], power[1::3] = 0.0, 3e-3
    if far:
        power[5] = -90.0
    return Rows(ptr, entry.astype(np.int32), weight, power, draw.normal(size=count), entries, cells, engine)


@pytest.mark.parametrize("options", [{}, {"hub": False}, {"far": True}, {"near": True}, {"cells": 512}])
def test_orders_worked_out_anew_are_those_written_down_bit_for_bit(options):
    rows, plain = rows_of("numba", **options), rows_of("numpy", **options)
    draw = np.random.default_rng(0)
    price, spend = 4 * draw.normal(size=rows.entries), draw.uniform(0.1, 2.0, rows.rows)
    cost, again, sure = (np.empty(rows.rows) for _ in range(3))
    value, out, same, true = np.empty(len(rows.entry)), *(np.empty(rows.entries) for _ in range(3))
    rows.forward(price, spend, value, cost)
    rows.collect(value, out)
    rows.costs(price, spend, again)
    rows.orders(price, same)
    assert np.array_equal(cost, again)
    assert np.array_equal(out, same)
    plain.costs(price, spend, sure)
    plain.orders(price, true)
    assert np.allclose(cost, sure, rtol=1e-13, atol=1e-13)
    assert np.allclose(out, true, rtol=1e-12)
    assert len(rows.turned.hubs) == int(options.get("hub", True))


def test_a_price_that_is_no_number_is_seen():
    rows = rows_of("numba")
    price, cost, orders = np.zeros(rows.entries), np.empty(rows.rows), np.empty(rows.entries)
    price[3] = np.nan
    rows.costs(price, np.ones(rows.rows), cost)
    rows.orders(price, orders)
    buyers = np.unique(rows.row[rows.entry == 3])
    assert np.isnan(cost[buyers]).all()
    assert np.isnan(orders[rows.entry[rows.row == buyers[0]]]).all()


@pytest.mark.parametrize("clear", [False, True])
def test_a_round_is_the_same_in_numpy_and_compiled(clear):
    draw = np.random.default_rng(3)
    state = draw.normal(size=6000) * 0.3
    found = []
    for engine in ("numpy", "numba"):
        play = Round(random_economy(3000, seed=4, engine=engine), clear)
        found.append((play(state), play.worst))
    assert np.allclose(found[0][0], found[1][0], rtol=0, atol=1e-12)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-12)


@pytest.mark.parametrize("books", [books_numpy, books_numba])
def test_books_see_what_is_no_number(books):
    ones, sums = np.ones(3000), np.empty((8, books.SUMS))
    price = np.zeros(3000)
    price[17] = np.nan
    cuts = cell_bounds(3000)
    assert np.isnan(books.post(cuts, ones, ones, ones, price, ones, ones, np.empty(3000), sums))
    assert np.isnan(books.take(ones, ones, 1.0, 1.0, price, np.empty(3000)))


def test_mixing_is_the_same_in_numpy_and_compiled():
    draw = np.random.default_rng(0)
    size, cuts = 5003, cell_bounds(5003)
    given = draw.normal(size=(4, size))
    history = draw.normal(size=(2, 6, size)).astype(np.float32)
    found = []
    for kernels in (mixing_numpy, mixing_numba):
        state, following, gap, mapped = (row.copy() for row in given)
        gaps, maps, sums = history[0].copy(), history[1].copy(), np.zeros((8, 12))
        kernels.remember(cuts, state, following, gap, mapped, gaps, maps, 2, 4, sums)
        kernels.mix(maps, np.array([0.5, -1.0, 2.0, 0.1]), following)
        found.append((gap, mapped, gaps, maps, sums, following))
    for plain, compiled in zip(*found, strict=True):
        assert np.allclose(plain, compiled, rtol=1e-11, atol=1e-11)
    assert not found[0][4][:, [4, 5, 10, 11]].any()
