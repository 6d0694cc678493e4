"""The way of reading that takes fewer calls."""

from __future__ import annotations

from schoolgate.collecting.calls import reads_by_id, reads_marks_by_id


def test_reads_a_few_pupils_marks_by_id_and_those_of_many_with_everybodys() -> None:
    assert reads_marks_by_id(47, on_roll=400)
    assert not reads_marks_by_id(48, on_roll=400)
    assert not reads_marks_by_id(3, on_roll=8)


def test_reads_a_few_pupils_by_id_and_many_with_their_domain() -> None:
    assert reads_by_id(1, on_roll=300)
    assert not reads_by_id(2, on_roll=300)
    assert reads_by_id(3, on_roll=4000)
