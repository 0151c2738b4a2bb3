"""What waits for the differentiator, by the test it would fail; every name here is a promise to keep."""

# cases not yet right
PENDING: tuple[str, ...] = ("parameter_becomes_a_number", "calls_recursion_with_a_dead_tape")
# cases whose emitted code is not yet differentiated again
AGAIN: tuple[str, ...] = (
    "insert_and_extend",
    "list_in_place_sort_free",
    "len_and_reversed_are_locals",
    "varargs_sum",
    "recursion_to_convergence",
    "inner_recursion",
    "loop_over_pairs",
    "list_multiplication_table",
    "nested_unpacking",
    "dict_literal_and_items",
    "distillation_column",
)
# cases whose emitted code is not yet compiled
COMPILED: tuple[str, ...] = ("binary_tree",)
# cases whose emitted code is longer than three times the source and six lines
LONG: tuple[str, ...] = (
    "nested_unpacking",
    "starred_unpacking",
    "list_overwritten_entry",
    "list_augmented_entry",
    "dict_literal_and_items",
    "speelpenning_inline",
    "argmax_by_continue",
    "early_return_in_loop",
    "early_return_in_nested_loop",
    "return_from_while",
    "conditional_expression",
    "boolean_logic",
    "plastic_return_map",
    "long_while_two_exits",
)
# refusals that do not yet say where, or what to do
REFUSALS: tuple[str, ...] = ("waits", "random_value", "complex_value", "reads_standard_input")
