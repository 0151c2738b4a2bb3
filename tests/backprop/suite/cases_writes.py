"""Arrays that are read and written by index: gathers, slices, masks, views, work arrays."""

import numpy as np

from .registry import case

V5 = np.array([0.7, 1.3, -0.4, 2.1, 0.9])
M = np.arange(12.0).reshape(3, 4) / 5 - 1
MATERIAL = "a write through a view"


def repeated_gather(x):
    i = np.array([0, 0, 2, 2, 2, 4])
    return np.sum(x[i] ** 2 * np.arange(1.0, 7.0))


def repeated_gather_list(x):
    return np.sum(x[[1, 1, 3]] * x[[0, 1, 1]])


def gather_rows_and_pairs(a):
    rows = np.array([0, 2, 0])
    cols = np.array([1, 3, 1])
    return np.sum(a[rows] ** 2) + np.sum(a[rows, cols] ** 3) + np.sum(a[:, cols] * 2)


def negative_and_computed_indices(x):
    n = len(x)
    s = 0.0
    for i in range(n):
        s += x[i - 1] * x[(i * 2) % n] + x[-1 - i]
    return s


def slices_of_slices(x):
    y = x[1:]
    z = y[::2]
    return np.sum(y[:-1] * y[1:]) + z[0] * z[-1]


def ellipsis_and_newaxis(a):
    return np.sum(a[..., 1] * a[..., -1]) + np.sum(a[None, ..., 0] ** 2) + np.sum(a[1, ...])


def mask_read(x):
    return np.sum(x[x > 0.8] ** 2) + np.sum(x[~(x > 0.8)] * 3)


def mask_counts(x):
    m = (x > 0) & (x < 2)
    return np.sum(x * m) / np.sum(m) + np.mean(x[m])


def take_and_argmax(x):
    return x[np.argmax(x)] * x[np.argmin(x)] + np.sum(np.take(x, [0, 0, 1]))


def sorted_values(x):
    return np.sum(np.sort(x) * np.arange(5)) + np.sum(x[np.argsort(x)][:2])


case(repeated_gather, (V5,))
case(repeated_gather_list, (V5,))
case(gather_rows_and_pairs, (M,))
case(negative_and_computed_indices, (V5,))
case(slices_of_slices, (V5,))
case(ellipsis_and_newaxis, (M,))
case(mask_read, (V5,))
case(mask_counts, (V5,))
case(take_and_argmax, (V5,))
case(sorted_values, (V5,))


def fills_a_work_array(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i] * x[i - 1]
    return np.sum(y**2)


def recurrence_in_array(x):
    y = np.zeros(6)
    y[0] = x
    for i in range(5):
        y[i + 1] = y[i] * y[i] * 0.5 + x
    return y[-1] * y[2]


def overwrites_entries(x):
    y = x * 2
    y[0] = y[1] * y[2]
    y[1] = y[0] * y[0]
    y[0] = 3.0
    return np.sum(y * y)


def read_modify_write(x):
    y = x.copy()
    for i in range(4):
        y[i] = y[i] + y[i + 1] * y[i]
        y[i] = y[i] * 1.1
    return np.sum(y)


def augmented_entries(x):
    y = np.ones(5)
    for i in range(5):
        y[i] += x[i]
        y[i] *= x[i - 1]
        y[i] -= y[i - 1]
        y[i] /= 2.0 + i
    return np.sum(y**2)


def same_entry_many_times(x):
    y = np.zeros(2)
    for i in range(5):
        y[0] += x[i] ** 2
        y[1] = y[0] * x[i]
    return y[0] * y[1]


def slice_writes(x):
    y = np.zeros(7)
    y[1:6] = x * x
    y[2:4] = y[0:2] * 2 + x[:2]
    y[::3] = 1.5
    y[-1] = y[1] * y[2]
    return np.sum(y * np.arange(7))


def slice_write_of_scalar(x):
    y = np.ones(5)
    y[1:4] = x[0] * x[1]
    y[:] = y * x[2]
    return np.sum(y**2)


def slice_augmented(x):
    y = x + 1
    y[1:] += y[:-1] * 2
    y[:2] *= x[3:]
    y -= y[0] * x
    y *= y
    return np.sum(y)


def augmented_whole_array(x):
    y = x * 2
    y += x
    y *= x
    y /= x + 3
    y -= 0.5
    y **= 2
    return np.sum(y)


