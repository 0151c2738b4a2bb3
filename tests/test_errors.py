"""The messages of errors."""

from pricegrad import errors


def test_a_source_error_points_at_the_column_under_the_line():
    error = errors.SourceError(
        "`global` is not differentiated",
        file="plant.py",
        line=3,
        column=4,
        text="    global x\n",
        hint="pass x as a parameter",
    )
    assert str(error).splitlines() == [
        "`global` is not differentiated",
        "  plant.py, line 3",
        "    global x",
        "    ^",
        "  pass x as a parameter",
    ]


def test_did_you_mean_names_the_nearest_or_lists_what_is_known():
    assert errors.did_you_mean("stel", ["steel", "ore"]) == ' Did you mean "steel"?'
    assert errors.did_you_mean("zzz", ["steel", "ore"]) == " Known: steel, ore."
    assert errors.did_you_mean("zzz", []) == ""
