"""Unique Pupil Numbers."""

from __future__ import annotations

import pytest

from schoolgate_sandbox import upn


@pytest.mark.parametrize(
    "number",
    [
        "B801200005001",
        "H801200001001",
        "P207000016049",
        "A823405625999",
        "Y941200020123",
        "D94310002300A",
        "N38040201900Z",
    ],
)
def test_agrees_with_the_known_numbers(number):
    assert upn.check_letter(number[1:]) == number[0]


@pytest.mark.parametrize("number", ["Q207000016049", "B801200005002", "D94310002300B"])
def test_disagrees_with_the_known_wrong_numbers(number):
    assert upn.check_letter(number[1:]) != number[0]


def test_refuses_a_body_of_another_length():
    with pytest.raises(ValueError, match="twelve"):
        upn.check_letter("80120000500")


def test_makes_a_permanent_number():
    assert upn.permanent(la=801, establishment=2000, year=2005, serial=1) == "B801200005001"


def test_makes_a_temporary_number_that_ends_in_a_letter():
    assert upn.temporary(la=943, establishment=1000, year=2023, serial=0) == "D94310002300A"
