"""Is this really an equilibrium? Every condition evaluated anew from the description and the numbers alone.

Nothing here comes from the engines: nested cost functions are evaluated recursively as they are defined, and
the derivatives of a user's function by differences within it (`probe`). Every violation is relative: to the
traded volume, to cost, to the price paid, to income. A good that is left over, or an activity that loses,
counts by the smaller of its margin and its weight, because either one at zero is enough; the weight is full
from a millionth of the economy's turnover up, so that a small firm's price is checked like a large one's.
"""

from pricegrad.certify.audit import certify
from pricegrad.certify.certificate import Certificate, Violation

__all__ = ["Certificate", "Violation", "certify"]
