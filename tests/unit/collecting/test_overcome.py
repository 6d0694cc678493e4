"""What was met at a source and overcome, told once for each kind."""

from __future__ import annotations

from schoolgate.collecting.overcome import told_of
from schoolgate.connectors.errors import WORDINGS


def test_tells_each_kind_once_with_how_often_and_where() -> None:
    met = [("source.throttled", "429"), ("source.rows_missing", "Learners"), ("source.throttled", "503")]
    busy, missing = told_of(met, wordings=WORDINGS)
    assert (busy.code, busy.details) == ("source.throttled", {"times": 2, "where": ["429", "503"]})
    assert (missing.code, missing.details) == ("source.rows_missing", {"times": 1, "where": ["Learners"]})
    assert busy.sentence == f"{WORDINGS['source.throttled'].sentence} (429)"


def test_tells_nothing_of_a_run_that_met_nothing() -> None:
    assert told_of([], wordings=WORDINGS) == []
