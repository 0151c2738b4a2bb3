"""The command: what it prints, its JSON, its exit codes, and that a user's mistake is never a traceback."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pricegrad import cli
from tests.zoo import CHAIN

FLOWS = ",farms,mills\nfarms,10,40\nmills,5,10\nlabour,35,50\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with a model and a table; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    Path("chain.py").write_text(CHAIN)
    Path("flows.csv").write_text(FLOWS)

    def call(*arguments):
        code = cli.main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_price_prints_goods_firms_and_the_derivation(run):
    code, out, err = run("price", "chain.py")
    assert code == 0
    assert err == ""
    assert "Company B: P_ethylene = P_polyethylene * dpolyethylene_dethylene = 1.5 * 0.1111 = 0.1667" in out
    assert "Note: company_c loses 1.4055" in out


def test_price_as_json_is_one_object_and_nothing_else(run):
    Path("loud.py").write_text(CHAIN + "\nprint('hello')\n")
    code, out, err = run("price", "loud.py", "--json")
    assert code == 0
    assert err == "hello\n"
    found = json.loads(out)
    assert found["prices"]["polyethylene"] == pytest.approx(1.5, rel=1e-14)
    assert found["prices"]["natgas"] == pytest.approx(1 / 24, rel=1e-14)
    assert found["quantities"]["natgas"] == 4.0
    assert found["certificate"]["worst"] < 1e-9
    assert {"activity", "income", "aux", "firms", "notes"} <= set(found)


def test_quantities_may_be_set_on_the_command_line(run):
    code, out, _ = run("price", "chain.py", "--quantity", "natgas=16", "--json")
    assert code == 0
    assert json.loads(out)["quantities"]["ethylene"] == pytest.approx(4.0)


def test_explain_says_why_link_by_link_with_the_line(run):
    code, out, _ = run("explain", "chain.py", "natgas")
    assert code == 0
    assert out.splitlines()[:2] == [
        "natgas is worth 0.04167 because one more unit gives company_a 0.25 more ethylene, and ethylene is "
        "worth 0.1667.",
        "  0.25 x 0.1667 = 0.04167         company_a, chain.py line 10",
    ]


def test_explain_goes_to_the_equilibrium_where_the_plan_leaves_something_open(run):
    Path("town.py").write_text(
        "import pricegrad as pg\neconomy = pg.Economy(numeraire='labour')\n@economy.firm(makes='bread')\n"
        "def bakery(flour, labour):\n    return flour**0.6 * labour**0.4\n"
        "economy.household('people', endowment={'flour': 9, 'labour': 6},\n"
        "                  utility=pg.CobbDouglas({'bread': 1}))\n"
    )
    code, out, err = run("explain", "town.py", "flour")
    assert code == 0
    assert out.startswith("flour is worth 1 because one more unit gives the bakery ")
    assert err.startswith("At the equilibrium (certificate ")


def test_backprop_prints_code_that_runs_alone(run):
    code, out, _ = run("backprop", "chain.py:f")
    assert code == 0
    scope = {}
    exec(out, scope)
    assert scope["df_dx"](4.0) == pytest.approx(1 / 24, rel=1e-14)
    code, out, _ = run("backprop", "chain.py:f", "-o", "gradient.py")
    assert (code, out) == (0, "")
    done = subprocess.run(
        [sys.executable, "-c", "from gradient import df_dx; print(df_dx(4.0))"],
        capture_output=True,
        text=True,
    )
    assert float(done.stdout) == pytest.approx(1 / 24, rel=1e-14)


def test_shock_of_a_table_that_ships(run):
    code, out, _ = run("shock", "us71", "--sector", "Oil and gas extraction", "--percent", "10", "--top", "5")
    assert code == 0
    for word in ("Petroleum and coal products", "its own costs", "largest chain", "note: Not made at home"):
        assert word in out
    assert "Chemical products" not in out


@pytest.mark.parametrize("columns", ["40", "60"])
def test_a_narrow_terminal_keeps_the_numbers(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = run("shock", "flows.csv", "--sector", "farms")
    assert re.search(r"^farms +\+\d+\.\d\d% ", out, re.MULTILINE)
    assert max(map(len, out.split("The largest chain")[0].splitlines())) <= int(columns)


def test_shock_of_a_csv_as_json_with_a_picture(run):
    code, out, _ = run("shock", "flows.csv", "--industry", "farms", "--plot", "farms.svg", "--json")
    assert code == 0
    found = json.loads(out)
    A = [[0.2, 0.4], [0.1, 0.1]]  # flows over outputs 50 and 100
    a, b = 1 - 1.1 * A[0][0], -1.1 * A[1][0]
    c, d = -A[0][1], 1 - A[1][1]
    farms = (1.1 * 0.7 * d - b * 0.5) / (a * d - b * c)
    assert found["prices"]["farms"] == pytest.approx(farms, rel=1e-12)
    assert Path("farms.svg").read_text().startswith("<?xml")


def test_shock_of_a_primary_input(run):
    code, out, _ = run("shock", "flows.csv", "--sector", "labour", "--percent", "-20", "--json")
    assert code == 0
    assert json.loads(out)["changes"]["mills"] == pytest.approx(-0.2)


TOWN = """
import pricegrad as pg
economy = pg.Economy("town", numeraire="labour")
economy.firm(name="farm", makes="grain", technology=pg.CobbDouglas({"land": 0.5, "labour": 0.5}))
economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.7, "labour": 0.3}))
economy.household("people", endowment={"land": 9, "labour": 9}, utility=pg.CobbDouglas({"flour": 1}))
"""


def test_shock_of_a_firm_of_a_model(run):
    Path("town.py").write_text(TOWN)
    code, out, err = run("shock", "town.py", "--sector", "farm", "--percent", "10")
    assert (code, err) == (0, "")
    grain, flour = (line.split() for line in out.splitlines()[1:3])
    assert (grain[0], grain[-1]) == ("grain", "+10.00%")
    assert (flour[0], flour[-1]) == ("flour", f"{1.1**0.7 - 1:+.2%}")  # grain is .7 of its cost
    code, out, _ = run("shock", "town.py", "--sector", "farm", "--json")
    base, after = json.loads(out)["scenarios"].values()
    assert after["prices"]["flour"] / base["prices"]["flour"] == pytest.approx(1.1**0.7, rel=1e-9)
    Path("farm.json").write_text(out)
    assert run("report", "farm.json", "-o", "farm.html")[0] == 0
    for arguments, said in (
        (("--sector", "fram"), 'Did you mean "farm"?'),
        ((), "there are farm, mill"),
        (("--sector", "farm", "--percent", "-100"), "leaves nothing"),
        (("--sector", "farm", "--technology", "ces"), "is a model, not a table"),
    ):
        code, _, err = run("shock", "town.py", *arguments)
        assert code == 2
        assert said in err


def test_make_and_use_tables_by_path(run):
    Path("make.csv").write_text(",grain,flour\nfarms,90,10\nmills,0,60\n")
    Path("use.csv").write_text(",farms,mills\ngrain,5,40\nflour,5,0\nlabour,90,20\n")
    code, _, err = run("shock", "--make", "make.csv", "--use", "use.csv", "--sector", "mills")
    assert (code, err) == (0, "")


BAD_FILES = {
    "syntax.py": "import pricegrad\ndef f(x:\n    return x\n",
    "raises.py": "def boom():\n    return 1 / 0\n\nboom()\n",
    "exits.py": "import sys\nsys.exit(3)\n",
    "imports.py": "import nowhere_to_be_found\n",
    "empty.py": "x = 1\n",
    "two.py": "import pricegrad as pg\none = pg.Economy()\ntwo = pg.Economy()\n",
    "twice.py": (
        "import pricegrad as pg\neconomy = pg.Economy()\n@economy.firm(makes='a')\ndef mill(x):\n    return "
        "x\n"
        "@economy.firm(makes='b')\ndef mill(x):\n    return x\n"
    ),
    "nobody.py": (
        "import pricegrad as pg\neconomy = pg.Economy()\n@economy.firm(makes='bread')\ndef bakery(fluor):\n"
        "    return fluor\neconomy.supply('flour', 1.0)\neconomy.demand('bread', price=1.0)\n"
    ),
    "circle.py": (
        "import pricegrad as pg\neconomy = pg.Economy()\n@economy.firm(makes='a')\ndef one(b):\n    return "
        "b\n"
        "@economy.firm(makes='b')\ndef two(a):\n    return a\n"
    ),
    "zero.py": CHAIN.replace('"natgas", 4.0', '"natgas", 0.0'),
    "nan.py": CHAIN.replace('"natgas", 4.0', '"natgas", float("nan")'),
    "text.py": CHAIN.replace("return log(polyethylene)", "return 'much'"),
    "pair.py": CHAIN.replace("return log(polyethylene)", "return polyethylene, polyethylene"),
    "nosource.py": CHAIN.replace(
        "economy.supply(",
        "economy.firm(eval('lambda steel: steel'), makes='x')\neconomy.supply('steel', 1.0)\neconomy.supply(",
    ),
    "jump.py": "import math\ndef f(x):\n    return math.ulp(x)\n",
    "word.py": "import pricegrad as pg\neconomy = pg.Economy()\n"
    "economy.firm(name='a', make='b', technology=pg.CES({'c': 1.0}, elasticity=0.5))\n",
    "kind.py": "import pricegrad as pg\npg.CobDouglas({'a': 1.0})\n",
    "table.csv": "a,b\n1,2\n",
}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("price", "syntax.py"), ["not valid Python", "syntax.py, line 2"]),
        (("price", "raises.py"), ["ZeroDivisionError", "raises.py, line 2", "return 1 / 0"]),
        (("price", "exits.py"), ["SystemExit: 3", "exits.py, line 2"]),
        (("price", "imports.py"), ["ModuleNotFoundError", "imports.py, line 1"]),
        (("price", "empty.py"), ["defines no economy", "economy = pricegrad.Economy()"]),
        (("price", "two.py"), ["several economies, one and two", "two.py:one"]),
        (("price", "two.py:three"), ["no economy 'three'"]),
        (("price", "twice.py"), ["two firms named 'mill'", "twice.py, line"]),
        (("price", "nobody.py"), ["'fluor'", 'Did you mean "flour"?']),
        (("price", "circle.py"), ["in a circle", "one -> a -> two"]),
        (("price", "zero.py"), ["company_", "zero.py:"]),
        (("price", "nan.py"), ["'natgas'", "nan"]),
        (("price", "text.py"), ["company_c"]),
        (("price", "pair.py"), ["company_c", "2"]),
        (("price", "nosource.py"), ["source"]),
        (("price", "word.py"), ["knows no make='b'", 'Did you mean "makes"?', "word.py, line 3"]),
        (("price", "kind.py"), ['Did you mean "CobbDouglas"?', "kind.py, line 2"]),
        (("price", "missing.py"), ["no file missing.py"]),
        (("price", "chains.py"), ['Did you mean "chain.py"?']),
        (("price", "."), ["no model"]),
        (("price", "flows.csv"), ["no model"]),
        (("price", "chain.py", "--quantity", "natgas"), ["GOOD=AMOUNT"]),
        (("price", "chain.py", "--quantity", "natgas=much"), ["GOOD=AMOUNT"]),
        (("price", "chain.py", "--quantity", "gas=1"), ['Did you mean "natgas"?']),
        (("explain", "chain.py", "natgs"), ['Did you mean "natgas"?']),
        (("backprop", "chain.py"), ["FILE.py:FUNCTION"]),
        (("backprop", "chain.py:g"), ["no function 'g'"]),
        (("backprop", "chain.py:economy"), ["not a function"]),
        (("backprop", "missing.py:f"), ["no file missing.py"]),
        (("backprop", "chain.py:f", "--wrt", "y"), ["y"]),
        (("backprop", "jump.py:f"), ["jump.py, line 3", "math.ulp"]),
        (("shock", "us71", "--sector", "Farms", "--top", "0"), ["--top"]),
        (("backprop", "chain.py:f", "-o", "no/such/folder.py"), ["cannot be written"]),
        (("shock", "us71"), ["--sector NAME"]),
        (("shock", "us7", "--sector", "Farms"), ["no file us7", "us71"]),
        (("shock", "us71", "--sector", "oil"), ['Did you mean "Oil and gas extraction"?']),
        (("shock", "us71", "--sector", "Farms", "--percent", "-100"), ["leaves nothing"]),
        (("shock", "us71", "--sector", "Farms", "--technology", "ces"), ["elasticity"]),
        (("shock", "us71", "--sector", "Farms", "--plot", "x.gif"), [".png, .svg, .pdf"]),
        (("shock", "us71", "--sector", "Farms", "--plot", "no/such.png"), ["cannot be written"]),
        (("shock", "table.csv", "--sector", "Farms"), ["table"]),
        (("shock", "--make", "flows.csv", "--sector", "Farms"), ["give two tables"]),
        (("prise", "chain.py"), ['Did you mean "price"?']),
        (("price",), ["model"]),
        (("price", "chain.py", "--jsn"), ["--jsn"]),
        (("shock", "us71", "--percent", "much"), ["float"]),
    ],
)
def test_a_mistake_gets_one_message_that_names_it_and_exit_code_2(run, arguments, words):
    for name, text in BAD_FILES.items():
        Path(name).write_text(text)
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    told = " ".join(err.replace("│", " ").split()).casefold()
    assert [word for word in words if word.casefold() not in told] == []


def test_an_economy_without_prices_is_not_solved_exit_code_1(run):
    Path("greedy.csv").write_text(",a,b\na,1,2\nb,2,3\nlabour,1,1\n")
    Path("loop.py").write_text(
        "import pricegrad as pg\neconomy = pg.Economy()\neconomy.supply('labour', price=1.0)\n"
        "economy.firm(name='self', makes='a', technology=pg.Leontief({'a': 1.2, 'labour': 1.0}))\n"
    )
    code, out, err = run("price", "loop.py")
    assert (code, out) == (1, "")
    assert "Hawkins-Simon" in err


def test_the_command_as_a_process_of_its_own(tmp_path):
    (tmp_path / "chain.py").write_text(CHAIN)
    done = subprocess.run(
        [sys.executable, "-m", "pricegrad.cli", "price", "chain.py", "--json"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["prices"]["ethylene"] == pytest.approx(1 / 6)
    done = subprocess.run(
        [sys.executable, "-m", "pricegrad.cli", "price", "chan.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "Did you mean" in done.stderr


@pytest.mark.parametrize("what", ["import pricegrad", "from pricegrad import cli; cli.main(['--help'])"])
def test_importing_pricegrad_and_asking_for_help_is_light(what):
    heavy = ("numpy", "pandas", "scipy", "matplotlib", "numba", "markdown_it")
    code = f"import sys; {what}; print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_doors_of_backprop_open_on_first_use():
    import pricegrad as pg

    assert {"grad", "value_and_grad", "vjp", "Economy"} <= set(dir(pg))
    assert pg.grad is pg.grad
    with pytest.raises(AttributeError, match="'gard'"):
        pg.gard


def test_help_names_every_command_and_every_example_in_it_runs(run):
    code, out, _ = run("--help")
    assert code == 0
    commands = re.findall(r"^│ ([a-z]+) ", out, re.MULTILINE)
    assert commands[0] == "new"  # in the order in which one comes to need them
    assert set(commands) == set("new price solve explain shock market report backprop".split())
    for name in ("good_year.py", "drought.py"):
        run("new", name)
    with open("chain.py", "a") as chain:
        chain.write("\ndef f(x):\n    return log(x)\n")
    for command in commands:
        _, helped, _ = run(command, "--help")
        examples = re.findall(rf"^pricegrad ({command} .*)$", helped, re.MULTILINE)
        assert examples, command
        for example in examples:
            code, out, err = run(*shlex.split(example))
            assert code <= ("inventory" in example), (example, err)  # an inventory market settles slowly
            assert out or "-o" in example, example


def test_a_market_starts_from_the_prices_given(run):
    run("new", "scarf.py", "--from", "never_settles")
    code, out, _ = run(
        "market", "scarf.py", "--rule", "tatonnement", "--start", "bread=1.3", "--rounds", "50"
    )
    assert code == 1
    assert "not settled" in out
    assert run("market", "scarf.py", "--start", "braed=1.3")[::2] == (
        2,
        "pricegrad: start names 'braed', no good. Did you mean \"bread\"?\n",
    )


LOUD = """import pricegrad as pg
economy = pg.Economy()

