"""The books of collecting: what became of each block before anything lands."""

from __future__ import annotations

import pytest

from schoolgate.blocks.rules import PageCounts
from schoolgate.collecting.books import Books
from schoolgate.runs.books import UnbalancedBooksError
from schoolgate.runs.rules import RowTerms, Terms


def test_count_of_a_page_that_landed_what_it_carried_then() -> None:
    books = Books()
    books.count("sen_needs", "refused")
    books.count_known_page(
        "LearnerSenNeeds",
        PageCounts(
            unchanged={"sen_needs": 3},
            left_out={"sen_needs": 2, "address": 1},
            historic={"sen_needs": 4},
            rows={"became": 7, "left_out": 2},
        ),
    )
    assert books.rows() == {"LearnerSenNeeds": RowTerms(received=9, became=7, left_out=2)}
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
    books.count_known_page("LearnerIdentifiers", PageCounts(declared=40, is_last=True))
    books.note_historic()
    assert (books.settled(), books.problems) == ({}, [])


def test_refuse_to_end_where_a_row_that_came_became_nothing_that_is_counted() -> None:
    books = Books()
    books.receive_rows("LearnerContacts", 5, unreadable=1)
    books.count_rows("LearnerContacts", "became", 2)
    books.count_rows("LearnerContacts", "beside")
    with pytest.raises(UnbalancedBooksError, match="LearnerContacts: received 5, accounted for 4"):
        books.rows()
    books.count_rows("LearnerContacts", "refused")
    assert books.rows()["LearnerContacts"].balances()


def test_tell_of_rows_that_cant_be_read_and_of_those_beside_another() -> None:
    books = Books()
    books.receive_rows("LearnerAddresses", 3, unreadable=1)
    books.count_rows("LearnerAddresses", "became")
    books.count_rows("LearnerAddresses", "beside")
    books.note_beside("LearnerAddresses", "p1")
    books.note_rows()
    assert [(each.kind, each.code, each.details) for each in books.problems] == [
        ("refused", "rows.unreadable", {"rows": 1}),
        ("left out", "rows.beside", {"rows": 1, "pupils": ["p1"]}),
    ]
