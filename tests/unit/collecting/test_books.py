"""The books of collecting: what became of each block before anything lands."""

from __future__ import annotations

from schoolgate.blocks.rules import PageCounts
from schoolgate.collecting.books import Books
from schoolgate.runs.rules import Terms


def test_count_of_a_page_that_landed_what_it_carried_then() -> None:
    books = Books()
    books.count("sen_needs", "refused")
    books.count_known_page(
        PageCounts(
            unchanged={"sen_needs": 3}, left_out={"sen_needs": 2, "address": 1}, historic={"sen_needs": 4}
        )
    )
    assert books.settled() == {
        "sen_needs": Terms(received=6, unchanged=3, left_out=2, refused=1),
        "address": Terms(received=1, left_out=1),
    }
    books.note_historic()
    assert [(each.code, each.details) for each in books.problems] == [
        ("collecting.historic_send", {"records": 4})
    ]


def test_count_nothing_of_a_page_of_the_roll() -> None:
    books = Books()
    books.count_known_page(PageCounts(declared=40, is_last=True))
    books.note_historic()
    assert (books.settled(), books.problems) == ({}, [])
