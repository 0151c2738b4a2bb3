"""Comparing what a program prints with what a document says it prints."""

import re

TINY = re.compile(r"\b(?:\d(?:\.\d+)?e-(?:09|[1-9]\d)|0\.0e\+00)\b(?:  .*)?")


def same(printed: str, said: str) -> None:
    """Assert that two texts are equal, but for figures below 1e-8 and what stands behind them (whose figure
    it is), which differ from machine to machine.

    A line of `said` that ends in " ..." says how the printed line begins.
    """
    shown, wanted = _steady(printed).split("\n"), _steady(said).split("\n")
    for i, line in enumerate(wanted[: len(shown)]):
        if line.endswith(" ...") and shown[i].startswith(line[:-4]):
            shown[i] = line
    assert shown == wanted


def _steady(text: str) -> str:
    return "\n".join(TINY.sub("~0", line.rstrip()) for line in text.strip().splitlines())
