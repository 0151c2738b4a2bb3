"""Whole small programs, such as people have: integrators, recursions over parts, lattices, solvers."""

import math

import numpy as np

from .registry import case


def taylor_sine(x):
    total, sign = 0.0, -1.0
    for i in range(1, 20):
        if i % 2 == 1:
            term = x**i / math.factorial(i)
            if abs(term) < 1e-8:
                return total
            sign = -sign
            total += sign * term
    return total


def exponential_series(x):
    term = total = 1.0
    n = 0
    while abs(term) > 1e-18 and n < 60:
        n += 1
        term = term * x / n
        total = total + term
    return total


def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-13:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def kepler(mean_anomaly, eccentricity):
    e = mean_anomaly
    for _ in range(12):
        e = e - (e - eccentricity * math.sin(e) - mean_anomaly) / (1 - eccentricity * math.cos(e))
    return math.cos(e)


def simpson(f, a, b, n):
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * f(a + i * h)
    return total * h / 3


def integral(k, upper):
    return simpson(lambda t: math.exp(-k * t * t), 0.0, upper, 8)


def runge_kutta(angle, speed, length):
    def rates(a, v):
        return v, -9.81 / length * math.sin(a)

    h = 0.05
    for _ in range(10):
        a1, v1 = rates(angle, speed)
        a2, v2 = rates(angle + h / 2 * a1, speed + h / 2 * v1)
        a3, v3 = rates(angle + h / 2 * a2, speed + h / 2 * v2)
        a4, v4 = rates(angle + h * a3, speed + h * v3)
        angle = angle + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        speed = speed + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4)
    return angle


def binomial_option(spot, strike, volatility):
    steps = 6
    up = math.exp(volatility * math.sqrt(1 / steps))
    down = 1 / up
    p = (1.01 - down) / (up - down)
    values = [max(spot * up**j * down ** (steps - j) - strike, 0.0) for j in range(steps + 1)]
    for step in range(steps, 0, -1):
        for j in range(step):
            values[j] = (p * values[j + 1] + (1 - p) * values[j]) / 1.01
    return values[0]


def tridiagonal(lower, diag, upper, rhs):
    n = len(diag)
    c, d = [0.0] * n, [0.0] * n
    c[0], d[0] = upper[0] / diag[0], rhs[0] / diag[0]
    for i in range(1, n):
        m = diag[i] - lower[i - 1] * c[i - 1]
        c[i] = upper[i] / m if i < n - 1 else 0.0
        d[i] = (rhs[i] - lower[i - 1] * d[i - 1]) / m
    x = d[:]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return sum(v * v for v in x)


def matrix_product_of_lists(a, b):
    n = len(a)
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                c[i][j] += a[i][k] * b[k][j]
    return sum(c[i][i] ** 2 for i in range(n)) + c[0][n - 1]


def shortest_path(weights):
    n = len(weights)
    best = [1e9] * n
    best[0] = 0.0
    for _ in range(n - 1):
        for i in range(n):
            for j in range(n):
                if i != j and best[i] + weights[i][j] < best[j]:
                    best[j] = best[i] + weights[i][j]
    return best[-1] ** 2


def soft_viterbi(scores, stay):
    alpha = [scores[0][0], scores[0][1]]
    for row in scores[1:]:
        new = []
        for j in range(2):
            terms = [alpha[i] + (stay if i == j else -stay) + row[j] for i in range(2)]
            top = max(terms)
            new.append(top + math.log(sum(math.exp(t - top) for t in terms)))
        alpha = new
    return alpha[0] - alpha[1] * 0.5


def tiny_network(weights, x):
    values = [x, x * x, 1.0]
    for layer in weights:
        nexts = []
        for row in layer:
            total = 0.0
            for w, v in zip(row, values):
                total += w * v
            nexts.append(math.tanh(total))
        values = nexts
    return sum(values)


