"""Private firms hosted by Ray: an actor each, in its own process, where its owner's options put it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pricegrad.distributed.cluster import cluster
from pricegrad.distributed.errors import DistributedError
from pricegrad.distributed.exchange import Exchange
from pricegrad.distributed.firm import Firm
from pricegrad.distributed.member import Invitation, serve
from pricegrad.distributed.post import Tap
from pricegrad.distributed.result import Trade


class Host:
    """The actor: what Ray carries to it is an invitation and the name of a file, never a function."""

    def serve(
        self, invitation: str, source: str, coefficients: dict[str, Any], ledger: str, step: float
    ) -> None:
        """Trade until the market is over; called again by Ray, it resumes from the ledger."""
        serve(
            Invitation.from_json(invitation),
            source,
            coefficients=coefficients,
            ledger=Path(ledger),
            step=step,
        )

    def pid(self) -> int:
        """The number of the process."""
        import os

        return os.getpid()


def trade(
    firms: Sequence[Firm],
    *,
    supply: Mapping[str, float] | None = None,
    imports: Mapping[str, float] | None = None,
    demand: Mapping[str, float] | None = None,
    shared: Sequence[str] = (),
    rounds: int = 1000,
    tolerance: float = 1e-12,
    state: str | Path | None = None,
    patience: float = 60.0,
    address: str | None = None,
    tap: Tap | None = None,
) -> Trade:
    """Let private firms trade to equilibrium, each in a process of its own under Ray, and stop everything.

    The markets outside are as in `Exchange`. `address`: a Ray cluster that runs already (default: one of our
    own on this machine). With `state`, a folder, an interrupted run goes on where it stopped when
    called again.
    Raises `Absent`, `CutOff`; `DistributedError` with the firm's name when its code fails.
    """
    with tempfile.TemporaryDirectory(prefix="pricegrad-") as scratch:
        ledgers = Path(state) if state is not None else Path(scratch)
        ledgers.mkdir(parents=True, exist_ok=True)
        exchange = Exchange(
            firms, supply=supply, imports=imports, demand=demand, shared=shared, state=state,
            patience=patience, tap=tap,
        )  # fmt: skip
        with cluster(address, cpus=max(2, len(firms))) as ray, exchange:
            exchange.watch = start(ray, exchange, ledgers)
            return exchange.run(rounds, tolerance=tolerance)


def start(ray: ModuleType, exchange: Exchange, ledgers: Path) -> Callable[[], None]:
    """Start an actor for each firm of `exchange`; returns a check that raises when one has failed."""
    actor = ray.remote(max_restarts=-1, max_task_retries=-1, max_concurrency=2)(Host)
    running: dict[Any, str] = {}
    hosts = []
    for firm in exchange.firms:
        options = {"num_cpus": 0, **(firm.options or {})}
        host = actor.options(**options).remote()
        hosts.append(host)
        letter = exchange.invitation(firm.label).to_json()
        ledger = str((ledgers / f"{firm.label}.ledger").resolve())
        task = host.serve.remote(letter, firm.source, dict(firm.coefficients or {}), ledger, firm.step)
        running[task] = firm.label

    def watch() -> None:
        done, _ = ray.wait(list(running), num_returns=len(running), timeout=0)
        for task in done:
            try:
                ray.get(task)
            except Exception as err:
                cause = getattr(err, "cause", None) or err
                raise DistributedError(f"firm {running[task]!r} failed: {cause}") from None

    watch.hosts = hosts  # type: ignore[attr-defined]  # an actor lives as long as somebody holds its handle
    return watch
