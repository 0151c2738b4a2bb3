import json
import re

import numpy as np

from pricegrad.report.page import read, render
from pricegrad.report.page.payload import Flows, Good, Payload
from tests.report.towns import NASTY, full_payload


def small(name: str, price: float | None) -> Payload:
    return Payload(name, "prices", name, [Good(name, price)], [], Flows())


def test_json_may_stand_in_a_script_element_and_reads_back_the_same():
    name = f"{NASTY} & \u2028 \u2029 -->"
    text = small(name, 1.5).to_json()
    assert not any(sign in text for sign in "<>&\u2028\u2029")
    assert json.loads(text)["goods"][0]["name"] == name


def test_numbers_that_are_not_finite_are_null():
    for price in (float("nan"), float("inf"), np.float64("-inf"), None):
        assert json.loads(small("x", price).to_json())["goods"][0]["price"] is None


def test_numbers_keep_every_digit():
    assert json.loads(small("x", np.float64(1 / 3)).to_json())["goods"][0]["price"] == 1 / 3


def test_links_at_the_price_of_their_good_are_short_and_come_back():
    flows = Flows(
        [0, 0, 0], [0, 0, 0], [True, False, False], [1.0, 1.0, 2.0], [1.5, 1.5, 1.65], [None, 1.5, 2.0]
    )
    text = Payload("x", "prices", "x", [Good("a", 1.5)], [], flows).to_json()
    said = json.loads(text)["flows"]
    assert (said["price"], said["marginal"]) == (["", "", 1.65], [None, "", 2.0])
    again = read.payload(json.loads(text))
    assert (again.flows.price, again.flows.marginal) == ([1.5, 1.5, 1.65], [None, 1.5, 2.0])
    assert again.to_json() == text


def test_arrays_are_lists():
    flows = Flows(np.array([0]), np.array([1]), np.array([True]), np.array([2.5]), np.array([np.nan]), [None])
    text = Payload("x", "prices", "x", [], [], flows).to_json()
    assert json.loads(text)["flows"] == {
        "agent": [0], "good": [1], "sells": [1], "quantity": [2.5], "price": [None], "marginal": [],
    }  # fmt: skip


def test_a_page_names_no_other_place():
    page = render(full_payload("town"))
    outside = set(re.findall(r"(?:https?:)?//[\w-]+\.[\w./-]+", page))
    assert all("www.w3.org" in address for address in outside), outside
    assert "src=" not in page.split("<script type")[0]
    assert len(page) < 250_000


def test_the_title_is_text():
    page = render(small(NASTY, 1.0))
    assert NASTY not in page
