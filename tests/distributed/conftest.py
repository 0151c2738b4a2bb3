"""One Ray for all tests that need it: they run in one process, one after the other."""

import pytest


@pytest.fixture(scope="session")
def ray():
    pytest.importorskip("ray", reason="the extra `distributed` is not installed")
    from pricegrad.distributed.cluster import cluster

    with cluster(cpus=4) as module:
        yield module
