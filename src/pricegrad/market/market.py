"""A market: an economy, a rule, and who sees what when. `run` plays rounds and returns their trajectory."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.errors import ModelError, NotSolved, did_you_mean
from pricegrad.market.anderson import Anderson
from pricegrad.market.choose import choose, rule_named
from pricegrad.market.log import Log
from pricegrad.market.post import Post, pack, unpack
from pricegrad.market.rows import Floats
from pricegrad.market.rule import State
from pricegrad.market.settings import listed, not_negative, posted, share, whole
from pricegrad.market.shocks import Shock, carry_over, rehearse, schedule, shocked
from pricegrad.market.traders import Traders
from pricegrad.market.trajectory import Saved, Trajectory
from pricegrad.model import Model
from pricegrad.network import Network, compile
from pricegrad.progress import note, working

if TYPE_CHECKING:
    import pandas as pd

RUNNERS: dict[str, Callable[..., Trajectory]] = {}
"""Other places to run a market, by the name given as `on`."""


class Market:
    """The market of an economy under one rule.

    `rule`: a name, or None for the one that suits the economy (`.why` says why). `seed` draws who acts
    and how late messages are; `delay`: messages are up to so many rounds late; `active`: the share of
    agents that act in a round. `accelerate`: mix the last ten rounds
    (Anderson), which is not local and said in the result. `options` are the rule's own.
    """

    def __init__(
        self,
        economy: Model | Network,
        rule: str | None = None,
        seed: int = 0,
        *,
        delay: int = 0,
        active: float = 1.0,
        accelerate: bool = False,
        **options: Any,
    ) -> None:
        share("active", active, "the share of agents that act")
        delay, seed = whole("delay", delay, 0), whole("seed", seed, 0)
        self.economy, self.seed, self.delay, self.active, self.options = economy, seed, delay, active, options
        self.now: Model | Network = economy
        self.network = economy if isinstance(economy, Network) else compile(economy)
        self.kind, self.why = (rule_named(rule), "asked for") if rule else choose(self.network)
        self.rule = self.kind(self.network, **options)
        if accelerate and (self.rule.name != "make-to-order" or delay or active < 1):
            raise ModelError("accelerate= goes with make-to-order, everyone acting at once on fresh news")
        self.accelerate = accelerate
        self._origin = self.network, self.rule

    def run(
        self,
        rounds: int = 20_000,
        start: Mapping[str, float] | None = None,
        shocks: Sequence[Shock | Mapping[str, Any] | str] = (),
        *,
        tolerance: float = 1e-10,
        record: int | None = None,
        watch: Sequence[str] | None = None,
        resume: Trajectory | Saved | str | Path | None = None,
        on: str | None = None,
        shards: int = 1,
        state: str | Path | None = None,
    ) -> Trajectory:
        """Play up to `rounds` rounds; stop early where nothing moves by more than `tolerance` any more.

        `start`: posted prices by good (others 1). `shocks`: see `pricegrad.market.shocks`. `record`:
        keep a frame every so many rounds (default: every round, of more than fit into a few hundred
        megabytes every other one, and so on; the result says `every`). `watch`: the goods to keep frames of,
        besides the numeraire (default: all). `resume`: a
        trajectory, or the file it was saved to; the rounds go on as if never interrupted (give the same
        `shocks` again). `on`: where to run, None for this process, "ray" for `shards` processes under
        Ray, with `state` a folder where such a run is kept, and goes on when called again
        (`docs/distributed.md`).
        """
        for what, count in (("rounds", rounds), ("record", record), ("shards", shards)):
            if count is not None:
                whole(what, count, 1)
        not_negative("tolerance", tolerance)
        shocks = listed("shocks", shocks, "['10 supply land 0.5']")
        rehearse(self.economy, schedule(shocks))
        watch = None if watch is None else listed("watch", watch, "['bread']")
        if on is not None:
            if on not in RUNNERS:
                raise ModelError(f"there is no place {on!r} to run a market.{did_you_mean(on, RUNNERS)}")
            with working(f"the market by {self.rule.name} over {shards} shards", tolerance):
                return RUNNERS[on](
                    self, rounds=rounds, start=start, shocks=shocks, tolerance=tolerance, record=record,
                    watch=watch, resume=resume, shards=shards, state=state,
                )  # fmt: skip
        if state is not None:
            raise ModelError('state= goes with on="ray"; save a run of this process by `Trajectory.save`')
        with working(f"the market by {self.rule.name}", tolerance):
            return self._play(rounds, start, schedule(shocks), tolerance, record, watch, resume)

    def _play(
        self,
        rounds: int,
        start: Mapping[str, float] | None,
        plan: dict[int, list[Shock]],
        tolerance: float,
        record: int | None,
        watch: Sequence[str] | None,
        resume: Trajectory | Saved | str | Path | None,
    ) -> Trajectory:
        saved = saved_in(resume)
        self._restore(plan, saved)
        if saved is not None and self.accelerate:
            raise ModelError("accelerate= mixes rounds that a saved run does not keep: resume without it")
        post = Post(self.rule, self.seed, self.delay, self.active)
        state, first = self._begin(post, start, saved)
        log = self._log(record, watch)
        log.note(first, self.rule, state, force=True)
        quiet, played, before = 0, first, state
        mixer = Anderson() if self.accelerate else None
        last_shock = max(plan, default=-1)
        for played in range(first, first + rounds):
            if played in plan:
                self.now = shocked(self.now, plan[played])
                log.events += [(played, str(shock)) for shock in plan[played]]
                state, post = self._after_shock(self.now, state, post)
                log.over(self.network.goods)
                quiet, mixer = 0, Anderson() if self.accelerate else None
            with np.errstate(all="ignore"):  # what leaves the range of numbers ends the run below
                proposed = self.rule.propose(state, post.seen(played))
                following = post.awake(played, state, proposed)
                if mixer is not None:
                    following = _mixed(mixer, state, following)
                gap = self.rule.gap(state, following)
                violation = self._violation(state, following)
            note(played - first, gap)
            log.gap(gap, violation)
            before, state = state, following
            post.send(state)
            if not math.isfinite(gap):
                break
            log.note(played + 1, self.rule, state, before)
            quiet = quiet + 1 if gap <= tolerance else 0
            if quiet >= post.patience and played >= last_shock:
                break
        log.note(played + 1, self.rule, state, before, force=True)
        ended = Saved(self.rule.name, self.seed, played + 1, {**state, **pack(post)})
        settled = quiet >= post.patience and played >= last_shock
        return Trajectory.of(copy.copy(self), log, ended, converged=settled)

    def _log(self, record: int | None, watch: Sequence[str] | None) -> Log:
        """An empty log of the goods watched and the one in which prices are counted, or of all goods; in the
        order in which the economy was described, whatever shocks came before."""
        first = self._origin[0]
        if watch is not None:
            index, found = first.good_index, {self.numeraire} if self.numeraire >= 0 else set()
            for good in watch:
                if good not in index:
                    raise ModelError(f"watch names {good!r}, no good.{did_you_mean(good, index)}")
                found.add(index[good])
            watch = tuple(first.goods[g] for g in sorted(found))
        log = Log(record or 1, record is None, watch)
        log.over(first.goods)
        if self.network is not first:
            log.over(self.network.goods)
        return log

    def _restore(self, plan: Mapping[int, Sequence[Shock]], saved: Saved | None) -> None:
        """The economy as it was described, or as the shocks before the saved round left it."""
        self.now, (self.network, self.rule) = self.economy, self._origin
        for round_ in sorted(plan):
            if saved is not None and round_ < saved.round:
                self.now = shocked(self.now, plan[round_])
                self.network = compile(self.now)
                self.rule = self.kind(self.network, **self.options)

    def _begin(
        self,
        post: Post,
        start: Mapping[str, float] | None,
        saved: Saved | None,
    ) -> tuple[State, int]:
        if saved is None:
            state = self.rule.start(self._prices(start))
            post.send(state)
            return state, 0
        if start is not None:
            raise ModelError("give start= or resume=, not both: a saved run knows its prices")
        saved.fits(self.rule.name, self.seed, self.rule.start(self._prices(None)))
        unpack(post, saved.arrays)
        return {k: v.copy() for k, v in saved.arrays.items() if not k.startswith("sent.")}, saved.round

    def _after_shock(self, economy: Model | Network, state: State, post: Post) -> tuple[State, Post]:
        """The same market with the economy changed: everyone keeps what of the state still has a meaning."""
        network = economy if isinstance(economy, Network) else compile(economy)
        rule = self.kind(network, **self.options)
        before, state = state, carry_over(self.rule, rule, state)
        old, post = post, Post(rule, self.seed, self.delay, self.active)
        for sent in reversed(old.sent):
            post.send(carry_over(self.rule, rule, {**before, **sent}))
        post.sent[0] = {name: state[name] for name in post.sent[0]}
        self.network, self.rule = network, rule
        return state, post

    def _prices(self, start: Mapping[str, float] | None) -> Floats:
        price = np.ones(len(self.network.goods))
        for given in (self._model_start(), start):
            if given is not None and len(given):
                places = posted(given, self.network.good_index)
                price[list(places)] = list(places.values())
        return price

    def _model_start(self) -> dict[str, float]:
        return {
            name: value
            for name, value in self.network.start.items()
            if name in self.network.good_index and value > 0
        }

    def _violation(self, state: State, following: State) -> float:
        """What the rule's accounts lost in a round; plans that are no trades keep none when news is late."""
        late = self.delay > 0 or self.active < 1
        return float("nan") if late and not self.rule.trades else self.rule.violation(state, following)

    def equilibrium(self) -> pd.Series:
        """Prices of the equilibrium of the economy as it stands now (after shocks), solved centrally.

        Raises `NotSolved` where the solver finds none, and for markets made from arrays alone.
        """
        solve = getattr(self.now, "solve", None)
        if solve is None:
            raise NotSolved("the distance to equilibrium wants a described economy, not arrays alone")
        prices: pd.Series = solve().prices
        return prices

    @property
    def numeraire(self) -> int:
        """The good whose price is 1 in results; -1 where an outside market sets the level."""
        return Traders(self.network).numeraire()

    def __repr__(self) -> str:
        return f"Market of {self.network!r} by {self.rule.name} ({self.why}); agents read {self.rule.reads}"


def saved_in(resume: Trajectory | Saved | str | Path | None) -> Saved | None:
    """The saved state meant by `resume`."""
    saved = resume.saved if isinstance(resume, Trajectory) else resume
    if isinstance(saved, (str, Path)):
        return Saved.load(saved)
    if saved is not None and not isinstance(saved, Saved):
        raise ModelError(f"resume={resume!r}: give a trajectory, or the file it was saved to")
    return saved


def _mixed(mixer: Anderson, state: State, following: State) -> State:
    """The state that Anderson's mix of rounds proposes, in logs; what is zero stays as the round left it."""
    positive = {name: (state[name] > 0) & (following[name] > 0) for name in following}
    before, mixed = (
        np.concatenate([np.log(np.where(positive[name], of[name], 1.0)) for name in following])
        for of in (state, following)
    )
    mixer.step(before, mixed)
    parts = np.split(mixed, np.cumsum([len(values) for values in following.values()])[:-1])
    return {
        name: np.where(positive[name], np.exp(part), following[name])
        for name, part in zip(following, parts, strict=True)
    }
