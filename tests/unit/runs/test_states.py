"""The table of a run's stages, which whoever moves a run asks."""

from __future__ import annotations

from itertools import product

import pytest

from schoolgate.runs.states import (
    ACTIVE,
    FINISHED,
    FIRST,
    OUTCOMES,
    UNFINISHED,
    LastRunStatus,
    LogStatus,
    Stage,
    may_follow,
    stages_before,
)


def test_ends_for_good():
    assert not [(a, b) for a, b in product(Stage, Stage) if a.value in FINISHED and may_follow(a, b)]


def test_may_end_whatever_has_not_ended():
    for after in (Stage.FAILED, Stage.CANCELLED):
        assert stages_before(after) == list(UNFINISHED)


def test_is_done_only_after_work():
    assert stages_before(Stage.DONE) == list(ACTIVE)


def test_never_goes_back_to_the_beginning_or_from_landing_to_collecting():
    assert stages_before(FIRST) == []
    assert not may_follow(Stage.LANDING, Stage.COLLECTING)


@pytest.mark.parametrize("stage", list(Stage))
def test_can_be_reached(stage):
    reached, news = {FIRST}, {FIRST}
    while news:
        news = {after for before, after in product(news, Stage) if may_follow(before, after)} - reached
        reached |= news
    assert stage in reached


def test_has_words_for_every_status_of_log_and_tasks_in_one_table():
    assert all(OUTCOMES[each.value].log == each.label for each in LogStatus)
    assert all(OUTCOMES[each.value].task == each.label for each in LastRunStatus)
    told = {code for code, words in OUTCOMES.items() if words.log}
    assert told == {each.value for each in LogStatus}
