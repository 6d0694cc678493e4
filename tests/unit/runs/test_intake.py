"""What a run owes, as it is kept between taking it in and landing it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from schoolgate.runs.intake import Intake, Landed, intake_from, kept_intake
from schoolgate.runs.rules import Problem, Terms

counts = st.integers(0, 1000)
terms = st.builds(Terms, received=counts, left_out=counts, unchanged=counts, written=counts, refused=counts)
books = st.dictionaries(st.sampled_from(["address", "contacts", "attendance"]), terms)
words = st.text(max_size=10)
problems = st.lists(
    st.builds(
        Problem,
        kind=words,
        code=words,
        sentence=words,
        pupil_id=st.none() | counts,
        external_id=words,
        details=st.dictionaries(words, counts, max_size=2),
    ),
    max_size=2,
).map(tuple)
landings = st.builds(
    Landed,
    terms=books,
    problems=problems,
    failed=st.frozensets(words, max_size=3),
    is_complete=st.booleans(),
    pupils=counts,
)
intakes = st.builds(
    Intake,
    terms=books,
    problems=problems,
    beside_cohort=st.lists(words, max_size=3).map(tuple),
    landed=landings,
)


@given(intakes)
def test_comes_back_from_the_row_as_it_was(intake):
    assert intake_from(json.loads(json.dumps(kept_intake(intake)))) == intake


def test_tells_nothing_taken_in_from_nothing_settled():
    assert intake_from(None) is None
    assert intake_from({}) == Intake()


@given(landings, landings)
def test_adds_a_file_to_those_that_landed_before(before, file):
    both = before + file
    assert both.pupils == before.pupils + file.pupils
    assert both.failed == before.failed | file.failed
    assert both.is_complete == (before.is_complete and file.is_complete)
    assert both.problems == before.problems + file.problems
    assert sum(each.received for each in both.terms.values()) == sum(
        each.received for landed in (before, file) for each in landed.terms.values()
    )


def test_puts_into_the_books_what_was_settled_before_and_what_landed():
    intake = Intake(
        terms={
            "address": Terms(received=9, left_out=1, unchanged=8),
            "contacts": Terms(received=1, unchanged=1),
        },
        landed=Landed(terms={"address": Terms(received=2, written=2)}),
    )
    assert intake.accounts() == {
        "address": Terms(received=11, left_out=1, unchanged=8, written=2),
        "contacts": Terms(received=1, unchanged=1),
    }
