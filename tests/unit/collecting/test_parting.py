"""A run's pupils, parted into files."""

from __future__ import annotations

from schoolgate.collecting import parting
from schoolgate.collecting.parting import Weighed


def test_makes_one_file_even_of_nobody() -> None:
    assert parting.parts_of([]) == [[]]


def test_splits_a_run_beyond_five_thousand_pupils() -> None:
    parts = parting.parts_of(Weighed(external_id=str(number), size=2000) for number in range(5001))
    assert [len(part) for part in parts] == [5000, 1]


def test_splits_a_run_whose_file_would_be_too_large() -> None:
    heavy = parting.MOST_BYTES_A_FILE / parting.XML_GROWTH / 2
    parts = parting.parts_of(Weighed(external_id=str(number), size=int(heavy)) for number in range(5))
    assert [len(part) for part in parts] == [2, 2, 1]
