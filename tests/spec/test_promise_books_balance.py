"""# The books balance

For every run and data group, what was received is counted once as left out, unchanged, written, in
conflict, unmatched, ignored or refused, each with a reason. Books that do not balance roll back.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, keys, land, message, planned, pupil

from schoolgate.blocks.queries import outstanding
from schoolgate.importing.actions import land_run
from schoolgate.importing.tally import Tally
from schoolgate.pupils.models import Pupil
from schoolgate.runs.books import UnbalancedBooksError
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

TERMS = ("left_out", "unchanged", "written", "in_conflict", "unmatched", "ignored", "refused")


def books(run):
    return {
        each.group: (each.received, sum(getattr(each, term) for term in TERMS)) for each in run.accounts.all()
    }


def test_every_block_of_a_mixed_file_is_counted_once():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one", address=ADDRESS), pupil("young carer", address=ADDRESS))
    land(other, pupil(keys("young carer", external_id="x-1"), address=OTHER_ADDRESS))
    run = land(
        base,
        pupil("twin one", address=ADDRESS, ethnicity_language={"ethnicity": "QQQ"}),
        pupil("twin two", address=ADDRESS),
        pupil(keys("an apostrophe", upn=keys("twin one").upn), address=ADDRESS),
        pupil("young carer", address=ADDRESS, marks=[DayMarks(on="2026-11-20", am="/", pm="?")]),
        roll={"p-001": "Current", "p-002": "Current", "p-007": "Current", "p-009": "Future"},
    )
    address = run.accounts.get(group="address")
    assert (address.received, address.unchanged, address.written, address.unmatched, address.ignored) == (
        (4, 1, 1, 1, 1)
    )
    assert run.accounts.get(group="ethnicity_language").refused == 1
    assert all(received == accounted_for for received, accounted_for in books(run).values())
    assert run.is_balanced


def test_everything_refused_or_unmatched_says_why_and_what_to_do():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one"))
    run = land(
        other,
        pupil(keys("an apostrophe", upn=keys("twin one").upn)),
        pupil("twin two", ethnicity_language={"ethnicity": "QQQ"}),
    )
    found = {each.kind: each for each in run.exceptions.all()}
    assert set(found) == {"unmatched", "refused"}
    assert all(each.code and each.sentence and each.remedy for each in found.values())


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sent=st.lists(
        st.tuples(
            st.sampled_from(sorted(cast.PUPILS)),
            st.sampled_from((ADDRESS, OTHER_ADDRESS)),
            st.sampled_from(("WBRI", "QQQ")),
            st.sampled_from(("Current", "Leaver", "Future")),
        ),
        max_size=6,
    ),
    deleted=st.sampled_from(("", "address", "sen_needs")),
)
def test_whatever_comes_the_books_balance(sent, deleted):
    base = cast.base_on_sims_7()
    pupils = [
        pupil(
            who,
            ethnicity_language={"ethnicity": code},
            **({} if deleted == "address" else {"address": address}),
            deleted=[deleted] if deleted else [],
        )
        for who, address, code, _ in sent
    ]
    roll = {keys(who).external_id: state for who, _, _, state in sent}
    run = land(base, *pupils, roll=roll)
    assert all(received == accounted_for for received, accounted_for in books(run).values())
    assert books(run).get("ethnicity_language", (0, 0))[0] == len(sent)


def test_a_block_that_goes_missing_rolls_everything_back(monkeypatch):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    counted = Tally._count

    def forgetful(self, group, term, number):
        counted(self, group, term, number)
        self.counts[group].pop("written", None)

    monkeypatch.setattr(Tally, "_count", forgetful)
    with pytest.raises(UnbalancedBooksError):
        land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert not Pupil.objects.exists()
    assert outstanding(base.pk, source=base.source) == []
