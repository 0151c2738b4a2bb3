import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricegrad.errors import ModelError
from pricegrad.market.cells import cell_bounds, dot, total, tree_sum
from pricegrad.market.rows import Rows


def random_rows(seed, count=40, entries=25, engine="numpy", cells=8, powers=None):
    draw = np.random.default_rng(seed)
    degree = draw.integers(1, 9, count)
    ptr = np.concatenate([[0], np.cumsum(degree)])
    weight = draw.uniform(0.1, 1.0, ptr[-1])
    weight /= np.repeat(np.add.reduceat(weight, ptr[:-1]), degree)
    power = draw.choice(np.array([0.0, 1.0, 1e-9, -1e-3, 5e-3, 0.5, -1.7, -14.0]), count)
    return Rows(
        ptr,
        draw.integers(0, entries, ptr[-1]).astype(np.int32),
        weight,
        power if powers is None else powers,
        draw.normal(size=count),
        entries,
        cells,
        engine,
    )


def run(rows, log_price, spend):
    value, cost, orders = np.empty(len(rows.entry)), np.empty(rows.rows), np.empty(rows.entries)
    rows.forward(log_price, spend, value, cost)
    rows.collect(value, orders)
    return cost, value, orders


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_order_sweep_is_the_vjp_of_the_price_sweep(seed):
    # <cotangent, J v> by complex steps through the textbook formula equals <order sweep, v>
    rows = random_rows(seed)
    draw = np.random.default_rng(seed + 1)
    log_price, spend = draw.normal(size=rows.entries), draw.uniform(0.1, 2.0, rows.rows)
    direction = draw.normal(size=rows.entries)
    _, _, orders = run(rows, log_price, spend)
    step = 1e-40
    forward = 0.0
    for i in range(rows.rows):
        links = slice(rows.ptr[i], rows.ptr[i + 1])
        price = np.exp(log_price[rows.entry[links]] + 1j * step * direction[rows.entry[links]])
        power, weight = rows.power[i], rows.weight[links]
        if power == 0.0:
            log_cost = np.sum(weight * np.log(price))
        else:
            log_cost = np.log(np.sum(weight * price**power)) / power
        forward += spend[i] * log_cost.imag / step
    tolerance = 1e-12 if np.abs(rows.power[rows.power != 0]).min() > 1e-4 else 1e-6
    assert forward == pytest.approx(float(orders @ direction), rel=tolerance, abs=tolerance)


def test_order_sweep_is_the_vjp_to_twelve_digits_at_usual_elasticities():
    powers = np.random.default_rng(0).uniform(-1.5, 0.95, 40)
    rows = random_rows(5, powers=powers)
    draw = np.random.default_rng(1)
    log_price, spend, v = draw.normal(size=25), draw.uniform(0.1, 2.0, 40), draw.normal(size=25)
    _, _, orders = run(rows, log_price, spend)
    price = np.exp(log_price + 1e-40j * v)
    cost = [
        np.log(np.sum(rows.weight[a:b] * price[rows.entry[a:b]] ** q)) / q
        for a, b, q in zip(rows.ptr[:-1], rows.ptr[1:], powers, strict=True)
    ]
    assert float(spend @ np.imag(cost)) / 1e-40 == pytest.approx(float(orders @ v), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_and_numpy_passes_agree(seed):
    pytest.importorskip("numba")
    draw = np.random.default_rng(seed)
    log_price = draw.normal(size=25) * (1 if seed < 3 else 100)
    spend = draw.uniform(0.1, 2.0, 40)
    plain = run(random_rows(seed, engine="numpy"), log_price, spend)
    compiled = run(random_rows(seed, engine="numba"), log_price, spend)
    for a, b in zip(plain, compiled, strict=True):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12)


def test_threads_change_no_bit():
    numba = pytest.importorskip("numba")
    rows = random_rows(3, count=3000, entries=700, engine="numba")
    draw = np.random.default_rng(0)
    log_price, spend = draw.normal(size=700), draw.uniform(0.1, 2.0, 3000)
    before = numba.get_num_threads()
    seen = []
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            seen.append(run(rows, log_price, spend))
    finally:
        numba.set_num_threads(before)
    assert all(np.array_equal(a, b) for a, b in zip(*seen, strict=True))


@pytest.mark.parametrize("shards", [1, 2, 4, 8])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_shards_that_hold_whole_cells_add_up_to_the_same_bits(shards, engine):
    if engine == "numba":
        pytest.importorskip("numba")
    whole = random_rows(11, count=500, entries=90, engine=engine)
    draw = np.random.default_rng(2)
    log_price, spend = draw.normal(size=90), draw.uniform(0.1, 2.0, 500)
    _, _, orders = run(whole, log_price, spend)
    parts = []
    for s in range(shards):
        a, b = whole.bounds[s * 8 // shards], whole.bounds[(s + 1) * 8 // shards]
        bounds = whole.bounds[s * 8 // shards : (s + 1) * 8 // shards + 1] - a
        links = slice(whole.ptr[a], whole.ptr[b])
        shard = Rows(
            whole.ptr[a : b + 1] - whole.ptr[a],
            whole.entry[links],
            whole.weight[links],
            whole.power[a:b],
            whole.const[a:b],
            90,
            8 // shards,
            engine,
            tuple(bounds.tolist()),
        )
        parts.append(run(shard, log_price, spend[a:b])[2])
    while len(parts) > 1:
        parts = [x + y for x, y in zip(parts[0::2], parts[1::2], strict=True)]
    assert np.array_equal(parts[0], orders)


def test_sums_by_cells():
    values = np.random.default_rng(0).normal(size=1001)
    cuts = cell_bounds(1001)
    halves = [
        tree_sum([float(np.add.reduce(values[a:b])) for a, b in zip(c[:-1], c[1:], strict=True)])
        for c in (cuts[:5], cuts[4:])
    ]
    assert halves[0] + halves[1] == total(values)
    assert dot(values, values) == pytest.approx(float(values @ values), rel=1e-13)
    with pytest.raises(ModelError, match="power of two"):
        cell_bounds(10, 6)


def test_an_unknown_engine_is_refused():
    with pytest.raises(ModelError, match="engine"):
        random_rows(0, engine="gpu")


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_prices_by_link_are_not_taken_for_prices_by_good(engine):
    """As many goods as links, and every buyer with news of its own age."""
    if engine == "numba":
        pytest.importorskip("numba", reason="numba is not installed")
    ptr, entry = np.array([0, 2, 3]), np.array([2, 0, 1], dtype=np.int32)
    rows = Rows(ptr, entry, np.array([0.5, 0.5, 1.0]), np.zeros(2), np.zeros(2), 3, 1, engine)
    price, value, cost = np.array([1.0, 2.0, 3.0]), np.empty(3), np.empty(2)
    rows.forward(price, np.ones(2), value, cost)
    assert cost.tolist() == [2.0, 2.0]
    rows.forward(price[None, :], np.ones(2), value, cost)
    assert cost.tolist() == [1.5, 3.0]
