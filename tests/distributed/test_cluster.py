"""What a run on Ray leaves behind in the process that asked for it."""

import builtins
import signal
import sys

from pricegrad.distributed.cluster import _process_as_before


def test_print_excepthook_and_sigterm_are_as_before():
    def seen():
        return builtins.print, sys.excepthook, signal.getsignal(signal.SIGTERM)

    before = seen()
    with _process_as_before():
        builtins.print = sys.excepthook = lambda *args: None
        signal.signal(signal.SIGTERM, lambda *args: None)
    assert seen() == before
