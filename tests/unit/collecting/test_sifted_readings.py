"""What a reading may be trusted to have brought."""

from __future__ import annotations

from schoolgate.collecting.sifter import SiftedReading


def test_brings_everybodys_rows_of_its_groups_when_it_was_whole() -> None:
    whole = SiftedReading(groups=("address", "contacts"), pupils=None)
    assert whole.has_read("a", "contacts")
    assert not whole.has_read("a", "sen_needs")


def test_brings_all_there_is_of_the_pupils_it_was_about_though_nothing_came() -> None:
    of_one = SiftedReading(groups=("address",), pupils={"a"}, met={("a", "communications")})
    assert of_one.has_read("a", "address")
    assert of_one.has_read("a", "communications")
    assert not of_one.has_read("b", "address")


def test_brings_of_changes_only_what_came() -> None:
    changes = SiftedReading(met={("a", "address")})
    assert changes.has_read("a", "address")
    assert not changes.has_read("a", "contacts")
    assert not changes.has_read("b", "address")
