"""Numbers in addresses are read where they are some, and left where they aren't."""

from __future__ import annotations

import pytest

from schoolgate.pages.asked import LARGEST, number, numbers


@pytest.mark.parametrize(("text", "found"), [("0", 0), ("12", 12), ("007", 7), (str(LARGEST), LARGEST)])
def test_reads_a_number(text, found):
    assert number(text) == found


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "²", "1\0", str(LARGEST + 1), "9" * 30, "9" * 5000])
def test_reads_none_where_there_is_none_that_could_be_looked_for(text):
    assert number(text) is None


def test_reads_those_of_many_that_are_numbers():
    assert numbers(["3", "x", "9" * 5000, "4", "3"]) == {3, 4}
