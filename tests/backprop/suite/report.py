"""Print how every case fares: `python -m tests.backprop.suite.report [word of a name ...]`."""

import collections
import contextlib
import io
import sys
import warnings

from . import CASES
from .registry import judge, source_of


def main(words: list[str]) -> int:
    warnings.simplefilter("error")
    counts: collections.Counter[str] = collections.Counter()
    for case in CASES:
        if words and not any(w in case.name or w == case.group for w in words):
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            verdict = judge(case)
        kind = "may be refused" if verdict.kind == "refused" and case.may_refuse else verdict.kind
        counts[kind] += 1
        if kind in ("right", "may be refused") and not words:
            continue
        print(f"--- {case.group}/{case.name}: {kind}: {verdict.detail}")
        if kind in ("wrong", "crash"):
            print(
                f"{source_of(case)}at {verdict.point}\ngot      {verdict.got}\nexpected {verdict.expected}\n"
            )
    print(", ".join(f"{n} {kind}" for kind, n in counts.most_common()), f"of {sum(counts.values())}")
    return int(bool(counts["wrong"] or counts["crash"] or counts["refused"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
