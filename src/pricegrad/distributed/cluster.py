"""Ray, started and stopped by itself: loopback only, its own token, no dashboard, nothing left behind."""

from __future__ import annotations

import builtins
import importlib.util
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from pricegrad.distributed.errors import ClusterError

LOOPBACK = "127.0.0.1"
_STORE = 256 * 2**20
# Ray listens on every interface unless it is told that clusters of several machines are off (a switch it
# has for Windows and macOS); then every one of its servers binds the loopback address alone.
_ALONE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


@contextmanager
def cluster(
    address: str | None = None, *, cpus: int | None = None, store: int = _STORE
) -> Iterator[ModuleType]:
    """Ray, connected: the one at `address`, the one this process already uses, or one of its own.

    One of its own listens on 127.0.0.1 alone, takes only callers with its token (a file that only this user
    can read, deleted at the end), and is stopped at the end with all its processes; `cpus` and `store` (bytes
    of shared memory) size it. Raises `ClusterError`.
    """
    running = sys.modules.get("ray")
    if running is not None and running.is_initialized():
        yield running
    elif address is not None:
        with _process_as_before(), _joined(address) as ray:
            yield ray
    else:
        with _process_as_before(), _own(cpus, store) as ray:
            yield ray


def carry(ray: ModuleType, functions: Iterable[Callable[..., Any]]) -> None:
    """Let functions travel to actors by what they are, where their module cannot be imported there.

    A file given to the `pricegrad` command is such a module. Shards are one owner's: what travels here is
    trusted (private firms, whose code does not travel, are `Exchange`).
    """
    for function in functions:
        module = sys.modules.get(getattr(function, "__module__", ""))
        if module is None or module.__name__ == "__main__":
            continue  # these travel so anyway
        try:
            found = importlib.util.find_spec(module.__name__)
        except ValueError:
            found = None
        if found is None:
            ray.cloudpickle.register_pickle_by_value(module)


def places(ray: ModuleType, count: int) -> list[Any]:
    """Where `count` actors go: to one node after the other. One whose node is gone stays away by name."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    nodes = sorted(node["NodeID"] for node in ray.nodes() if node["Alive"])
    if len(nodes) == 1:
        return ["DEFAULT"] * count
    return [NodeAffinitySchedulingStrategy(nodes[i % len(nodes)], soft=False) for i in range(count)]


@contextmanager
def _own(cpus: int | None, store: int) -> Iterator[ModuleType]:
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=base if len(base) < 24 else "/tmp"))
    token = folder / "token"
    with open(os.open(token, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(secrets.token_hex(32))
    wanted = {
        _ALONE: "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # what fails is reported by whoever waits for it
    }
    with _environment(wanted):
        try:
            ray = _import_ray()
            _heed_environment(ray)
            try:
                ray.init(
                    num_cpus=cpus,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level="ERROR",
                    object_store_memory=store,
                    _node_ip_address=LOOPBACK,
                    _temp_dir=str(folder),
                )
            except Exception as err:
                raise ClusterError(f"Ray did not start on this machine: {err}") from None
            yield ray
        finally:
            if sys.modules.get("ray") is not None:
                sys.modules["ray"].shutdown()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _process_as_before() -> Iterator[None]:
    """Take out the print, the excepthook and the handler of SIGTERM that Ray puts in place of those there."""
    prints, hook = builtins.print, sys.excepthook
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        builtins.print, sys.excepthook = prints, hook
        if main and handler is not None:
            signal.signal(signal.SIGTERM, handler)


def _heed_environment(ray: ModuleType) -> None:
    """Have Ray read its variables again: the user may have imported it long ago."""
    ray._private.ray_constants.ENABLE_RAY_CLUSTER = False
    ray._raylet.Config.initialize("")
    ray._raylet.AuthenticationTokenLoader.instance().reset_cache()


@contextmanager
def _joined(address: str) -> Iterator[ModuleType]:
    ray = _import_ray()
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except Exception as err:
        raise ClusterError(
            f"no Ray cluster took us in at {address}: {err}\nStart one with `ray start --head`, and give "
            "this process its token: RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH=FILE"
        ) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _import_ray() -> ModuleType:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError:
        raise ClusterError("Ray is not installed: pip install 'pricegrad[distributed]'") from None
    module: ModuleType = ray
    return module


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