@economy.firm(makes="x")
def f(a):
    print("inside", a)
    return a ** 0.5

economy.supply("a", 1.0)
economy.demand("x", price=1.0)
"""


@pytest.mark.parametrize("command", ["price", "solve", "market"])
def test_what_a_firm_prints_stands_beside_the_json(run, command):
    Path("loud.py").write_text(LOUD)
    code, out, err = run(command, "loud.py", "--json")
    assert code == 0, err
    assert "prices" in json.loads(out)
    assert "inside" in err


def test_a_full_disk_is_one_message(run, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pricegrad.asked.show", full)
        stdout = sys.stdout
        code = cli.main(["solve", "chain.py"])
        sys.stdout = stdout
    assert code == 2


def test_a_name_too_long_for_a_file_is_one_message(run):
    code, _, err = run("solve", "x" * 5000 + ".py")
    assert code == 2
    assert err.startswith("pricegrad: no file can be named so")


PLANT = """import numpy as np
from math import sqrt

def mix(shares, prices):
    shares /= shares.sum()
    return shares @ prices

def yard(x):
    return sqrt(x - 4)
"""


def test_backprop_takes_arguments_that_say_what_is_given(run):
    Path("plant.py").write_text(PLANT)
    code, out, err = run(
        "backprop",
        "plant.py:mix",
        "--at",
        "shares=np.array([1.0, 3.0])",
        "--at",
        "prices=np.array([2.0, 4.0])",
    )
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == ["# d/dshares = [-0.375  0.125]", "# d/dprices = [0.25 0.75]"]
    exec(compile(out, "emitted", "exec"), {})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "Or say what is given: --at shares=... --at prices=..."),
        (["--at", "shares"], "--at 'shares': write NAME=VALUE, as in x=4"),
        (["--at", "shares=1.0"], "missing a required argument: 'prices'; --at can give shares, prices"),
        (["--at", "shares=ones(3)"], "'ones(3)' is no value here (name 'ones' is not defined)"),
        (["--at", "share=1.0"], "unexpected keyword argument 'share'; --at can give shares, prices"),
        (["--at", "shares=np.ones(3)", "--at", "prices=np.ones(2)"], "plant.py, line 6"),
    ],
)
def test_backprop_says_what_is_wrong_with_the_arguments(run, wrong, said):
    Path("plant.py").write_text(PLANT)
    code, out, err = run("backprop", "plant.py:mix", *wrong)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_backprop_places_what_a_function_does_wrong_at_its_arguments(run):
    Path("plant.py").write_text(PLANT)
    code, _, err = run("backprop", "plant.py:yard", "--at", "x=1.0")
    assert code == 2
    assert "plant.py, line 9\n    return sqrt(x - 4)" in err
