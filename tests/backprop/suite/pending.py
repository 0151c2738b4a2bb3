"""What waits for the differentiator, by the test it would fail; every name here is a promise to keep."""

# cases not yet right
PENDING: tuple[str, ...] = ()
# cases whose emitted code is not yet differentiated again
AGAIN: tuple[str, ...] = (
    "append_and_pop",
    "calls_recursion_with_a_dead_tape",
    "dict_literal_and_items",
    "dict_value",
    "dict_views",
    "distillation_column",
    "len_and_reversed_are_locals",
    "list_in_place_sort_free",
    "loop_over_pairs",
    "inner_search_many_times",
    "found_or_else",
    "popped_while_read",
    "prices_of_parts",
    "recursion_of_active_and_constant",
    "varargs_sum",
)
# cases whose emitted code is not yet compiled
COMPILED: tuple[str, ...] = ()
# cases whose emitted code is longer than three times the source and six lines
LONG: tuple[str, ...] = ("walrus_inside_expression",)
# refusals that do not yet say where, or what to do
REFUSALS: tuple[str, ...] = (
    "complex_value",
    "random_value",
    "reads_standard_input",
    "waits",
)
