"""Run the benchmarks: `python -m bench.run [group ...] [--quick]`. A group is a module bench/bench_GROUP.py.

A group has `OUTPUT`, the page under docs/ it writes, and `page(quick)`, which measures and returns its text.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def groups() -> list[str]:
    return sorted(p.stem.removeprefix("bench_") for p in Path(__file__).parent.glob("bench_*.py"))


def main(words: list[str]) -> int:
    quick = "--quick" in words
    wanted = [w for w in words if not w.startswith("--")] or groups()
    unknown = set(wanted) - set(groups())
    if unknown:
        print(
            f"no such group: {', '.join(sorted(unknown))}; there are: {', '.join(groups())}", file=sys.stderr
        )
        return 2
    for name in wanted:
        module = importlib.import_module(f"bench.bench_{name}")
        text = module.page(quick)
        print(text)
        if not quick:
            path = ROOT / "docs" / module.OUTPUT
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
