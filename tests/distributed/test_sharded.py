"""Shards without Ray: the same bits whatever their number, and no more bytes than the borders need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricegrad.distributed.partition import blocks_of, lay_out, parts_of, reordered
from pricegrad.distributed.shard import SUMS, Shard, rounds_kept
from pricegrad.errors import ModelError
from pricegrad.market.ces import random_economy
from pricegrad.market.rounds import Round, flat_start, solve_rounds


def in_process(economy, shards, rounds, folder=None):
    """Shards in this process, their mail carried by hand; states by round, bytes sent in the last."""
    start, firms = flat_start(economy), economy.firms
    parts = parts_of(economy, shards)
    crew = [Shard(part, folder, 2) for part in parts]
    mail = [
        shard.begin(0, (start[:firms][p.first : p.end], start[firms:][p.first : p.end]))
        for shard, p in zip(crew, parts)
    ]
    states = []
    for _ in range(rounds + 1):
        played = [shard.step([mail[t][s] for t in range(shards)]) for s, shard in enumerate(crew)]
        mail = [letters for letters, _ in played]
        states.append(np.concatenate([s.log_price for s in crew] + [s.log_revenue for s in crew]))
    return states, sum(report.sent for _, report in played), parts


def one_process(economy, rounds):
    play, state = Round(economy), flat_start(economy)
    states = [state]
    for _ in range(rounds):
        state = play(state)
        states.append(state)
    return states


@settings(max_examples=25, deadline=None)
@given(
    firms=st.integers(30, 400),
    shards=st.integers(1, 8),
    seed=st.integers(0, 99),
    labour=st.sampled_from([0.4, 0.05]),
    elasticity=st.sampled_from([(0.05, 0.2), (0.9, 1.1), (1.0, 1.0), (2.0, 5.0)]),
    power=st.sampled_from([0.0, -0.7, 0.4]),
)
def test_any_number_of_shards_gives_the_bits_of_one_process(firms, shards, seed, labour, elasticity, power):
    from dataclasses import replace

    economy = random_economy(firms, seed=seed, labour_share=labour, elasticity=elasticity)
    economy = replace(economy, taste_power=power)
    sharded, _, _ = in_process(economy, shards, 6)
    for got, want in zip(sharded, one_process(economy, 6), strict=True):
        assert np.array_equal(got, want)


@pytest.mark.parametrize("shards", [2, 3, 8])
def test_the_compiled_kernels_give_the_same_bits_too(shards):
    pytest.importorskip("numba", reason="numba is not installed")
    economy = random_economy(3000, seed=5, engine="numba")
    sharded, _, _ = in_process(economy, shards, 4)
    for got, want in zip(sharded, one_process(economy, 4), strict=True):
        assert np.array_equal(got, want)


def test_bytes_are_sixteen_a_ghost():
    economy = random_economy(4000, seed=1)
    for shards in (2, 4, 8):
        _, sent, parts = in_process(economy, shards, 1)
        ghosts = sum(len(part.ghosts) for part in parts)
        constant = 8 * SUMS * shards * (shards - 1)
        assert sent == 16 * ghosts + constant
        assert sent < 1.1 * 16 * ghosts


def clustered(firms=2000, towns=16, seed=2):
    """A random economy whose firms buy mostly in their own town, towns scattered over the numbering."""
    draw = np.random.default_rng(seed)
    economy = random_economy(firms, seed=seed)
    rows = economy.rows
    town = draw.permutation(np.arange(firms) % towns)
    members = [np.flatnonzero(town == t) for t in range(towns)]
    entry = rows.entry.copy()
    near = (draw.random(len(entry)) < 0.95) & (entry < firms)
    entry[near] = [draw.choice(members[town[i]]) for i in rows.row[near]]
    from dataclasses import replace

    return replace(economy, rows=replace(rows, entry=entry))


def test_the_layout_is_the_same_economy_and_cuts_few_links():
    pytest.importorskip("pymetis", reason="the extra `distributed` is not installed")
    economy = clustered()
    laid, order = lay_out(economy)
    assert sorted(order) == list(range(economy.firms))

    def ghosts(one):
        return sum(len(part.ghosts) for part in parts_of(one, 4))

    assert ghosts(laid) < 0.35 * ghosts(economy)
    want, got = solve_rounds(economy, tolerance=1e-10), solve_rounds(laid, tolerance=1e-10)
    assert got.log_price == pytest.approx(want.log_price[order], abs=1e-9)
    assert got.log_revenue == pytest.approx(want.log_revenue[order], abs=1e-9)


def test_reordering_there_and_back_changes_no_array():
    economy = random_economy(100, seed=3)
    order = np.random.default_rng(0).permutation(100)
    back = reordered(reordered(economy, order), np.argsort(order))
    for name in ("ptr", "entry", "weight", "power", "const"):
        assert np.array_equal(getattr(back.rows, name), getattr(economy.rows, name))
    assert np.array_equal(back.taste, economy.taste)


@given(first=st.integers(0, 15), last=st.integers(1, 16))
def test_blocks_are_whole_subtrees_and_cover_the_cells(first, last):
    if first >= last:
        first, last = last - 1, first + 1
    blocks = blocks_of(first, last, 16)
    assert [i for block in blocks for i in range(*block)] == list(range(first, last))
    for a, b in blocks:
        assert (b - a) & (b - a - 1) == 0
        assert a % (b - a) == 0


def test_a_shard_resumes_from_its_checkpoint_to_the_last_bit(tmp_path):
    economy = random_economy(200, seed=4)
    states, _, parts = in_process(economy, 2, 7, str(tmp_path))
    assert rounds_kept(tmp_path, 0, 2) == rounds_kept(tmp_path, 1, 2) == [2, 4, 6]
    (tmp_path / "shard1of2.6").write_bytes((tmp_path / "shard1of2.6").read_bytes()[:-3])
    assert rounds_kept(tmp_path, 1, 2) == [2, 4]
    crew = [Shard(part, str(tmp_path), 2) for part in parts]
    mail = [shard.begin(4, None) for shard in crew]
    for _ in range(4):
        played = [shard.step([mail[t][s] for t in range(2)]) for s, shard in enumerate(crew)]
        mail = [letters for letters, _ in played]
    got = np.concatenate([s.log_price for s in crew] + [s.log_revenue for s in crew])
    assert np.array_equal(got, states[7])


def test_more_shards_than_cells_are_refused():
    with pytest.raises(ModelError, match="shards is 9.*from 1 to 8"):
        parts_of(random_economy(50), 9)
