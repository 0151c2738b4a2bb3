"""The `pricegrad` command: thin, one function a subcommand; the work is done on the floors below.

Exit codes: 0 done, 1 not solved, 2 bad input. --json prints one JSON object and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter, validators

from pricegrad import asked, progress
from pricegrad.errors import ModelError, NotSolved, PricegradError

if TYPE_CHECKING:
    from pricegrad.economy import Economy

LOUDNESS = {"-v": 1, "--verbose": 1, "-q": -1, "--quiet": -1}

app = App(
    name="pricegrad",
    help="Prices are gradients: price the goods of a production network by backpropagation.\n\n"
    "Begin with `pricegrad new my_town.py`; `pricegrad COMMAND --help` has examples.\n\n"
    "With any command: -v logs every stage on standard error, -q shows no progress.",
    help_format="plaintext",  # "markdown", the default, would import for a quarter of a second
    version_flags=["--version"],
)

Model = Annotated[str, Parameter(help="A Python file that defines an economy, or an economy in JSON.")]
Quantity = Annotated[
    list[str] | None, Parameter(negative="", help="An amount from outside: GOOD=AMOUNT. May be repeated.")
]
At = Annotated[
    list[str] | None,
    Parameter(
        negative="", help="An argument: NAME=VALUE, as in x=4 or 'w=np.ones((2, 3))'. May be repeated."
    ),
]
Plot = Annotated[Path | None, Parameter(help="Draw a picture: a .png, .svg or .pdf file.")]
On = Annotated[str | None, Parameter(help="ray: over processes, by pip install 'pricegrad[distributed]'.")]
Shards = Annotated[int, Parameter(help="With --on: how many processes.", validator=validators.Number(gte=1))]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]
Save = Annotated[
    Path | None, Parameter(name="--save", help="Also write the whole result to a .json file, for `report`.")
]
Top = Annotated[
    int, Parameter(help="How many sectors to show.", validator=validators.Number(gte=1, lte=10_000))
]


@app.command(sort_key=8)
def backprop(
    function: Annotated[str, Parameter(help="FILE.py:FUNCTION, a Python function in a file.")],
    *,
    wrt: Annotated[str | None, Parameter(help="The parameter to differentiate by; default: all.")] = None,
    at: At = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help="Write the code here.")] = None,
) -> None:
    """Print the derivative of a Python function as Python code that runs on its own.

    The code depends on what the parameters are: numbers, lists, arrays.
    Where the function does not tell, --at does, and the code ends with
    the value and the derivative there.

    pricegrad backprop chain.py:f
    pricegrad backprop chain.py:f --at x=4 -o f_grad.py
    """
    from pricegrad import files

    source = asked.derivative(files.function(function), wrt, at)
    if output is None:
        print(source, end="")
    else:
        asked.write(output, source)


@app.command(sort_key=2)
def price(
    model: Model,
    *,
    quantity: Quantity = None,
    save: Save = None,
    json: Json = False,
) -> None:
    """Price a plan: one sweep of quantities down the chain, one sweep of prices back up.

    pricegrad price chain.py
    pricegrad price chain.py --quantity natgas=9 --json
    """
    from pricegrad import files
    from pricegrad.report import numbers, terminal

    economy, given = files.economy(model), asked.amounts(quantity)
    with files.aside():
        result = economy.price(quantities=given)
    asked.keep(result, save)
    asked.show(json, lambda: numbers.prices(result), lambda: terminal.prices(result))


@app.command(sort_key=4)
def explain(
    model: Model,
    good: Annotated[str, Parameter(help="The good whose price is asked for.")],
    *,
    quantity: Quantity = None,
) -> None:
    """Say why a good is worth what it is, link by link, with the line of code behind each link.

    pricegrad explain my_town.py flour
    """
    from pricegrad import files

    economy = files.economy(model)
    with files.aside():
        why = _why(economy, good, quantity)
    print(why)


def _why(economy: Economy, good: str, quantity: Sequence[str] | None) -> str:
    """Why a good has its price, in the plan as given, or at the equilibrium where that says too little."""
    result: Any
    try:
        result = economy.price(quantities=asked.amounts(quantity))
    except ModelError as refusal:
        if quantity:
            raise
        try:
            result = economy.solve()
        except PricegradError:
            raise refusal from None
        open_end = str(refusal).split(";")[0].splitlines()[0]
        worst = f"{result.certificate.worst:.0e}"
        print(f"At the equilibrium (certificate {worst}): {open_end}.\n", file=sys.stderr)
    why: str = result.explain(good)
    return why


@app.command(sort_key=3)
def solve(
    model: Model,
    *,
    on: On = None,
    shards: Shards = 1,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
) -> None:
    """Find the prices at which everyone's plans fit, with a certificate.

    pricegrad solve my_town.py
    pricegrad solve my_town.py --plot prices.png --json
    """
    from pricegrad import files

    economy = files.economy(model)
    with files.aside():
        result = economy.solve(on=on, shards=shards)
    asked.draw(result.plot, plot)
    asked.keep(result, save)
    asked.show(json, result.as_dict, lambda: print(f"{result}\n{result.certificate}"), plot)


@app.command(sort_key=6)
def market(
    model: Model,
    *,
    rounds: Annotated[int, Parameter(help="Play so many rounds at most.")] = 20_000,
    rule: Annotated[
        str | None,
        Parameter(help="make-to-order, proportional-response, inventory, optimistic, primal-dual or "
                  "tatonnement; default: what suits the economy."),
    ] = None,
    shock: Annotated[
        list[str] | None,
        Parameter(negative="", help="'ROUND KIND NAME VALUE', as in '10 supply land 0.5'. May be repeated."),
    ] = None,
    start: Annotated[
        list[str] | None,
        Parameter(negative="", help="A price to begin from: GOOD=PRICE. May be repeated."),
    ] = None,
    delay: Annotated[int, Parameter(help="Messages are up to so many rounds late.")] = 0,
    active: Annotated[float, Parameter(help="The share of agents that act in a round.")] = 1.0,
    seed: Annotated[int, Parameter(help="Draws who acts and which messages are late.")] = 0,
    on: On = None,
    shards: Shards = 1,
    state: Annotated[
        Path | None, Parameter(help="With --on: a folder to keep the run in; given again, it goes on.")
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
) -> int:  # fmt: skip
    """Run the market itself, round by round, on local information only. Exit code 1: it did not settle.

    pricegrad market my_town.py --shock "20 supply land 0.5"
    pricegrad market my_town.py --rule inventory --start bread=9 --rounds 200
    """
    from pricegrad import files

    economy = files.economy(model)
    with files.aside():
        place = economy.market(rule, seed, delay=delay, active=active)
        begun = asked.amounts(start, "--start", "GOOD=PRICE, as in bread=9") or None
        result = place.run(rounds=rounds, start=begun, shocks=shock or (), on=on, shards=shards, state=state)
    asked.draw(result.plot, plot)
    asked.keep(result, save)
    asked.show(json, result.as_dict, lambda: print(result.summary()), plot)
    return 0 if result.converged else 1


@app.command(sort_key=5)
def shock(
    table: Annotated[
        str | None,
        Parameter(help="A table that ships (us71), a CSV file of flows between industries, or a model (.py, "
                  ".json).")
    ] = None,
    *,
    sector: Annotated[
        list[str] | None,
        Parameter(name=["--sector", "--industry"], negative="", help="Whose cost rises, or a primary input "
                  "whose price rises. May be repeated."),
    ] = None,
    percent: Annotated[float, Parameter(help="By how much, in per cent; may be negative.")] = 10.0,
    make: Annotated[Path | None, Parameter(help="CSV: industries in rows, commodities in columns.")] = None,
    supply: Annotated[Path | None, Parameter(help="CSV: commodities in rows, industries in columns.")] = None,
    use: Annotated[Path | None, Parameter(help="CSV: commodities in rows, industries in columns.")] = None,
    technology: Annotated[str, Parameter(help="leontief, cobb-douglas or ces.")] = "leontief",
    elasticity: Annotated[float | None, Parameter(help="Of substitution between inputs, with ces.")] = None,
    top: Top = 12,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Raise the cost of a sector of a table, or of a firm of a model: whose prices move, and why.

    pricegrad shock us71 --sector "Oil and gas extraction" --percent 10
    pricegrad shock my_town.py --sector farm --percent 10
    """
    from pricegrad.economy import Economy
    from pricegrad.pricing.shock import by_kind
    from pricegrad.report import numbers, plots, terminal

    if table is not None and asked.is_model(table):
        if plot is not None or make or supply or use or elasticity is not None or technology != "leontief":
            raise ModelError(
                f"{table} is a model, not a table: --sector, --percent, --top and --save go with it"
            )
        both = asked.dearer(table, sector or (), percent)
        asked.keep(both, save)
        asked.show(json, lambda: numbers.numbers(both), lambda: terminal.compared(both, top))
        return
    economy = Economy.from_table(
        table, make=make, supply=supply, use=use, technology=technology, elasticity=elasticity
    )
    if not sector:
        raise ModelError("name whose cost rises: --sector NAME; " + terminal.some(economy.firms))
    result = economy.shock(*by_kind(economy, dict.fromkeys(sector, percent / 100)))
    title = f"{' and '.join(sector)}: {percent:+g}%"
    asked.draw(lambda path: plots.movers(result, path, top, title), plot)
    asked.keep(result, save)
    asked.show(json, lambda: numbers.change(result), lambda: terminal.shock(result, title, top), plot)


