"""Recursion over objects that hold objects of their own class: bills of materials, trees, linked lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .registry import case


@dataclass
class Part:
    cost: float
    parts: list


class Node:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right


class Link:
    def __init__(self, value, rest):
        self.value, self.rest = value, rest


class Member:
    def __init__(self, value, members):
        self.value, self.members, self.owner = value, members, None
        for m in members:
            m.owner = self


class Site(NamedTuple):
    rent: float
    sites: list


CAR = Part(1.0, [(4, Part(2.0, [])), (1, Part(3.0, [(2, Part(0.5, []))]))])
TREE = Node(1.0, Node(2.0), Node(3.0, None, Node(0.5)))
CHAIN = Link(1.0, Link(2.0, Link(3.0, None)))
GROUP = Member(1.0, [Member(2.0, []), Member(3.0, [Member(4.0, [])])])
SITES = Site(1.0, [Site(2.0, []), Site(3.0, [Site(4.0, [])])])
BILL = {
    "car": [("wheel", 4), ("body", 1)],
    "body": [("steel", 30.0)],
    "wheel": [("steel", 2.0), ("rubber", 3.0)],
}


def parts_of_parts(x):
    def worth(part):
        t = part.cost * x
        for n, p in part.parts:
            t += n * worth(p) * x
        return t

    return worth(CAR)


def parts_given(part, x):
    return part.cost * x + sum(n * parts_given(p, x * x) for n, p in part.parts)


def tree_of_two(x):
    def total(n):
        if n is None:
            return 0.0
        return n.value * x + total(n.left) * x - total(n.right)

    return total(TREE)


def list_of_links(x):
    n, t = CHAIN, 1.0
    while n is not None:
        t = t * x + n.value
        n = n.rest
    return t


def members_that_know_their_owner(x):
    def total(m):
        return m.value * x + sum(total(k) * x for k in m.members)

    return total(GROUP)


def members_on_a_stack(x):
    stack, t = [GROUP], 0.0
    while stack:
        m = stack.pop()
        t += m.value * x
        x = x * 1.1
        for k in m.members:
            stack.append(k)
    return t


def named_tuples_of_named_tuples(site, x):
    return site.rent * x + sum(named_tuples_of_named_tuples(s, x * x) for s in site.sites)


def worth_of_a_part(part, price):
    if part in price:
        return price[part]
    return sum(n * worth_of_a_part(p, price) for p, n in BILL[part])


def sum_over_an_empty_list(xs, x):
    return sum(xs) * x + x


case(parts_of_parts, (1.3,))
case(parts_given, (CAR, 1.3), wrt="x")
case(tree_of_two, (1.3,))
case(list_of_links, (1.3,))
case(members_that_know_their_owner, (1.3,))
case(members_on_a_stack, (1.3,))
case(named_tuples_of_named_tuples, (SITES, 1.3), wrt="x")
case(worth_of_a_part, ("car", {"steel": 2.0, "rubber": 1.0}))
case(sum_over_an_empty_list, ([1.0], 1.3), ([], 1.3), wrt="x")