def overlapping_shift(x):
    y = x * 1.0
    y[1:] = y[:-1]
    y[:-1] = y[1:] * y[:-1]
    return np.sum(y * np.arange(5))


def matrix_writes(a):
    b = np.zeros((3, 4))
    b[0] = a[1] * 2
    b[:, 1] = a[:, 2] * b[:, 0]
    b[1, 2] = a[0, 0] ** 2
    b[2, 1:3] += a[0, :2]
    return np.sum(b**2)


def diagonal_writes(d):
    s = np.zeros((5, 5))
    for i in range(5):
        s[i, 2] = 1.0
        if i == 2:
            s[i, i] += d[i]
        s[i, i] = s[i, i] + d[i] * d[0]
    return np.sum(s**2)


def mask_write(x):
    y = x * x
    y[x < 1] = 0.0
    y[x > 2] *= 3.0
    return np.sum(y * x)


def mask_write_of_array(x):
    y = x * 2
    m = x > 0.8
    y[m] = x[m] ** 3
    return np.sum(y)


def gather_write(x):
    y = np.zeros(5)
    y[np.array([3, 1])] = x[:2] * x[2]
    y[[0, 4]] += x[3:]
    return np.sum(y**2)


def mask_depends_on_what_it_overwrites(x):
    y = x * 1.0
    y[y > 1] *= 0.5
    y[y < 0.6] = 0.25
    y[np.argmax(y)] = y[0] * y[3]
    return np.sum(y * np.arange(5))


def write_with_repeated_indices(x):
    y = np.zeros(3)
    y[np.array([0, 0, 2])] = x[:3] * x[3]
    return np.sum(y**2)


def add_with_repeated_indices(x):
    y = np.zeros(3)
    y[np.array([0, 0, 2])] += x[:3] * x[3]
    return np.sum(y**2)


def parameter_becomes_a_number(x, s):
    x = np.sum(x)
    s = x * s
    x = s * s
    return x


def takes_along_an_axis(a):
    return np.sum(np.take(a, [0, 2, 0], axis=0) ** 2) + np.sum(np.take(a, [1, 1], axis=1))


case(mask_depends_on_what_it_overwrites, (V5,))
case(write_with_repeated_indices, (V5,), may_refuse="repeated indices")
case(add_with_repeated_indices, (V5,), may_refuse="repeated indices")
case(parameter_becomes_a_number, (V5, 1.3))
case(takes_along_an_axis, (M,))


def add_at_repeats(x):
    y = np.zeros(3)
    np.add.at(y, np.array([0, 0, 2, 1, 0]), x)
    return np.sum(y**2)


case(fills_a_work_array, (V5,))
case(recurrence_in_array, (0.6,))
case(overwrites_entries, (V5,))
case(read_modify_write, (V5,))
case(augmented_entries, (V5,))
case(same_entry_many_times, (V5,))
case(slice_writes, (V5,))
case(slice_write_of_scalar, (V5,))
case(slice_augmented, (V5,))
case(augmented_whole_array, (V5,))
case(overlapping_shift, (V5,))
case(matrix_writes, (M,))
case(diagonal_writes, (V5,))
case(mask_write, (V5,))
case(mask_write_of_array, (V5,))
case(gather_write, (V5,))
case(add_at_repeats, (V5,), may_refuse="ufunc.at")


def view_written_through(x):
    y = x * 2
    v = y[1:3]
    v[0] = v[1] * 5
    return np.sum(y**2)


def view_augmented(x):
    y = x * 2
    v = y[1:3]
    v *= 3.0
    return np.sum(y**2)


def view_of_reshape(x):
    y = x * 2
    v = y.reshape(1, 5)
    v[0, 2] = 1.0
    return np.sum(y**2)


def row_view_in_loop(a):
    b = a * 1.0
    for row in b:
        row[0] = row[1] * row[2]
    return np.sum(b**2)


def view_reads_later_write(x):
    y = x * 2
    v = y[:2]
    y[0] = x[4] ** 2
    return np.sum(v**2)


def alias_augmented(x):
    y = x * 2
    z = y
    z += x
    return np.sum(y * z)


def alias_written(x):
    y = x * 2
    z = y
    z[0] = x[1] * x[2]
    return y[0] * z[1]


def argument_written(x):
    x[0] = x[1] * x[2]
    return np.sum(x**2)


