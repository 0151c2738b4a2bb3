"""What waits for the differentiator, by the test it would fail; every name here is a promise to keep."""

# cases not yet right
PENDING: tuple[str, ...] = ()
# cases whose emitted code is not yet differentiated again
AGAIN: tuple[str, ...] = (
    "dict_views",
    "entry_by_its_value",
    "loop_over_pairs",
    "popped_while_read",
    "seen_by_a_walk",
    "seen_once",
    "shortest_path_by_a_heap",
    "sorted_items",
    "swap_in_a_dict",
    "values_over_a_graph",
)
# cases whose emitted code is not yet compiled
COMPILED: tuple[str, ...] = ()
# cases whose emitted code is longer than three times the source and six lines
LONG: tuple[str, ...] = ("walrus_inside_expression",)
# refusals that do not yet say where, or what to do
REFUSALS: tuple[str, ...] = ()
