"""The published models beside the checkout: each scenario's economy, and what is expected of it."""

import copy
import json

from tests.shared import shared

FILES = {
    "hansen_1973_activity_analysis": 1,
    "hosoe_splcge": 2,
    "hosoe_stdcge_tariff_abolition": 2,
    "markusen_m31_taxes": 4,
    "markusen_m32_income_taxes": 5,
    "markusen_m33_equal_yield": 5,
    "markusen_m34_public_good": 3,
    "markusen_m35_samuelson_rule": 2,
    "markusen_m37_steady_state_capital": 3,
    "markusen_m41_small_open_economy": 4,
    "markusen_m42_tariff": 2,
    "markusen_m44_quota": 2,
    "markusen_m47_armington": 3,
    "markusen_m49_heckscher_ohlin_2x2x2": 3,
    "markusen_m51_monopoly": 2,
    "mathiesen_1987": 1,
    "mpsgejl_joint_production_cet": 10,
    "mpsgejl_reference_prices_in_demand": 9,
    "shoven_whalley_1984_2x2x2": 2,
    "windc_national_2017_71_sectors": 2,
    "zhang_2017_io_table_5x4": 3,
}
SCENARIOS = [(name, k) for name, count in FILES.items() for k in range(count)]


def scenario(name, k):
    """The economy of a scenario and what is expected of it."""
    data = json.loads(shared("economies", f"{name}.json").read_text())
    one = data["scenarios"][k]
    if "economy" in one:
        return one["economy"], one
    economy = copy.deepcopy(data["economy_benchmark"])
    if str(one["counterfactual_taxes_zero"]) == "True":
        for block in economy["sectors"]:
            for flow in [*block["inputs"], *block["outputs"]] if block["name"].startswith("A_") else []:
                flow.pop("taxes", None)
    for household in economy["households"]:
        for nest in household["nests"]:
            if nest["name"] == "S":
                nest["elas"] = float(one["demand_elasticity"])
    return economy, one
