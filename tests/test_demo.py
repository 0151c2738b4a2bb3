"""The demo runs, ends in numbers and a picture."""

import re
from pathlib import Path

from pricegrad import demo


def test_the_demo_prices_the_chain_and_the_united_states(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    demo.main()
    out = capsys.readouterr().out
    for words in (
        "df_da = df_db / (a + 1) ** 2              # b = 1 - 1/(a + 1)",
        "Company B: P_ethylene = P_polyethylene * dpolyethylene_dethylene = 1.5 * 0.1111 = 0.1667",
        "Petroleum and coal products",
        "its own costs",
    ):
        assert words in out
    gradient, price = (
        float(re.search(rf"^  {name} += (\S+)$", out, re.M)[1])
        for name in (r"pg\.grad\(f\)\(4\.0\)", "P_natgas")
    )
    assert abs(gradient - 1 / 24) < 1e-15
    assert abs(price - 1 / 24) < 1e-15
    assert Path("out/oil-shock.png").read_bytes().startswith(b"\x89PNG")
    assert str(Path("out/oil-shock.png").resolve()) in out
    assert str(Path("out/oil-shock.html").resolve()) in out
    assert "Oil and gas extraction" in Path("out/oil-shock.html").read_text("utf-8")
