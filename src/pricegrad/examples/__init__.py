"""Small economies that ship with pricegrad, each a short story in plain Python with its output beside it.

`pricegrad new my_town.py --from bakery_town` writes one to start from. A file defines one `economy` and tells
its story when it is run; `NAME.out` is what it prints.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pricegrad.errors import ModelError, PricegradError, did_you_mean

EXAMPLES = {
    "three_companies": "natural gas to tupperware: a chain of three, priced by one derivative each",
    "bakery_town": "farm, mill and bakery, and a household that owns land and labour",
    "petrochemicals": "by-products, and a recycler that closes the circle",
    "oil_shock": "the United States in 71 industries, and oil that becomes dearer",
    "tariff": "a small open economy, and the tariff at which trade stops",
    "bill_of_materials": "a bicycle made of parts made of parts, by a function that calls itself",
    "workshop": "parts inside parts, and a plant that iterates until it settles, priced in one equilibrium",
    "never_settles": "Scarf's market, whose prices circle for ever, and the habit that settles them",
    "consortium": "private firms, each in a process of its own, that tell only prices and orders",
}
START = "bakery_town"


def source(name: str) -> str:
    """The text of an example. Raises ModelError for a name that is none."""
    if name not in EXAMPLES:
        raise ModelError(f"there is no example {name!r}.{did_you_mean(name, EXAMPLES)}")
    return files(__package__).joinpath(f"{name}.py").read_text("utf-8")


def output(name: str) -> str:
    """What an example prints."""
    return files(__package__).joinpath(f"{name}.out").read_text("utf-8")


def write(path: str | Path, name: str = START) -> Path:
    """Write an example to a new file `path`. Raises PricegradError when it is there already."""
    target, text = Path(path), source(name)
    if target.suffix != ".py":
        raise ModelError(f"{target} should end in .py: it will be a Python file")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PricegradError(f"{target} is there already; name a new file") from None
    except OSError as error:
        raise PricegradError(f"{target} cannot be written: {error.strerror}") from None
    return target