@app.command(sort_key=7)
def report(
    model: Annotated[
        str,
        Parameter(help="A Python file that defines an economy (or FILE.py:FUNCTION), an economy in JSON, "
                  "us71, or a result saved by --save or --json."),
    ],
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="Where to write the page.")] = Path(
        "report.html"
    ),
    against: Annotated[
        str | None, Parameter(help="A second economy, or saved equilibrium, to stand beside the first.")
    ] = None,
    of: Annotated[str | None, Parameter(help="A good, or 'real output': also draw what it hangs on.")] = None,
    plan: Annotated[bool, Parameter(negative="", help="Price the plan as given instead of solving.")] = False,
    quantity: Annotated[
        list[str] | None, Parameter(negative="", help="With --plan: an amount from outside, GOOD=AMOUNT.")
    ] = None,
    market: Annotated[bool, Parameter(negative="", help="Run the market instead of solving.")] = False,
    rounds: Annotated[int, Parameter(help="With --market: play so many rounds at most.")] = 20_000,
    rule: Annotated[str | None, Parameter(help="With --market: by which rule.")] = None,
    shock: Annotated[
        list[str] | None,
        Parameter(negative="", help="With --market: 'ROUND KIND NAME VALUE', as in '10 supply land 0.5'."),
    ] = None,
) -> None:  # fmt: skip
    """Write an economy, or a saved result, as one HTML page: value, prices and why, the certificate.

    pricegrad report my_town.py -o my_town.html
    pricegrad report my_town.py --market --shock "20 supply land 0.5"
    pricegrad report good_year.py --against drought.py --of bread
    """
    from pricegrad import files
    from pricegrad.report import page

    if plan + market + (against is not None) > 1:
        raise ModelError("--plan, --market and --against are three different pages; name one of them")
    result: Any = files.saved(model)
    if result is not None:
        given = [name for name, said in (("--plan", plan), ("--market", market), ("--of", of)) if said]
        if given:
            raise ModelError(
                f"{model} is a result already, so {given[0]} has no effect; give the model for that"
            )
        result = result if against is None else asked.beside(model, against)
    elif against is not None:
        economy, other = files.economy(model), files.economy(against)
        names = (model, against) if economy.name == other.name else (economy.name, other.name)
        result = dict(zip(names, (economy.solve(), other.solve()), strict=True))
    elif market:
        result = files.economy(model).market(rule).run(rounds=rounds, shocks=shock or ())
    elif plan or files.is_function(model):
        result = files.economy(model).price(quantities=asked.amounts(quantity))
    else:
        result = files.economy(model).solve()
    print(page.report(result, output, of=of))


@app.command(sort_key=1)
def new(
    path: Annotated[Path, Parameter(help="The Python file to write; it must not be there yet.")],
    *,
    from_: Annotated[
        str | None, Parameter(name="--from", help="The example to start from (default: bakery_town).")
    ] = None,
) -> None:
    """Write an example economy to start from: change it, then solve, explain and report it.

    pricegrad new my_town.py
    pricegrad new my_plant.py --from petrochemicals
    """
    from pricegrad import examples

    written = examples.write(path, from_ or examples.START)
    print(f"{written}: run it with `python {written}`, then try `pricegrad solve {written}`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 (not solved) or 2 (bad input)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    progress.loudness(max((LOUDNESS[word] for word in given if word in LOUDNESS), key=abs, default=0))
    arguments = [word for word in given if word not in LOUDNESS]
    try:
        result: Any = app(arguments, exit_on_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return 2
    except NotSolved as error:
        print(f"not solved: {error}", file=sys.stderr)
        return 1
    except PricegradError as error:
        print(f"pricegrad: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone: nothing is left to flush
        return 0
    except OSError as error:
        sys.stdout = None
        print(f"pricegrad: {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
        return 2
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