def kalman(observations, noise):
    mean, spread = 0.0, 1.0
    loss = 0.0
    for z in observations:
        spread += 0.1
        gain = spread / (spread + noise)
        error = z - mean
        loss += error**2 / (spread + noise) + math.log(spread + noise)
        mean += gain * error
        spread *= 1 - gain
    return loss + mean


def distillation_column(reflux, feed):
    trays = [0.1 * i for i in range(8)]
    for sweep in range(30):
        worst = 0.0
        for i in range(1, 7):
            vapour = 2.4 * trays[i - 1] / (1 + 1.4 * trays[i - 1])
            new = (reflux * trays[i + 1] + vapour + (feed if i == 3 else 0.0)) / (reflux + 1.2)
            worst = max(worst, abs(new - trays[i]))
            trays[i] = new
        if worst < 0.02:
            break
    return trays[6] * (1 - trays[1])


def plant_to_convergence(feed, recycle):
    flow, rounds = feed, 0
    while True:
        made = flow**0.8
        fresh = feed + recycle * (flow - made)
        rounds += 1
        if abs(fresh - flow) < 1e-3 or rounds > 100:
            break
        flow = 0.5 * flow + 0.5 * fresh
    return made / rounds


def parts_explosion(tree, price):
    if not tree["parts"]:
        return price * tree["amount"]
    total = tree["amount"] ** 0.5
    for part in tree["parts"]:
        total += part["share"] * parts_explosion(part, price * 1.1)
    return total


TREE = {
    "amount": 2.0,
    "parts": [
        {"amount": 1.5, "share": 0.3, "parts": []},
        {"amount": 0.5, "share": 0.7, "parts": [{"amount": 3.0, "share": 1.2, "parts": []}]},
    ],
}


def prices_of_parts(price):
    return parts_explosion(TREE, price) * price


def memoised(x, n):
    memo = {}

    def go(k):
        if k < 2:
            return x + k
        if k not in memo:
            memo[k] = go(k - 1) * 0.5 + go(k - 2) * x
        return memo[k]

    return go(n)


def memo_in_an_argument(x, n, memo=None):
    if memo is None:
        memo = {}
    if n in memo:
        return memo[n]
    value = x if n < 2 else memo_in_an_argument(x, n - 1, memo) * memo_in_an_argument(x, n - 2, memo) * 0.9
    memo[n] = value
    return value


case(taylor_sine, (1.0,), (0.01,))
case(exponential_series, (1.3,), (-0.7,))
case(arithmetic_geometric_mean, (1.3, 0.4), rtol=1e-9)
case(kepler, (0.9, 0.3))
case(integral, (1.3, 0.4))
case(simpson, (math.exp, 0.2, 1.1, 6), wrt=("a", "b"))
case(runge_kutta, (1.3, 0.4, 2.0))
case(binomial_option, (1.0, 1.01, 0.2))
case(tridiagonal, ([0.5, 0.3], [3.0, 4.0, 5.0], [1.0, -1.0, 0.0], [1.0, 2.0, 3.0]))
case(matrix_product_of_lists, ([[1.0, 2.0], [0.5, -1.0]], [[0.3, 1.0], [2.0, 0.7]]))
case(shortest_path, ([[0.0, 1.0, 4.0], [1.0, 0.0, 1.5], [4.0, 1.5, 0.0]],))
case(soft_viterbi, ([[0.1, 0.5], [1.0, -0.3], [0.2, 0.4]], 0.7))
case(tiny_network, ([[[0.1, 0.5, -0.2], [1.0, 0.3, 0.4]], [[0.7, -0.9]]], 0.8))
case(kalman, ([0.3, -0.1, 0.8], 0.5))
case(distillation_column, (0.8, 0.15))
case(plant_to_convergence, (2.0, 0.6))
case(prices_of_parts, (1.3,))
case(memoised, (1.3, 6), wrt="x", may_refuse="an inner function that changes an outer dict")
case(memo_in_an_argument, (1.3, 5), wrt="x", may_refuse="a helper that changes its argument")


