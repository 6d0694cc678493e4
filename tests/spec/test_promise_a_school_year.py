"""# A school's year passes without a question

Nothing of what every school does in a year may flood the list of what waits for a person: the oldest leave in
July, in September everybody moves up and the youngest come, some children's special needs and free meals end,
a family moves away, a teacher mends a few records.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, enrolled, held, land
from tests.many import child, sent

from schoolgate.holding.models import HeldEntry, HeldItem

pytestmark = pytest.mark.django_db

A_YEAR = 30
YEARS = ("3", "4", "5", "6")
"""A junior school: a quarter leaves each July."""


class Junior:
    """A junior school of 120 children, as its system holds them."""

    def __init__(self, base):
        self.base = base
        self.years = {number: number // A_YEAR for number in range(A_YEAR * len(YEARS))}
        self.letters = dict.fromkeys(self.years, "A")
        self.states = dict.fromkeys(self.years, "Current")
        self.left = {}
        self.more = {
            number: {
                "address": ADDRESS,
                "contacts": [
                    {"family_name": "Marlowe", "given_name": "Ada", "home_telephone": "01943 900123"}
                ],
                "free_school_meals": [{"start_on": "2025-01-06", "country": "ENG"}]
                if number % 5 == 0
                else [],
                "sen_needs": [{"rank": 1, "need_type": "SLCN"}] if number % 6 == 0 else [],
                "sen_provisions": [{"provision": "K", "start_on": "2025-01-06"}] if number % 6 == 0 else [],
                "looked_after": {"in_care": number % 29 == 0},
                "identifiers": {"upn": child(number).upn},
            }
            for number in self.years
        }

    def enrolment(self, number):
        row = enrolled(self.base, nc_year=YEARS[min(self.years[number], 3)])
        row["registration_group"] = row["nc_year"] + self.letters[number]
        if number in self.left:
            row |= {"leaving_on": self.left[number], "leaving_reason": "PM"}
            del row["nc_year"], row["registration_group"]
        return [row]

    def pupil(self, number):
        more = {} if number in self.left else self.more[number]
        return sent(self.base, number, enrolments=self.enrolment(number), **more)

    def land(self, at):
        pupils = [self.pupil(number) for number in self.states]
        roll = {child(number).external_id: state for number, state in self.states.items()}
        declared = len(roll)
        return land(self.base, *pupils, roll=roll, is_complete=True, declared=declared, now=at, made_at=at)


def at(year, month, day):
    return datetime(year, month, day, 3, tzinfo=UTC)


def test_a_whole_year_of_a_school_brings_no_entry():
    school = Junior(cast.base())
    school.land(at(2026, 11, 24))

    # The autumn: a few records mended, one family of three gone with a date.
    for number in range(10, 12):
        school.more[number]["address"] = {"town": "Otley"}
    for number in (40, 41, 42):
        school.left[number] = "2026-12-18"
        school.states[number] = "Leaver"
    school.land(at(2027, 1, 5))

    # The spring: some special needs end, some are taken out; free meals end with a date; a child leaves care.
    for number in (0, 6, 12, 18):
        school.more[number]["sen_provisions"] = [
            {"provision": "K", "start_on": "2025-01-06", "end_on": "2027-02-12"}
        ]
    for number in (24, 30):
        school.more[number] |= {"sen_provisions": [], "sen_needs": []}
    for number in range(0, 120, 5):
        school.more[number]["free_school_meals"] = [
            {"start_on": "2025-01-06", "end_on": "2027-04-02", "country": "ENG"}
        ]
    school.more[29]["looked_after"] = {"in_care": False}
    school.land(at(2027, 4, 13))

    # July: Year 6 leaves with dates, and has no year and class any more.
    for number in range(90, 120):
        school.left[number] = "2027-07-23"
        school.states[number] = "Leaver"
    school.land(at(2027, 7, 24))

    # September: classes are empty for a night, then everybody is a year up, and thirty children come.
    for number, state in school.states.items():
        if state == "Current":
            school.years[number] += 1
    for number in range(200, 230):
        school.years[number], school.letters[number], school.states[number] = 0, "B", "Current"
        school.more[number] = {
            "address": OTHER_ADDRESS,
            "identifiers": {"upn_unknown_reason": "UN1"},
        }
    run = _without_classes(school, at(2027, 9, 1))
    assert run.status == "exported"
    school.land(at(2027, 9, 2))

    # Weeks later the newcomers have their UPNs, and the reason why they had none is gone.
    for number in range(200, 230):
        school.more[number]["identifiers"] = {"upn": child(number).upn}
    last = school.land(at(2027, 9, 20))

    assert last.status == "exported"
    assert not HeldEntry.objects.exists()
    assert not HeldItem.objects.exists()
    assert held(school.base, child(0), "enrolments")[0]["nc_year"] == "4"
    assert held(school.base, child(210), "identifiers") == {"upn": child(210).upn}


def _without_classes(school, when):
    enrolment = school.enrolment
    bare = ("nc_year", "registration_group")
    school.enrolment = lambda number: [
        {name: value for name, value in row.items() if name not in bare} for row in enrolment(number)
    ]
    try:
        return school.land(when)
    finally:
        school.enrolment = enrolment
