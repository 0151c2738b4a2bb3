"""Functions with hazards, and an oracle that judges derivatives without sharing code with what it judges."""

from . import (
    cases_arrays,
    cases_calls,
    cases_containers,
    cases_data,
    cases_exits,
    cases_flow,
    cases_handed,
    cases_idioms,
    cases_masks,
    cases_numbers,
    cases_objects,
    cases_order,
    cases_programs,
    cases_sharing,
    cases_tables,
    cases_trees,
    cases_writes,
)
from .registry import CASES

__all__ = [
    "CASES",
    "cases_arrays",
    "cases_calls",
    "cases_containers",
    "cases_data",
    "cases_exits",
    "cases_masks",
    "cases_flow",
    "cases_handed",
    "cases_idioms",
    "cases_numbers",
    "cases_objects",
    "cases_order",
    "cases_programs",
    "cases_sharing",
    "cases_tables",
    "cases_trees",
    "cases_writes",
]