def conditional_logit(beta, x, chosen):
    u = x @ beta
    p = np.exp(u - u.max()) / np.sum(np.exp(u - u.max()))
    return np.log(p[chosen])


def input_output_prices(a, value_added):
    prices = np.ones(3)
    for _ in range(60):
        new = a.T @ prices + value_added
        if np.max(np.abs(new - prices)) < 1e-14:
            break
        prices = new
    return prices[0] * prices[2]


def ces_unit_cost(shares, prices, elasticity):
    return np.sum(shares * prices ** (1 - elasticity)) ** (1 / (1 - elasticity))


def gauss_newton_fit(t, y, rate):
    for _ in range(3):
        model = np.exp(-rate * t)
        jacobian = -t * model
        rate = rate - np.sum(jacobian * (model - y)) / np.sum(jacobian**2)
    return rate


def heat_equation(u, conductivity):
    u = u.copy()
    for _ in range(5):
        u[1:-1] += conductivity * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def n_body_energy(positions, masses):
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i):
            d = positions[i] - positions[j]
            energy -= masses[i] * masses[j] / np.sqrt(np.sum(d * d) + 0.01)
    return energy


def attention(q, k, v):
    s = q @ k.T / np.sqrt(4.0)
    w = np.exp(s - np.max(s, axis=-1, keepdims=True))
    w /= w.sum(axis=-1, keepdims=True)
    return np.sum((w @ v) ** 2)


def layer_norm(x, gain):
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.sum(gain * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * x)


def convolution(signal, kernel):
    n, m = len(signal), len(kernel)
    out = np.zeros(n - m + 1)
    for i in range(n - m + 1):
        out[i] = np.sum(signal[i : i + m] * kernel)
    return np.sum(np.maximum(out, 0.0) ** 2)


def segment_sums(x, labels):
    totals = np.zeros(3)
    for i in range(len(x)):
        totals[labels[i]] += x[i] ** 2
    return np.sum(totals**1.5)


def distances(points):
    gaps = points[:, None, :] - points[None, :, :]
    return np.sum(np.exp(-np.sum(gaps**2, axis=-1)))


def polynomial_features(x, w):
    features = np.stack([x**k for k in range(4)], axis=1)
    return np.sum((features @ w) ** 2)


BUFFER = np.zeros(3)


def writes_a_global_buffer(x):
    BUFFER[0] = x * x
    BUFFER[1] = BUFFER[0] * x
    return BUFFER[0] + BUFFER[1]


rng = np.random.default_rng(11)
P = rng.normal(size=(4, 2))
SHARES = np.array([[0.1, 0.2, 0.0], [0.3, 0.1, 0.4], [0.05, 0.2, 0.1]])

case(conditional_logit, (np.array([0.5, -1.0]), P, 2), wrt=("beta", "x"))
case(input_output_prices, (SHARES, np.array([0.4, 0.5, 0.3])), rtol=1e-9)
case(ces_unit_cost, (np.array([0.3, 0.7]), np.array([1.2, 0.8]), 0.5))
case(gauss_newton_fit, (np.array([0.5, 1.0, 2.0]), np.array([0.6, 0.4, 0.1]), 0.8))
case(heat_equation, (np.array([0.0, 1.0, 3.0, -1.0, 0.5]), 0.2))
case(n_body_energy, (P, np.array([1.0, 2.0, 0.5, 0.7])))
case(attention, (rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))))
case(layer_norm, (rng.normal(size=(3, 4)), rng.normal(size=4)))
case(convolution, (rng.normal(size=7), np.array([0.5, 1.0, -0.3])))
case(segment_sums, (np.array([0.5, 1.0, 2.0, 0.3]), np.array([0, 2, 0, 1])), wrt="x")
case(distances, (P,))
case(polynomial_features, (np.array([0.5, 1.0, 2.0]), np.array([0.1, -0.4, 0.3, 0.2])))
case(
    writes_a_global_buffer,
    (1.3,),
    may_refuse="an array outside the function is written",
    ref=lambda x: x**2 + x**3,
)
