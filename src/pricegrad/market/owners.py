"""Who owns which variable of an economy, and what each knows of the others when news takes its time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.equilibrium.layout import Layout
from pricegrad.market.field import Field
from pricegrad.market.rows import Floats


def owners_of(layout: Layout) -> NDArray[np.int64]:
    """The agent that moves each variable; -1 for incomes, which are what is received.

    Every price has an agent of its own, every firm moves its activity or its purchases, every household given
    by code its basket; an auxiliary variable and the trade of an outside market belong to an agent each.
    """
    owner = np.full(layout.size, -1, dtype=np.int64)
    count = 0
    for part in (layout.price, layout.activity, layout.aux, layout.outside):
        size = part.stop - part.start
        owner[part] = count + np.arange(size)
        count += size
    for part in layout.plans:
        owner[part] = count
        count += 1
    for part in layout.baskets:
        owner[part.start : part.stop + 1] = count  # and the marginal utility of income behind it
        count += 1
    return owner


def stale_forces(
    field: Field, z: Floats, fresh: Floats, past: list[Floats], age: NDArray[np.int64]
) -> Floats:
    """The force on each variable as its owner sees it, whose news are `age` rounds old (by variable).

    A price moves with the excess demand that was there `age` rounds ago; whoever has a plan knows it as it is
    now, and weighs it at the prices of then. `fresh`: the forces at z; `past`: the vectors by age.
    """
    seen, goods = fresh.copy(), field.layout.price.stop
    for old in np.unique(age[age > 0]).tolist():
        then = field.forces(past[old]).force
        mixed = field.forces(np.concatenate([past[old][:goods], z[goods:]])).force
        late = age == old
        seen[:goods] = np.where(late[:goods], then[:goods], seen[:goods])
        seen[goods:] = np.where(late[goods:], mixed[goods:], seen[goods:])
    return seen
