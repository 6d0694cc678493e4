"""What happens at schools: joiners, leavers, moves, reviews and corrections.

Each event picks a child of the school and changes something, as an office
would. The table at the end says how often, a week and 200 pupils.
"""

from __future__ import annotations

from datetime import date, timedelta

from schoolgate_sandbox import codes, reviews
from schoolgate_sandbox.codes import MARK_BYTE
from schoolgate_sandbox.days import Day, Event
from schoolgate_sandbox.groups import pick
from schoolgate_sandbox.marking import change_mark
from schoolgate_sandbox.people import Pupil, Row
from schoolgate_sandbox.pupils import earlier_enrolment, new_pupil

_CORRECTED_TO = (("I", 50), ("L", 15), ("M", 12), ("O", 10), ("C", 6), ("/", 7))


def join(day: Day) -> None:
    """A child comes from outside the authority."""
    year = day.rng.choice(day.roll.school.years)
    name = f"{day.roll.school.dfe_number}-{day.today.isoformat()}-{day.world.newcomers}"
    family = day.world.family(f"f-newcomer-{name}")
    person = day.world.newcomer(family, year, name=name)
    pupil = new_pupil(day.world.ids, day.roll.school, person, year=year, entered_on=day.today, status="C")
    values = earlier_enrolment(
        dfe_number=f"823{2000 + day.rng.randrange(900)}",
        name="Hillside Primary School",
        entered_on=day.today - timedelta(days=400),
        left_on=day.today - timedelta(days=day.rng.randrange(1, 20)),
        reason="IM",
        year=year,
    )
    pupil.groups["LearnerEnrolments"].append(Row("0", values))
    day.world.join(pupil, kind="joined")


def _may_go(pupil: Pupil) -> bool:
    return len([other for other in pupil.person.pupils if other.left_on is None]) == 1


def leave(day: Day) -> None:
    """A child leaves, and not for a school of this set."""
    pupil = day.pupil()
    if pupil and _may_go(pupil) and pupil.entered_on < day.today:
        day.world.leave(pupil, on=day.today, reason=pick(day.rng, codes.LEAVING_REASONS))


def move(day: Day) -> None:
    """A child leaves for another school of the set and comes there on its next day."""
    pupil = day.pupil()
    if pupil is None or not _may_go(pupil) or pupil.entered_on >= day.today:
        return
    others = [s for s in day.world.schools if s is not day.roll.school and pupil.year in s.years]
    others = [s for s in others if all(place.school is not s for place in pupil.person.pupils)]
    if not others:
        return
    there = day.rng.choice(others)
    day.world.leave(pupil, on=day.today, reason="IM")
    entered = date.fromordinal(day.world.coming_days(there, day.today, count=1)[0])
    arrival = new_pupil(day.world.ids, there, pupil.person, year=pupil.year, entered_on=entered, status="C")
    for place, row in enumerate(pupil.groups["LearnerEnrolments"]):
        values = row.values | {"RegistrationGroup": None}
        arrival.groups["LearnerEnrolments"].append(Row(f"e{place}", values))
    day.world.expect(arrival, kind="moved")


def correct_mark(day: Day) -> None:
    """A mark of the last days, now and then of weeks ago, turns out to be wrong."""
    pupil = day.pupil()
    back = day.rng.choices((1, 2, 3, 5, 8, 30), (30, 25, 15, 14, 8, 8))[0]
    then = day.today - timedelta(days=back)
    if pupil and then >= pupil.entered_on and day.roll.school.is_open(then.toordinal()):
        place = then.toordinal() * 2 + day.rng.randrange(2)
        code = pick(day.rng, _CORRECTED_TO)
        if code == "/" and place & 1:
            code = "\\"
        change_mark(day.world, day.roll, pupil, place, MARK_BYTE[code])


def delete_mark(day: Day) -> None:
    """A mark is taken out altogether."""
    pupil = day.pupil()
    then = day.today - timedelta(days=day.rng.randrange(1, 12))
    if pupil and then >= pupil.entered_on and day.roll.school.is_open(then.toordinal()):
        change_mark(day.world, day.roll, pupil, then.toordinal() * 2 + day.rng.randrange(2), 0)


EVENTS: tuple[tuple[float, Event], ...] = (
    (0.25, join),
    (0.2, leave),
    (0.22, move),
    (3.0, correct_mark),
    (0.35, delete_mark),
    (0.35, reviews.start_provision),
    (0.4, reviews.review_provision),
    (0.4, reviews.rank_needs),
    (0.2, reviews.remove_need),
    (0.7, reviews.move_house),
    (0.9, reviews.change_contact),
    (0.25, reviews.add_contact),
    (0.15, reviews.remove_contact),
    (0.4, reviews.change_telephone),
    (0.7, reviews.change_meals),
    (0.15, reviews.change_surname),
    (0.3, reviews.replace_upn),
    (0.4, reviews.assess_english),
    (0.08, reviews.find_carer),
    (0.05, reviews.serve),
    (0.05, reviews.take_into_care),
    (0.15, reviews.suspend),
)