def argument_augmented(x):
    x *= 2
    return np.sum(x**2)


def transposed_view_written(a):
    b = a * 1.0
    b.T[0, 1] = b[0, 0] * b[2, 2]
    return np.sum(b**2)


def copy_is_no_view(x):
    y = x[1:4].copy()
    y[0] = y[1] * y[2]
    z = np.array(x)
    z[2] = y[0]
    return np.sum(y) + np.sum(z * x)


def list_of_array_rows(a):
    rows = [a[0] * 1.0, a[1] * 2.0]
    rows[0] = rows[0] * rows[1]
    rows.append(rows[0] + a[2])
    return np.sum(rows[2] * rows[0])


def tuple_swap_of_arrays(x, y):
    x, y = y, x * y
    x, y = x + y, x
    return np.sum(x**2 * y)


def swap_of_entries(x):
    y = x * x
    y[0], y[3] = y[3], y[0]
    return np.sum(y * np.arange(5))


def out_argument(x):
    y = np.empty(5)
    np.multiply(x, x, out=y)
    return np.sum(y)


def write_then_branch(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] * x[i + 1]
        if y[i] > 0.5:
            y[i] = y[i] ** 2
        else:
            y[0] += x[i]
    return np.prod(y + 2)


def gauss_elimination(a, b):
    a = a.copy()
    b = b.copy()
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k:] = a[i, k:] - f * a[k, k:]
            b[i] = b[i] - f * b[k]
    x = np.zeros(n)
    for k in range(n - 1, -1, -1):
        s = b[k]
        for j in range(k + 1, n):
            s = s - a[k, j] * x[j]
        x[k] = s / a[k, k]
    return np.sum(x**2)


def stencil_sweeps(u):
    for _ in range(3):
        new = u.copy()
        for i in range(1, len(u) - 1):
            new[i] = 0.5 * u[i] + 0.25 * (u[i - 1] * u[i + 1])
        u = new
    return np.sum(u**2)


def gauss_seidel_in_place(u):
    v = u * 1.0
    for _ in range(3):
        for i in range(1, 4):
            v[i] = 0.3 * v[i - 1] * v[i] + 0.3 * v[i + 1]
    return np.sum(v**2)


case(view_written_through, (V5,), may_refuse=MATERIAL)
case(view_augmented, (V5,), may_refuse=MATERIAL)
case(view_of_reshape, (V5,), may_refuse=MATERIAL)
case(row_view_in_loop, (M,), may_refuse=MATERIAL)
case(view_reads_later_write, (V5,), may_refuse=MATERIAL)
case(alias_augmented, (V5,), may_refuse=MATERIAL)
case(alias_written, (V5,), may_refuse=MATERIAL)
case(
    argument_written,
    (V5,),
    may_refuse="an argument changed in place",
    ref=lambda x: x[1] ** 2 * x[2] ** 2 + np.sum(x[1:] ** 2),
)
case(argument_augmented, (V5,), may_refuse="an argument changed in place", ref=lambda x: 4 * np.sum(x**2))
case(transposed_view_written, (M,), may_refuse=MATERIAL)
case(copy_is_no_view, (V5,))
case(list_of_array_rows, (M,))
case(tuple_swap_of_arrays, (V5, V5[::-1].copy()))
case(swap_of_entries, (V5,))
case(out_argument, (V5,), may_refuse="out=")
case(write_then_branch, (V5,))
case(
    gauss_elimination,
    (np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.2, 0.7, 5.0]]), np.array([1.0, 2.0, -1.0])),
)
case(stencil_sweeps, (V5,))
case(gauss_seidel_in_place, (V5,))


def integer_array_argument(x):
    return np.sum(x**2) / 2


def integer_array_loop(a):
    largest = a[0]
    for i in range(1, len(a)):
        if a[i] > largest:
            largest = a[i]
    result = 0.0
    for i in range(len(a)):
        result += np.exp(a[i] - largest)
    return np.log(result) + largest


case(
    integer_array_argument,
    (np.array([1, 2, 3]),),
    wrt="x",
    may_refuse="an array of whole numbers",
    ref=lambda x: np.sum(x * x) / 2,
)
case(integer_array_loop, (np.array([1, 2, 3, 4]),), wrt="a", may_refuse="an array of whole numbers")
case(integer_array_loop, (np.array([1.0, 2.0, 3.0, 4.0]),), name="float_array_loop")
