"""What a message may say oddly without costing more than the value: it lands, is told of, or is refused alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import held, keys, land, land_bodies, message, planned, pupil

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.models import Base
from schoolgate.blocks.actions import note_outstanding
from schoolgate.blocks.queries import outstanding
from schoolgate.importing.actions import land_run
from schoolgate.lib.clock import london_day
from schoolgate.runs.models import RunException
from schoolgate.runs.states import LogStatus
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db
TODAY = london_day(cast.NOW)


@pytest.fixture
def base() -> Base:
    return cast.base()


def told(run) -> list[tuple[str, str, str, str]]:
    found = RunException.objects.filter(run=run).order_by("id")
    return [(each.kind, each.code, each.group, each.item) for each in found]


@pytest.mark.parametrize(
    "born", [(TODAY + timedelta(days=1)).isoformat(), "2131-04-01", "1899-12-31", "1016-02-29"]
)
def test_lands_a_birth_out_of_time_with_a_warning(base: Base, born: str) -> None:
    who = keys("an apostrophe", date_of_birth=born)
    run = land(base, pupil(who))
    assert held(base, who, "basic_details")["date_of_birth"] == born
    assert told(run) == [("warning", "item.birth_out_of_time", "basic_details", "date_of_birth")]
    assert run.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value


def test_does_not_warn_of_a_birth_on_the_day_it_was_read(base: Base) -> None:
    assert told(land(base, pupil(keys("an apostrophe", date_of_birth=TODAY.isoformat())))) == []


def test_takes_the_ends_of_the_calendar_for_no_day(base: Base) -> None:
    who = keys("an apostrophe")
    body = message(
        base,
        pupil(
            who,
            enrolments=[
                {"school_dfe_number": base.dfe_number, "entry_on": "2023-09-05", "leaving_on": "2024-07-19"}
            ],
        ),
    )
    run = land_bodies(
        base, body.replace(b"2024-07-19", b"9999-12-31").replace(who.date_of_birth.encode(), b"0001-01-01")
    )
    (row,) = held(base, who, "enrolments")
    assert "leaving_on" not in row
    assert "date_of_birth" not in held(base, who, "basic_details")
    assert told(run) == []


def test_refuses_a_block_with_a_lost_character_and_lands_the_others(base: Base) -> None:
    who, other = keys("an apostrophe"), keys("twin one")
    address = {"town": "Otley", "street": "Weavers Row"}
    body = message(base, pupil(who, address=address), pupil(other, address=address))
    run = land_bodies(base, body.replace(b"Weavers", "We\ufffdvers".encode(), 1))
    assert told(run) == [("refused", "item.lost_character", "address", "street")]
    assert held(base, who, "address") is None
    assert held(base, who, "basic_details")
    assert held(base, other, "address") == address
    assert [each[1] for each in outstanding(base.pk, source=base.source)] == ["address"]


@pytest.mark.parametrize(
    "on",
    [
        "0001-01-01",
        "1813-05-05",
        "1996-08-31",
        (TODAY + timedelta(days=367)).isoformat(),
        "2086-10-10",
        "9999-12-31",
    ],
)
def test_refuses_marks_of_days_no_base_can_have_with_the_day(base: Base, on: str) -> None:
    kept = DayMarks(on=(TODAY + timedelta(days=366)).isoformat(), am="C")
    run = land(base, pupil("an apostrophe", marks=[DayMarks(on=on, am="/", pm="N"), kept]))
    assert told(run) == [
        ("refused", "attendance.day_out_of_time", "attendance", f"{on} {half}") for half in ("AM", "PM")
    ]
    terms = run.accounts.get(group="attendance")
    assert (terms.received, terms.written, terms.refused) == (3, 1, 2)
    assert AttendanceYear.objects.get().marks.count("C") == 1


def test_leaves_outstanding_what_the_run_itself_could_not_send(base: Base) -> None:
    who = keys("an apostrophe")
    body = message(base, pupil(who, marks=[DayMarks(on=TODAY.isoformat(), am="/")]))
    unplaced = [(who.external_id, "attendance", "attendance.no_day")]
    run = planned(base, body)
    note_outstanding(unplaced, base_id=base.pk, source=base.source, run_id=run.pk, now=cast.NOW)
    land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert outstanding(base.pk, source=base.source) == unplaced
    land(base, pupil(who, marks=[DayMarks(on=TODAY.isoformat(), am="/", pm="/")]))
    assert outstanding(base.pk, source=base.source) == []
