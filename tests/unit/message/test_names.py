"""The names of transfer files."""

from __future__ import annotations

import pytest

from schoolgate_message.names import file_name


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "001"), (5, "005"), (999, "999"), (1000, "001"), (1998, "999"), (1999, "001")]
)
def test_counts_to_999_and_begins_again(number, shown):
    assert file_name(base="8201079", authority="820", number=number) == f"8201079_CES_820LLLL_{shown}.xml"


@pytest.mark.parametrize(
    ("base", "authority", "number"),
    [("820107", "820", 1), ("8201079", "82", 1), ("8201079", "820", 0), ("../1079", "820", 1)],
)
def test_refuses_what_makes_no_name(base, authority, number):
    with pytest.raises(ValueError):
        file_name(base=base, authority=authority, number=number)
