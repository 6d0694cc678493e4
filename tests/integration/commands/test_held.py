"""``schoolgate held``: lists, shows and decides what waits, without printing anything about a child."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import typer
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, keys, land, pupil
from tests.many import school
from tests.two_bases import limited
from tests.waiting import absence, block, pupil_of, put
from typer.testing import CliRunner

from schoolgate.accounts.models import Role
from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.commands.held import held
from schoolgate.holding.models import HeldEntry
from schoolgate.holding.queries import entries_that_wait, released

pytestmark = pytest.mark.django_db

TWIN = keys("twin one").external_id


def schoolgate_held(*arguments: object) -> Any:
    line = typer.Typer()
    line.command()(held)
    return CliRunner().invoke(line, [str(each) for each in arguments])


def entry_with_both_twins() -> HeldEntry:
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS))
    waiting = [
        block(who, "address", OTHER_ADDRESS, pupil_id=pupil_of(base, who)) for who in ("twin one", "twin two")
    ]
    return put(base, *waiting, now=cast.NOW - timedelta(days=2))


def test_lists_what_waits_and_ends_with_the_code_that_wants_a_person():
    entry = entry_with_both_twins()
    answer = schoolgate_held("--json")
    assert answer.exit_code == 3
    [row] = json.loads(answer.output)["entries"]
    assert (row["entry"], row["code"], row["pupils"]) == (entry.pk, "match.doubted", 2)
    assert row["since"].startswith("2026-11-21")
    assert "`schoolgate held show NO` tells of whom" in schoolgate_held().output


def test_says_that_nothing_waits():
    answer = schoolgate_held()
    assert (answer.exit_code, answer.output) == (0, "Nothing waits for a person.\n")


def test_shows_of_whom_something_waits_and_what_can_be_decided_and_nothing_about_the_child():
    entry = entry_with_both_twins()
    for arguments in (("show", entry.pk), ("show", entry.pk, "--json")):
        answer = schoolgate_held(*arguments)
        assert answer.exit_code == 0
        assert TWIN in answer.output
        assert not {"Marlowe", "Iris", "Ilkley", "Otley", "2017"} & set(
            answer.output.replace('"', " ").split()
        )
    assert "--decision 'same pupil'" in schoolgate_held("show", entry.pk).output


def test_releases_one_pupil_in_the_name_of_the_person_who_decided():
    entry, officer = entry_with_both_twins(), cast.officer()
    answer = schoolgate_held(
        "release", entry.pk, "--pupil", TWIN, "--reason", "It is she.", "--by", officer.email, "--json"
    )
    said = json.loads(answer.output)
    assert said["released"] == 1
    [release] = released(said["runs"][0]).values()
    assert release.by == officer.pk
    assert [(each.pupils, each.on_their_way) for each in entries_that_wait(EVERYTHING)] == [(1, 1)]


def test_refuses_the_whole_entry_with_a_reason():
    entry = put(cast.base(), absence("twin one"), absence("twin two"))
    answer = schoolgate_held("refuse", entry.pk, "--reason", "They are here.")
    assert (answer.exit_code, answer.output) == (0, "Refused for 2 pupils.\n")
    assert entries_that_wait(EVERYTHING) == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("refuse", "{entry}"), 1, "A decision needs a reason."),
        (("release", "{entry}", "--reason", "Yes.", "--pupil", "x-999"), 1, "Nothing of this waits"),
        (
            ("release", "{entry}", "--reason", "Yes.", "--by", "nobody@wharfdale.invalid"),
            2,
            "is nobody who may",
        ),
        (("show", "999999"), 2, "There is no such entry."),
        (("refuse",), 2, "There is no such entry."),
    ],
)
def test_does_nothing_it_was_not_told_properly(arguments, code, sentence):
    entry = entry_with_both_twins()
    answer = schoolgate_held(*(each.format(entry=entry.pk) for each in arguments))
    assert (answer.exit_code, sentence in answer.output) == (code, True)
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_lets_nobody_decide_in_the_name_of_somebody_who_may_not():
    entry = entry_with_both_twins()
    answer = schoolgate_held("refuse", entry.pk, "--reason", "No.", "--by", cast.reader().email)
    assert answer.exit_code == 2
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_lets_nobody_decide_in_the_name_of_somebody_who_does_not_look_after_the_base():
    entry = entry_with_both_twins()
    elsewhere = limited("elsewhere", Role.OFFICER, cast.base("Beckside Primary"))
    answer = schoolgate_held("refuse", entry.pk, "--reason", "No.", "--by", elsewhere.email)
    assert answer.exit_code == 2
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [2]


def test_releases_what_would_be_taken_from_many_without_being_told_how():
    base = cast.base()
    land(base, *school(base, range(12), address=ADDRESS), is_complete=True)
    land(base, *school(base, range(12), address={"town": "Otley"}), now=cast.NOW + timedelta(hours=1))
    entry = HeldEntry.objects.get()
    answer = schoolgate_held("release", entry.pk, "--reason", "They say so.", "--pupil", "c-003", "--json")
    said = json.loads(answer.output)
    assert said["released"] == 1
    assert set(released(said["runs"][0])) == {("c-003", "address")}
