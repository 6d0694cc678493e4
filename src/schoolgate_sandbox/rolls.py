"""A school's roll: who is on it, who left, who is to come.

The roll of a school is made when the school is first touched, from its plan,
its links to other schools and the persons the world already knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Protocol

from schoolgate_sandbox import codes, terms
from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.groups import Birth, issued_in, make_person, pick
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.links import Place
from schoolgate_sandbox.people import FUTURE, YEARS, Family, Person, Pupil, Row
from schoolgate_sandbox.pupils import depart, earlier_enrolment, exclusion, new_pupil
from schoolgate_sandbox.schools import School

_ELSEWHERE = ("Northfield", "Hillside", "Riverbank", "St Anne's")


class Registry(Protocol):
    """What a roll needs of the world around it."""

    ids: Ids
    clock: Clock
    schools: list[School]
    links: dict[int, list[Place]]
    persons: dict[str, Person]

    def family(self, key: str) -> Family: ...

    def linked_person(self, place: Place) -> Person: ...

    def coming_days(self, school: School, after: date, *, count: int) -> list[int]: ...


class RollMaker:
    """Fills one school; serials count up per school and year so that no UPN repeats."""

    def __init__(self, world: Registry, school: School) -> None:
        self.world = world
        self.school = school
        self.rng: Random = world.ids.rng(f"roll/{school.dfe_number}")
        self.pupils: list[Pupil] = []
        self.this_year = terms.academic_year(world.clock.started_on)
        self.today = world.clock.started_on
        self._serials: dict[int, int] = {}

    def fill(self) -> list[Pupil]:
        """Make the whole roll: on roll, left since last September, and to come."""
        places = self.world.links[self.school.index]
        for place in places:
            self._linked(place)
        taken = dict.fromkeys(self.school.years, 0)
        for place in places:
            taken[place.year] += place.role != "left"
        slots = [
            year
            for year, count in self.school.pupils_a_year.items()
            for _ in range(max(0, count - taken[year]))
        ]
        self.rng.shuffle(slots)
        for number, (family, members) in enumerate(self._families(slots)):
            self._household(family, members, number)
        self._leavers()
        self._future()
        self.pupils.sort(key=lambda pupil: pupil.external_id)
        for number, pupil in enumerate(self.pupils):
            pupil.number = number
        return self.pupils

    def _families(self, slots: list[str]) -> Iterator[tuple[Family, list[str]]]:
        """Deal the places out to families of one to three; equal years are twins, rarely."""
        place = number = 0
        while place < len(slots):
            size = self.rng.choices((1, 2, 3), (70, 25, 5))[0]
            members = slots[place : place + size]
            if len(set(members)) < len(members) and self.rng.random() > 0.35:
                members = members[:1]
            place += len(members)
            number += 1
            key = f"{self.school.dfe_number}-f{number}"
            yield self.world.family(key), sorted(members, key=YEARS.index)

    def _household(self, family: Family, years: list[str], number: int) -> None:
        twin: Person | None = None
        for place, year in enumerate(years):
            twin_of = twin if place and years[place - 1] == year else None
            key = f"{self.school.dfe_number}-p{number}-{place}"
            person = make_person(self.world.ids, family, self._birth(key, year, twin_of=twin_of))
            self.world.persons[key] = person
            twin = person
            self._enrol(person, year, entered_on=self._entry(year), status="C")

    def _birth(self, key: str, year: str, *, twin_of: Person | None = None, is_full: bool = True) -> Birth:
        comes_from_elsewhere = self.rng.random() < 0.08
        issued = issued_in(year, academic_year=self.this_year)
        turn = self._serials.get(issued, 0) + 1
        self._serials[issued] = turn
        return Birth(
            key=key,
            year=year,
            academic_year=self.this_year,
            today=self.today,
            la=941 if comes_from_elsewhere else int(self.school.dfe_number[:3]),
            establishment=self.school.establishment,
            # The last hundred of each thousand belong to the linked children.
            serial=turn // 900 * 1000 + turn % 900,
            twin_of=twin_of,
            is_full=is_full,
        )

    def _entry(self, year: str) -> date:
        """Give the September in which the child came, or a day since for one in eight."""
        place = self.school.years.index(year) if year in self.school.years else len(self.school.years)
        came = date.fromordinal(terms.school_days(self.this_year - place)[0])
        if self.rng.random() < 0.12:
            later = came + timedelta(days=self.rng.randrange(20, 300))
            came = later if later < self.today else came
        return min(came, self.today)

    def _enrol(self, person: Person, year: str, *, entered_on: date, status: str) -> Pupil:
        pupil = new_pupil(
            self.world.ids, self.school, person, year=year, entered_on=entered_on, status=status
        )
        first_day = date.fromordinal(terms.school_days(terms.academic_year(entered_on))[0])
        if entered_on != first_day and status == "C":
            pupil.groups["LearnerEnrolments"].append(self._came_from(pupil, entered_on))
        self._exclude(pupil)
        self.pupils.append(pupil)
        return pupil

    def _came_from(self, pupil: Pupil, entered_on: date) -> Row:
        """Give the row of a school outside the authority."""
        authority = self.rng.choice(codes.OTHER_AUTHORITIES)
        left_on = entered_on - timedelta(days=self.rng.randrange(1, 12))
        values = earlier_enrolment(
            dfe_number=f"{authority}{2000 + self.rng.randrange(900)}",
            name=f"{self.rng.choice(_ELSEWHERE)} Primary School",
            entered_on=left_on - timedelta(days=self.rng.randrange(200, 400)),
            left_on=left_on,
            reason="IM",
            year=pupil.year,
        )
        return Row("0", values)

    def _exclude(self, pupil: Pupil) -> None:
        if self.rng.random() > 0.009 or pupil.year.startswith("N"):
            return
        days = [day for year in (self.this_year - 1, self.this_year) for day in self.school.open_days(year)]
        days = [day for day in days if pupil.entered_on.toordinal() < day < self.today.toordinal() - 6]
        if days:
            values = exclusion(self.rng, self.school, self.rng.choice(days))
            pupil.own("LearnerExclusions").append(Row("1", values))

    def _linked(self, place: Place) -> None:
        """Put a linked child on this school's roll, making the person if nobody has yet."""
        person = self.world.linked_person(place)
        moved_on = self._moved_on(place)
        if place.role == "left":
            entered = date.fromordinal(terms.school_days(self.this_year - 1)[0])
            pupil = new_pupil(
                self.world.ids, self.school, person, year=place.year, entered_on=entered, status="C"
            )
            depart(pupil, on=moved_on - timedelta(days=3), reason="IM")
            self.pupils.append(pupil)
            return
        status = {"main": "M", "subsidiary": "S"}.get(place.role, "C")
        entered = moved_on if place.role == "moved" else self._entry(place.year)
        pupil = new_pupil(
            self.world.ids, self.school, person, year=place.year, entered_on=entered, status=status
        )
        if place.role == "moved":
            source = self.world.schools[place.other]
            values = earlier_enrolment(
                dfe_number=source.dfe_number,
                name=source.name,
                entered_on=date.fromordinal(terms.school_days(self.this_year - 1)[0]),
                left_on=moved_on - timedelta(days=3),
                reason="IM",
                year=place.year,
            )
            pupil.groups["LearnerEnrolments"].append(Row("0", values))
        self.pupils.append(pupil)

    def _moved_on(self, place: Place) -> date:
        """Give the Monday on which a linked child came to the second school."""
        back = 14 + self.world.ids.number(place.person) % 120
        day = self.today - timedelta(days=back)
        return day - timedelta(days=day.weekday())

    def _leavers(self) -> None:
        """Add those who left: the oldest year in July, and a few in the year."""
        oldest = self.school.years[-1]
        left = YEARS[YEARS.index(oldest) + 1]
        july = date.fromordinal(terms.school_days(self.this_year - 1)[-1])
        for number in range(self.school.pupils_a_year[oldest]):
            self._leaver(f"y{number}", left, on=july, reason="PM")
        for number in range(max(1, self.school.pupils // 40)):
            day = self.today - timedelta(days=self.rng.randrange(3, 330))
            day = max(day, date.fromordinal(terms.school_days(self.this_year - 1)[20]))
            reason = pick(self.rng, codes.LEAVING_REASONS)
            self._leaver(f"i{number}", self.rng.choice(self.school.years), on=day, reason=reason)

    def _leaver(self, name: str, year: str, *, on: date, reason: str) -> None:
        key = f"{self.school.dfe_number}-l{name}"
        birth = self._birth(key, year, is_full=False)
        person = make_person(self.world.ids, self.world.family(f"f-{key}"), birth)
        self.world.persons[key] = person
        entered = date.fromordinal(terms.school_days(self.this_year - 1)[0])
        then = YEARS[max(0, YEARS.index(year) - (terms.academic_year(on) < self.this_year))]
        pupil = new_pupil(self.world.ids, self.school, person, year=then, entered_on=entered, status="C")
        depart(pupil, on=on, reason=reason)
        self.pupils.append(pupil)

    def _future(self) -> None:
        """Add a child or two who have a place from a coming school day."""
        for number in range(self.rng.choice((0, 1, 1, 2))):
            days = self.world.coming_days(self.school, self.today, count=40)
            entered = date.fromordinal(days[self.rng.randrange(2, 40)])
            year = self.rng.choice(self.school.years)
            key = f"{self.school.dfe_number}-n{number}"
            person = make_person(self.world.ids, self.world.family(f"f-{key}"), self._birth(key, year))
            self.world.persons[key] = person
            pupil = new_pupil(self.world.ids, self.school, person, year=year, entered_on=entered, status="C")
            pupil.state = FUTURE
            pupil.applied_on = self.today - timedelta(days=self.rng.randrange(20, 90))
            self.pupils.append(pupil)
