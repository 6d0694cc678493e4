"""A person's place on one school's roll, and how it begins and ends."""

from __future__ import annotations

from datetime import date
from random import Random

from schoolgate_sandbox import codes, terms
from schoolgate_sandbox.groups import pick
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.people import CURRENT, LEAVER, Person, Pupil, Row, Values
from schoolgate_sandbox.schools import School


def enrolment(school: School, *, entered_on: date, year: str, class_name: str, status: str) -> Values:
    """Give the values of a pupil's own enrolment row."""
    return {
        "SchoolDfENumber": school.dfe_number,
        "SchoolName": school.name,
        "EntryDate": entered_on.isoformat(),
        "LeavingDate": None,
        "LeavingReason": None,
        "EnrolmentStatus": status,
        "NCYear": year,
        "RegistrationGroup": class_name,
        "Boarder": "N",
    }


def earlier_enrolment(
    *, dfe_number: str, name: str, entered_on: date, left_on: date, reason: str, year: str
) -> Values:
    """Give the values of an enrolment at a school the pupil came from."""
    return {
        "SchoolDfENumber": dfe_number,
        "SchoolName": name,
        "EntryDate": entered_on.isoformat(),
        "LeavingDate": left_on.isoformat(),
        "LeavingReason": reason,
        "EnrolmentStatus": "P",
        "NCYear": year,
        "RegistrationGroup": None,
        "Boarder": "N",
    }


def new_pupil(ids: Ids, school: School, person: Person, *, year: str, entered_on: date, status: str) -> Pupil:
    """Put a person on a school's roll with an external id and an enrolment of its own."""
    turn = sum(1 for other in person.pupils if other.school is school)
    external_id = ids.uid(f"pupil/{school.dfe_number}/{person.key}/{turn}")
    class_name = school.class_of(year, ids.number(f"class/{person.key}") % 1000)
    pupil = Pupil(external_id, school, person, -1, CURRENT, year, class_name, entered_on, None, status)
    values = enrolment(school, entered_on=entered_on, year=year, class_name=class_name, status=status)
    pupil.groups["LearnerEnrolments"] = [Row("1", values)]
    person.pupils.append(pupil)
    person.pupils.sort(key=lambda other: (other.school.index, other.entered_on))
    return pupil


def depart(pupil: Pupil, *, on: date, reason: str) -> Values:
    """Take a pupil off roll and give the items of the enrolment that changed."""
    pupil.state = LEAVER
    pupil.left_on = on
    items: Values = {"LeavingDate": on.isoformat(), "LeavingReason": reason, "EnrolmentStatus": "P"}
    pupil.freeze()
    pupil.groups["LearnerEnrolments"][0].values.update(items)
    return items


def exclusion(rng: Random, school: School, day: int) -> Values:
    """Give the values of a suspension from a school day; half a day to five days long."""
    days = rng.choices((0.5, 1, 2, 3, 5), (20, 38, 24, 12, 6))[0]
    year = terms.academic_year(date.fromordinal(day))
    span = [other for other in school.open_days(year) if other >= day][: max(1, int(days))]
    reasons: list[str] = []
    while len(reasons) < rng.choices((1, 2, 3), (70, 22, 8))[0]:
        reason = pick(rng, codes.SUSPENSION_REASONS)
        if reason not in reasons:
            reasons.append(reason)
    is_lunch = days == 0.5 and rng.random() < 0.3
    return {
        "Category": "LNCH" if is_lunch else "SUSP",
        "Reasons": reasons,
        "StartDate": date.fromordinal(day).isoformat(),
        "EndDate": date.fromordinal(span[-1]).isoformat(),
        "SchoolDays": days,
        "StartSession": "PM" if days == 0.5 else "AM",
    }
