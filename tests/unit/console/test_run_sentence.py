"""A run told in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schoolgate.bases.models import Base
from schoolgate.console.runs.progress import progress_of
from schoolgate.console.runs.run_sentence import book_rows, headline, in_words, total_of
from schoolgate.runs.models import Run
from schoolgate.runs.rules import Terms

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def run(**more):
    given = {"data_type": "snapshot", "stage": "done", "pupils_read": 412, "started_at": NOW,
             "finished_at": NOW + timedelta(seconds=8)}  # fmt: skip
    return Run(base=Base(name="Ashgrove Primary"), **(given | more))


def test_says_what_was_read_written_and_is_to_be_decided():
    total = Terms(received=450, unchanged=411, written=37, refused=2)
    said = "Snapshot of Ashgrove Primary: 412 pupils read, 37 changes written, 2 need a decision. 8 seconds."
    assert headline(run(), total) == said


def test_says_that_nothing_changed():
    total = Terms(received=450, unchanged=450)
    assert headline(run(), total).startswith(
        "Snapshot of Ashgrove Primary: 412 pupils read, nothing changed."
    )


def test_opens_a_failure_with_its_reason():
    failed = run(stage="failed", exception_sentence="The secret is not accepted.")
    assert headline(failed, Terms()) == "Snapshot of Ashgrove Primary failed. The secret is not accepted."


def test_says_what_a_waiting_run_waits_for():
    waiting = run(stage="waiting", waits_for="another run of this base", finished_at=None)
    said = "Snapshot of Ashgrove Primary: waiting for another run of this base."
    assert headline(waiting, Terms()) == said


def test_adds_the_groups_up():
    accounts = {
        "address": Terms(received=3, written=1, unchanged=2),
        "contacts": Terms(received=1, refused=1),
    }
    assert total_of(accounts).received == 4
    assert [row.adds_up for row in book_rows(accounts)] == [True, True]
    assert in_words(total_of(accounts)) == "Received 4: 2 unchanged, 1 written and 1 refused."


def test_gives_no_estimate_before_it_has_seen_enough():
    early = run(stage="collecting", finished_at=None, progress={"pages": 2, "pages_expected": 40})
    assert progress_of(early, now=NOW + timedelta(seconds=10)).estimate == ""
    later = run(stage="collecting", finished_at=None, progress={"pages": 20, "pages_expected": 40})
    assert progress_of(later, now=NOW + timedelta(minutes=5)).estimate == "about 5 minutes to go"
