"""Moving the sandbox's calendar on, a day at a time.

On a school day marks are entered, reasons are found, children come whose day
it is, and offices change records. On 1 September everybody moves up a year.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from schoolgate_sandbox import terms
from schoolgate_sandbox.codes import MARK_BYTE
from schoolgate_sandbox.days import Day
from schoolgate_sandbox.events import EVENTS
from schoolgate_sandbox.marking import change_mark, note_mark
from schoolgate_sandbox.marks import statutory
from schoolgate_sandbox.people import FUTURE, YEARS
from schoolgate_sandbox.pupils import new_pupil
from schoolgate_sandbox.store import Roll, World

_SCHOOL_WEEK = 5
_USUAL_ROLL = 200


def advance(world: World, *, days: int) -> list[dict[str, Any]]:
    """Move the calendar on and give the log of what changed, netted over all the days."""
    world.fill()
    for _ in range(days):
        entered_at = world.clock.next_day()
        if world.clock.today == terms.year_start(world.clock.today.year):
            move_up(world)
        _arrivals(world)
        for school in world.schools:
            roll = world.roll(school)
            if school.is_open(world.clock.today.toordinal()):
                _school_day(world, roll, entered_at)
    return world.log.close()


def _arrivals(world: World) -> None:
    """Bring those on roll whose day has come."""
    for pupil, kind in world.joining.pop(world.clock.today.toordinal(), []):
        world.join(pupil, kind=kind)


def _school_day(world: World, roll: Roll, entered_at: float) -> None:
    today = world.clock.today
    rng = world.ids.rng(f"day/{roll.school.dfe_number}/{today.isoformat()}")
    share = len(roll.current()) / _USUAL_ROLL / _SCHOOL_WEEK
    day = Day(world, roll, rng, today)
    for weekly, event in EVENTS:
        often = weekly * share
        for _ in range(int(often) + (rng.random() < often % 1)):
            event(day)
    _reasons(world, roll, today)
    _register(world, roll, today.toordinal(), entered_at)
    roll.version += 1


def _register(world: World, roll: Roll, today: int, entered_at: float) -> None:
    """Log the marks of the day, which the plan of the year already holds."""
    for pupil in roll.pupils:
        if pupil.state == FUTURE:
            continue
        for place in (today * 2, today * 2 + 1):
            if (pupil.number, place) not in roll.book.changed and (byte := roll.book.get(pupil, place)):
                note_mark(world, pupil, place, before=None, after=statutory(byte), at=entered_at)


def _reasons(world: World, roll: Roll, today: date) -> None:
    """Turn marks entered as N into what was found out by today."""
    due = [day for day in roll.book.due if day <= today.toordinal()]
    for day in sorted(due):
        for pupil, correction in roll.book.due.pop(day):
            if roll.book.get(pupil, correction.place) == MARK_BYTE["N"]:
                change_mark(world, roll, pupil, correction.place, MARK_BYTE[correction.code])


def move_up(world: World) -> None:
    """Start an academic year: the oldest leave, the rest move up, the youngest come."""
    july = date.fromordinal(terms.school_days(world.clock.today.year - 1)[-1])
    for school in world.schools:
        roll = world.roll(school)
        for pupil in roll.current():
            if pupil.year == school.years[-1]:
                world.leave(pupil, on=july, reason="PM")
            else:
                world.promote(pupil, YEARS[YEARS.index(pupil.year) + 1])
        _intake(world, roll)


def _intake(world: World, roll: Roll) -> None:
    """Bring the youngest year's new children on the first open day."""
    school, year = roll.school, roll.school.years[0]
    first = date.fromordinal(school.open_days(world.clock.today.year)[0])
    for number in range(school.pupils_a_year[year]):
        name = f"{school.dfe_number}-{first.year}-{number}"
        person = world.newcomer(world.family(f"f-intake-{name}"), year, name=name)
        pupil = new_pupil(world.ids, school, person, year=year, entered_on=first, status="C")
        world.expect(pupil, kind="joined")
